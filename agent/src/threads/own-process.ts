/** Another process of this program, for what may hold up a whole one. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { isSea } from 'node:sea'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

export interface OwnProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  /** Resolves when it has ended, or when it was told to and does not. */
  readonly gone: Promise<void>
}

/** One that the kernel holds goes when that lets it; nobody waits for it. */
const goneMs = 2000

/** `words`: a command of this program and what follows it. Killed when `signal` is aborted. */
export function ownProcess(words: readonly string[], signal: AbortSignal): OwnProcess {
  const main = fileURLToPath(new URL('../commands/main.ts', import.meta.url))
  const child = spawn(process.execPath, isSea() ? [...words] : [main, ...words], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  // It may be gone before it has read.
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'close').then(
    () => undefined,
    () => undefined,
  )
  const gone = new Promise<void>(resolve => {
    ended.then(resolve)
    signal.addEventListener('abort', end, { once: true })
    ended.then(() => signal.removeEventListener('abort', end))
    function end(): void {
      child.kill('SIGKILL')
      setTimeout(() => {
        child.unref()
        child.stdout.destroy()
        resolve()
      }, goneMs).unref()
    }
  })
  return { child, gone }
}
