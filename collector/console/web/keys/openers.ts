/** Segments opened by other threads: deciphering and unpacking is most of the work of a restore in a page. */
import type { Bytes } from '@backstay/proto/bytes'
import type { SegmentOpener } from '@backstay/proto/content/archive/segments-ahead'
import { type Caller, caller } from './calls.ts'

/** A page is a guest on the machine. */
const threadsMax = 4

interface Thread {
  readonly calls: Caller
  waiting: number
}

/** `makeThread` starts a worker of opening-worker.ts. Threads begin when they are needed first. */
export function openers(makeThread: () => Worker): SegmentOpener {
  const wanted = Math.max(1, Math.min(threadsMax, (navigator.hardwareConcurrency ?? 2) - 1))
  const threads: Thread[] = []

  function idlest(): Thread {
    const free = threads.find(one => one.waiting === 0)
    if (free !== undefined) return free
    if (threads.length < wanted) {
      const worker = makeThread()
      const calls = caller(worker)
      worker.onmessage = ({ data }) => calls.hear(data)
      threads.push({ calls, waiting: 0 })
    }
    return threads.reduce((least, one) => (one.waiting < least.waiting ? one : least))
  }

  return {
    async open(reference, stored) {
      const thread = idlest()
      thread.waiting++
      try {
        return await thread.calls.ask<Bytes>('open', [reference, stored], [stored.buffer as ArrayBuffer])
      } finally {
        thread.waiting--
      }
    },
    giveBack: () => undefined,
  }
}
