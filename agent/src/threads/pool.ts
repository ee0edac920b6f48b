/**
 * A few threads that answer requests in parallel. They begin with the first request and end when there is none for a
 * while; an idle thread does not keep the process alive.
 */
import type { Worker } from 'node:worker_threads'
import { ownThread, whyThreadEnded } from './own-thread.ts'
import type { ThreadData } from './requests.ts'

export interface Ticketed {
  readonly ticket: number
}

export interface PoolOptions {
  readonly script: URL
  readonly threads: number
  /** Given to each thread. */
  readonly own?: unknown
  /** Of each thread's heap, in MiB: threads that work on a few megabytes at a time are kept that way. */
  readonly youngMiB: number
  readonly oldMiB: number
}

export interface Pool<Request extends Ticketed, Reply extends Ticketed> {
  /** Answered in about the order of asking, by whichever thread is free; rejects when that thread dies. */
  ask(request: (ticket: number) => Request): Promise<Reply>
  /** What was asked and not answered is dropped. Resolves when the threads have gone. */
  end(): Promise<void>
}

interface Thread<Reply> {
  readonly worker: Worker
  readonly ending: SharedArrayBuffer
  readonly waiting: Map<number, Answer<Reply>>
}

interface Answer<Reply> {
  resolve(reply: Reply): void
  reject(error: unknown): void
}

interface Asked<Request, Reply> extends Answer<Reply> {
  readonly message: Request
}

const idleMs = 5000
/** One that it works on and two that wait, while nobody here has time for it; all others go to who is ready first. */
const perThreadMax = 3

export function threadPool<Request extends Ticketed, Reply extends Ticketed>(
  options: PoolOptions,
): Pool<Request, Reply> {
  let pool: Thread<Reply>[] = []
  let queue: Asked<Request, Reply>[] = []
  let ticket = 0
  let idle: NodeJS.Timeout | undefined
  return { ask, end }

  function ask(request: (ticket: number) => Request): Promise<Reply> {
    clearTimeout(idle)
    const message = request(++ticket)
    return new Promise((resolve, reject) => {
      queue.push({ message, resolve, reject })
      giveOut()
    })
  }

  async function end(): Promise<void> {
    clearTimeout(idle)
    const ending = pool
    pool = []
    queue = []
    await Promise.all(ending.map(gone))
  }

  function giveOut(): void {
    for (let thread = free(); thread !== undefined && queue.length > 0; thread = free()) {
      const { message, ...answer } = queue.shift() as Asked<Request, Reply>
      const { worker, waiting } = thread
      waiting.set(message.ticket, answer)
      worker.ref()
      worker.postMessage(message)
    }
  }

  /** The thread with the fewest requests, a new one if need be; undefined when all have enough. */
  function free(): Thread<Reply> | undefined {
    const quiet = pool.find(({ waiting }) => waiting.size === 0)
    if (quiet !== undefined) return quiet
    if (queue.length > 0 && pool.length < options.threads) {
      const thread = start()
      pool.push(thread)
      return thread
    }
    return pool.find(({ waiting }) => waiting.size < perThreadMax)
  }

  function start(): Thread<Reply> {
    const ending = new SharedArrayBuffer(4)
    const worker = ownThread(options.script, {
      workerData: { ending, own: options.own } satisfies ThreadData,
      resourceLimits: { maxYoungGenerationSizeMb: options.youngMiB, maxOldGenerationSizeMb: options.oldMiB },
    })
    const waiting: Thread<Reply>['waiting'] = new Map()
    const thread: Thread<Reply> = { worker, ending, waiting }
    worker.on('message', (reply: Reply) => {
      const caller = waiting.get(reply.ticket)
      waiting.delete(reply.ticket)
      // One that is being ended keeps the process alive: somebody waits for its end.
      if (waiting.size === 0 && pool.includes(thread)) worker.unref()
      caller?.resolve(reply)
      giveOut()
      if (pool.every(thread => thread.waiting.size === 0)) idle = setTimeout(() => void end(), idleMs).unref()
    })
    worker.on('error', error => {
      pool = pool.filter(thread => thread.worker !== worker)
      for (const { reject } of waiting.values()) reject(whyThreadEnded(error))
      giveOut()
    })
    return thread
  }
}

/** Resolves when the thread has finished what it works on and gone. */
function gone({ worker, ending }: Pick<Thread<never>, 'worker' | 'ending'>): Promise<void> {
  return new Promise(resolve => {
    worker.ref()
    worker.once('exit', () => resolve())
    Atomics.store(new Int32Array(ending), 0, 1)
    worker.postMessage(undefined)
  })
}
