/** A hook while it runs: without words, with nothing of our environment, and ended with all that it started. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { parse } from 'node:path'

export interface HookProcess {
  /** Undefined when it ended with 0, else what it did. */
  readonly ended: Promise<string | undefined>
  /** Asks it to end; on Windows there is no asking, and it ends. */
  stop(): void
  kill(): void
}

const isWindows = process.platform === 'win32'

export function startHook(path: string): HookProcess {
  const options: SpawnOptions = { cwd: parse(path).root || '/', env: {}, stdio: 'ignore', shell: false }
  const child = isWindows ? onWindows(path, options) : spawn(path, [], { ...options, detached: true })
  const end = (by: NodeJS.Signals) => (isWindows ? endTree(child) : endGroup(child, by))
  return {
    ended: new Promise(resolve => {
      child.once('error', error => resolve(`could not be run (${error.message})`))
      child.once('exit', (code, by) =>
        resolve(code === 0 ? undefined : by === null ? `ended with exit code ${code}` : `was ended by ${by}`),
      )
    }),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/** A group of its own, so that what it started ends with it. */
function endGroup({ pid }: ChildProcess, by: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, by)
  } catch {
    // It has ended by itself.
  }
}

/** Of the system's own programs, by their whole paths. */
const systemProgram = (name: string): string =>
  `${process.env.SystemRoot || 'C:\\Windows'}\\System32\\${name}`

/** Only cmd.exe runs a .cmd; what hook-file.ts lets through means nothing else to it between quotes. */
function onWindows(path: string, options: SpawnOptions): ChildProcess {
  const quiet: SpawnOptions = { ...options, windowsHide: true }
  if (!path.endsWith('.cmd')) return spawn(path, [], quiet)
  const words = ['/d', '/s', '/c', `""${path}""`]
  return spawn(systemProgram('cmd.exe'), words, { ...quiet, windowsVerbatimArguments: true })
}

/** There are no groups: who was started by whom is what the system remembers while they live. */
function endTree(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const words = ['/T', '/F', '/PID', String(child.pid)]
  const killer = spawn(systemProgram('taskkill.exe'), words, { stdio: 'ignore', windowsHide: true })
  const itself = () => void child.kill()
  killer.once('error', itself)
  killer.once('exit', itself)
}
