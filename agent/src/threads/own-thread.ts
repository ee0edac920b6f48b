/** A thread of this program: a script beside its sources, or one inside the executable that a release is. */
import { basename } from 'node:path'
import { getAsset, isSea } from 'node:sea'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { Failure } from '@backstay/proto/failure'

/** `script`: as `new URL('./some-worker.ts', import.meta.url)`; its name is unique in the program. */
export function ownThread(script: URL, options: WorkerOptions): Worker {
  if (!isSea()) return new Worker(script, options)
  // As text and not as an address of its own, which each line of an error's stack would show whole.
  const code = getAsset(`threads/${basename(script.pathname, '.ts')}.js`, 'utf8')
  return new Worker(code, { ...options, eval: true, execArgv: ['--input-type=module'] })
}

/** What the end of a thread means to those who wait for its answers. */
export function whyThreadEnded(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_WORKER_INIT_FAILED') return error
  return new Failure('no_thread', `no thread can be started: ${error.message}`, {
    remedy: 'retry',
    hint: 'let it have more files and threads (ulimit -n, ulimit -u), and try again: nothing is lost',
    cause: error,
  })
}
