/** A few threads that seal segments in parallel. They begin with the first segment and end when there is none for a while. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Bytes } from '@backstay/proto/bytes'
import type { SealedObject, SealingKeys } from '@backstay/proto/content/seal'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import type { SealReply, SealRequest } from './seal-worker.ts'

export interface Sealer extends AsyncDisposable {
  /** A buffer of `segmentBytes`, perhaps used before. */
  buffer(): Bytes
  /** Seals `bytes`, whose buffer is given away. */
  seal(bytes: Bytes): Promise<SealedObject>
}

/** Shared segments are cut here; with the 9 bytes before the content, 1 MiB is a Padmé length (docs/format.md §6). */
export const segmentBytes = 1024 * 1024 - 9

/** More threads than this only cost memory: one already seals faster than most links carry. */
const workersMax = 4
const idleMs = 5000

interface Waiting {
  readonly resolve: (sealed: SealedObject) => void
  readonly reject: (error: unknown) => void
}

interface Thread {
  readonly worker: Worker
  readonly waiting: Map<number, Waiting>
}

export function workerSealer(
  keys: SealingKeys,
  threads = Math.min(workersMax, availableParallelism()),
): Sealer {
  let pool: Thread[] = []
  let ticket = 0
  let idle: NodeJS.Timeout | undefined
  const free: Bytes[] = []

  return {
    buffer: () => free.pop() ?? new Uint8Array(segmentBytes),
    seal(bytes) {
      clearTimeout(idle)
      const thread = leastBusy()
      const request: SealRequest = { ticket: ++ticket, plain: bytes }
      return new Promise<SealedObject>((resolve, reject) => {
        thread.waiting.set(request.ticket, { resolve, reject })
        thread.worker.ref()
        thread.worker.postMessage(request, [bytes.buffer as ArrayBuffer])
      })
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(idle)
      await end()
    },
  }

  function leastBusy(): Thread {
    const quiet = pool.find(thread => thread.waiting.size === 0)
    if (quiet !== undefined) return quiet
    if (pool.length < threads) {
      const thread = start()
      pool.push(thread)
      return thread
    }
    return pool.reduce((least, thread) => (thread.waiting.size < least.waiting.size ? thread : least))
  }

  function start(): Thread {
    const workerData: SealingKeys = { epoch: keys.epoch, objectKey: keys.objectKey }
    const worker = new Worker(new URL('./seal-worker.ts', import.meta.url), {
      workerData,
      // A thread works on a few megabytes at a time; a small young generation keeps it that way.
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
    })
    const waiting = new Map<number, Waiting>()
    worker.on('message', (reply: SealReply) => {
      const answer = waiting.get(reply.ticket)
      waiting.delete(reply.ticket)
      // An idle thread does not keep the process alive.
      if (waiting.size === 0) worker.unref()
      if ('error' in reply) answer?.reject(reply.error)
      else {
        if (reply.plain.buffer.byteLength === segmentBytes) free.push(new Uint8Array(reply.plain.buffer))
        const reference = { id: reply.id as ObjectId, key: reply.key }
        answer?.resolve({ reference, stored: reply.stored as Sealed })
      }
      if (pool.every(thread => thread.waiting.size === 0)) idle = setTimeout(() => void end(), idleMs).unref()
    })
    worker.on('error', error => {
      pool = pool.filter(thread => thread.worker !== worker)
      for (const { reject } of waiting.values()) reject(error)
    })
    return { worker, waiting }
  }

  async function end(): Promise<void> {
    const ending = pool
    pool = []
    free.length = 0
    await Promise.all(ending.map(thread => thread.worker.terminate()))
  }
}
