/** A disk of a size that we choose and change: a tmpfs, which only root can mount. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

export interface SmallDisk {
  /** Larger or smaller, down to what lies on it: then it is full. */
  resize(mebibytes: number): void
  unmount(): void
}

/** Undefined where it cannot be mounted. */
export function mountSmallDisk(path: string, mebibytes: number): SmallDisk | undefined {
  mkdirSync(path, { recursive: true })
  if (mount('-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'tmpfs', path) !== undefined) return undefined
  return {
    resize(mebibytes) {
      const trouble = mount('-o', `remount,size=${Math.ceil(mebibytes * 1024)}k`, path)
      if (trouble !== undefined) throw new Error(`"${path}" cannot be resized: ${trouble}`)
    },
    unmount() {
      const { status, stderr } = spawnSync('umount', [path], { encoding: 'utf8' })
      if (status !== 0) throw new Error(`"${path}" cannot be unmounted: ${stderr}`)
    },
  }
}

/** What went wrong, if anything did. */
function mount(...words: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync('mount', words, { encoding: 'utf8' })
  return status === 0 ? undefined : (error?.message ?? stderr)
}
