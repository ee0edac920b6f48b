/** A few threads that seal or open segments in parallel. They begin with the first and end when there is none for a while. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Bytes } from '@backstay/proto/bytes'
import type { Reference } from '@backstay/proto/content/entry'
import type { SealedObject } from '@backstay/proto/content/seal'
import { Failure } from '@backstay/proto/failure'
import type { Reply, Request } from './worker.ts'

export interface Sealer {
  /** `length` bytes to be filled, perhaps used before. */
  buffer(length: number): Bytes
  /** Seals the beginning of what `buffer` gave, which it takes back. */
  seal(bytes: Bytes): Promise<SealedObject>
}

export interface Opener extends AsyncDisposable {
  /** Opens a segment; throws what `openObject` throws. */
  open(reference: Reference, stored: Bytes): Promise<Bytes>
}

/** Shared segments are cut here; with the 9 bytes before the content, 1 MiB is a Padmé length (docs/format.md §6). */
export const segmentBytes = 1024 * 1024 - 9

/** More threads than this only cost memory: one already seals faster than most links carry. */
const workersMax = 4
const idleMs = 5000

export function workerOpener(threads = threadsDefault()): Opener {
  const pool = threadPool(threads)
  return {
    async open(reference, stored) {
      const reply = await pool.ask(ticket => ({ ticket, open: stored, reference }))
      if (!('plain' in reply)) throw new Error('assertion failed: an opening answers with plain bytes')
      return reply.plain
    },
    [Symbol.asyncDispose]: pool.end,
  }
}

function threadsDefault(): number {
  return Math.min(workersMax, availableParallelism())
}

interface Pool {
  ask(request: (ticket: number) => Request): Promise<Reply>
  end(): Promise<void>
}

interface Thread {
  readonly worker: Worker
  readonly waiting: Map<number, { resolve(reply: Reply): void; reject(error: unknown): void }>
}

function threadPool(threads: number): Pool {
  let pool: Thread[] = []
  let ticket = 0
  let idle: NodeJS.Timeout | undefined
  return { ask, end }

  function ask(request: (ticket: number) => Request): Promise<Reply> {
    clearTimeout(idle)
    const { worker, waiting } = leastBusy()
    const message = request(++ticket)
    return new Promise((resolve, reject) => {
      waiting.set(message.ticket, { resolve, reject })
      worker.ref()
      worker.postMessage(message)
    })
  }

  async function end(): Promise<void> {
    clearTimeout(idle)
    const ending = pool
    pool = []
    await Promise.all(ending.map(({ worker }) => worker.terminate()))
  }

  function leastBusy(): Thread {
    const quiet = pool.find(thread => thread.waiting.size === 0)
    if (quiet !== undefined) return quiet
    if (pool.length >= threads) {
      return pool.reduce((least, thread) => (thread.waiting.size < least.waiting.size ? thread : least))
    }
    const thread = start()
    pool.push(thread)
    return thread
  }

  function start(): Thread {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      // A thread works on a few megabytes at a time; small generations keep it that way.
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
    })
    const waiting: Thread['waiting'] = new Map()
    const thread: Thread = { worker, waiting }
    worker.on('message', (reply: Reply) => {
      const caller = waiting.get(reply.ticket)
      waiting.delete(reply.ticket)
      // An idle thread does not keep the process alive. One that is being ended must: somebody waits for its end.
      if (waiting.size === 0 && pool.includes(thread)) worker.unref()
      if ('failure' in reply) caller?.reject(failureOf(reply.failure))
      else caller?.resolve(reply)
      if (pool.every(thread => thread.waiting.size === 0)) idle = setTimeout(() => void end(), idleMs).unref()
    })
    worker.on('error', error => {
      pool = pool.filter(thread => thread.worker !== worker)
      for (const { reject } of waiting.values()) reject(error)
    })
    return thread
  }
}

function failureOf({ code, message }: { readonly code: string; readonly message: string }): Failure {
  return new Failure(code, message, { remedy: 'repair' })
}
