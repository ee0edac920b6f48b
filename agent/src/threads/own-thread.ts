/** A thread of this program: a script beside its sources, or one inside the executable that a release is. */
import { basename } from 'node:path'
import { getAsset, isSea } from 'node:sea'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** `script`: as `new URL('./some-worker.ts', import.meta.url)`; its name is unique in the program. */
export function ownThread(script: URL, options: WorkerOptions): Worker {
  if (!isSea()) return new Worker(script, options)
  // As text and not as an address of its own, which each line of an error's stack would show whole.
  const code = getAsset(`threads/${basename(script.pathname, '.ts')}.js`, 'utf8')
  return new Worker(code, { ...options, eval: true, execArgv: ['--input-type=module'] })
}
