/** Where the socket of a state folder lies: in the folder, or on Windows a named pipe that the folder tells of. */
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A path that `listen` and `connect` take, for as long as it is not disposed of. */
export interface SocketPath extends Disposable {
  readonly path: string
}

const socketName = 'agent.sock'
const pipeFile = 'agent.pipe'
const isWindows = process.platform === 'win32'
/** Where there is no /proc, a state folder must not lie deeper than a socket's path is long. */
const hasProc = process.platform === 'linux'

/** A new one, where nobody listens yet. Throws the system's error. */
export function newSocketPath(state: string): SocketPath {
  if (isWindows) return pipe(newPipe(state))
  rmSync(join(state, socketName), { force: true })
  return inFolder(state)
}

/** Undefined when nobody can listen. */
export function socketPath(state: string): SocketPath | undefined {
  try {
    return isWindows ? pipe(readFileSync(join(state, pipeFile), 'utf8')) : inFolder(state)
  } catch {
    return undefined
  }
}

/** A socket's path has at most 107 bytes; a state folder may lie deeper. */
function inFolder(state: string): SocketPath {
  if (!hasProc) return { path: join(state, socketName), [Symbol.dispose]: () => undefined }
  const folder = openSync(state, 'r')
  return {
    path: `/proc/self/fd/${folder}/${socketName}`,
    [Symbol.dispose]: () => closeSync(folder),
  }
}

/** Any program may take a name for a pipe, so that one which nobody can guess is told to those who may read the folder. */
function newPipe(state: string): string {
  const name = `\\\\.\\pipe\\backstay-agent-${randomBytes(16).toString('hex')}`
  writeFileSync(join(state, pipeFile), name)
  return name
}

const pipe = (path: string): SocketPath => ({ path, [Symbol.dispose]: () => undefined })
