/** A thread's side of its pool (pool.ts). */
import { parentPort, workerData } from 'node:worker_threads'
import type { Buffers } from '../system/load-buffers.ts'

/** What the pool gives every thread. */
export interface ThreadData {
  /** One number: not 0 as soon as nobody wants an answer any more. */
  readonly ending: SharedArrayBuffer
  readonly own: unknown
}

/** What `PoolOptions.own` was. */
export function ownData(): unknown {
  return (workerData as ThreadData).own
}

/**
 * Takes one request after another until the pool ends. A thread goes by itself, between two requests: ended from outside
 * in the middle of compression, Node takes the whole process down. It gives back the `buffers` that it kept.
 */
export function onRequest<Request>(
  take: (request: Request) => void | Promise<void>,
  buffers?: Buffers,
): void {
  const ending = new Int32Array((workerData as ThreadData).ending)
  parentPort?.on('message', async (request: Request) => {
    if (Atomics.load(ending, 0) === 0) return take(request)
    buffers?.giveBack()
    parentPort?.close()
  })
}
