/** A system of its own above the base: what is written into it is gone with it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { baseRoot } from './base-root.ts'

export interface Ran {
  readonly status: number
  /** Both outputs. */
  readonly said: string
}

export interface CleanRoot extends Disposable {
  /** On this machine. */
  readonly path: string
  /** Folders whose sum it is, the uppermost first. */
  readonly layers: readonly string[]
  /** Runs to the end in there, with nothing else running. */
  run(...words: readonly string[]): Ran
}

export interface RootOptions {
  /** How much may be written into it; undefined: as much as the disk takes. */
  readonly bytes?: number
  /** Begins as this one is, which must not change as long as it is used. */
  readonly above?: CleanRoot
}

export function cleanRoot({ bytes, above }: RootOptions = {}): CleanRoot {
  const below = above?.layers ?? [baseRoot()]
  const folder = mkdtempSync(join(tmpdir(), 'backstay-root-'))
  const path = join(folder, 'root')
  const layer = join(folder, 'layer')
  for (const one of [path, layer]) mkdirSync(one)
  const mounted: string[] = []
  const mount = (at: string, ...words: readonly string[]) => {
    execFileSync('mount', [...words, at])
    mounted.unshift(at)
  }
  if (bytes !== undefined) mount(layer, '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs')
  for (const one of ['upper', 'work']) mkdirSync(join(layer, one))
  const upper = join(layer, 'upper')
  // index=off: layers are used again above others, which is well as long as they do not change.
  const options = `lowerdir=${below.join(':')},upperdir=${upper},workdir=${join(layer, 'work')},index=off`
  mount(path, '-t', 'overlay', '-o', options, 'overlay')
  return {
    path,
    layers: [upper, ...below],
    run(...words) {
      const inside = ['--mount', '--fork', '--pid', '--kill-child', '--mount-proc', `--root=${path}`]
      const done = spawnSync('unshare', [...inside, ...words], { env: insideEnvironment, timeout: 120_000 })
      return { status: done.status ?? 1, said: `${done.stdout}${done.stderr}` }
    },
    [Symbol.dispose]() {
      for (const at of mounted) execFileSync('umount', [at])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const insideEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
}
