/** The programs that are compared. Each is used as its manual says, encrypted, with its defaults. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bytesBelow } from './corpora.ts'
import { type Measured, run } from './measure.ts'

export interface Tool {
  readonly name: string
  /** Undefined when it is not installed. */
  version(): string | undefined
  /** Makes a store in a new folder. */
  open(place: string): Promise<OpenTool>
}

export interface OpenTool {
  backup(root: string): Promise<Measured>
  /** Restores the newest snapshot; what was at `/x` is then at `to/x`. */
  restore(to: string): Promise<Measured>
  /** Restores one folder; returns where it is. */
  restoreFolder(folder: string, to: string): Promise<{ readonly measured: Measured; readonly at: string }>
  storedBytes(): number
  close(): Promise<void>
}

function versionOf(command: readonly string[]): string | undefined {
  const [program = '', ...options] = command
  const { status, stdout } = spawnSync(program, options, { encoding: 'utf8' })
  return status === 0 ? stdout.trim().split('\n')[0] : undefined
}

export const restic: Tool = {
  name: 'restic',
  version: () => versionOf(['restic', 'version']),
  async open(place) {
    mkdirSync(place, { recursive: true })
    const repository = join(place, 'repository')
    const env = {
      RESTIC_REPOSITORY: repository,
      RESTIC_PASSWORD: 'of the bench',
      RESTIC_CACHE_DIR: join(place, 'cache'),
    }
    const warmUp = ['restic', 'version']
    await run(['restic', 'init'], { env })
    return {
      backup: root => run(['restic', 'backup', root], { env, warmUp }),
      restore: to => run(['restic', 'restore', 'latest', '--target', to], { env, warmUp }),
      async restoreFolder(folder, to) {
        const command = ['restic', 'restore', 'latest', '--target', to, '--include', folder]
        return { measured: await run(command, { env, warmUp }), at: join(to, folder) }
      },
      storedBytes: () => bytesBelow(repository),
      async close() {},
    }
  },
}

export const borg: Tool = {
  name: 'borg',
  version: () => versionOf(['borg', '--version']),
  async open(place) {
    mkdirSync(place, { recursive: true })
    const repository = join(place, 'repository')
    const env = { BORG_REPO: repository, BORG_PASSPHRASE: 'of the bench', BORG_BASE_DIR: join(place, 'base') }
    await run(['borg', 'init', '--encryption', 'repokey'], { env })
    const warmUp = ['borg', '--version']
    let archives = 0
    const extract = (to: string, ...paths: readonly string[]) => {
      mkdirSync(to, { recursive: true })
      return run(['borg', 'extract', `::a${archives}`, ...paths], { env, warmUp, cwd: to })
    }
    return {
      backup: root => run(['borg', 'create', `::a${++archives}`, root], { env, warmUp }),
      restore: to => extract(to),
      async restoreFolder(folder, to) {
        return { measured: await extract(to, folder.slice(1)), at: join(to, folder) }
      },
      storedBytes: () => bytesBelow(repository),
      async close() {},
    }
  },
}
