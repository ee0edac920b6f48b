/** A thread of this program: a script beside its sources, or one inside the executable that a release is. */
import { basename } from 'node:path'
import { getAsset, isSea } from 'node:sea'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** `script`: as `new URL('./some-worker.ts', import.meta.url)`; its name is unique in the program. */
export function ownThread(script: URL, options: WorkerOptions): Worker {
  return new Worker(isSea() ? insideScript(script) : script, options)
}

function insideScript({ pathname }: URL): URL {
  const code = getAsset(`threads/${basename(pathname, '.ts')}.js`, 'utf8')
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`)
}
