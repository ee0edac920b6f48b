/** The threads of a restore: they open segments and write files. What they read and fill lies in memory that all see. */
import { availableParallelism } from 'node:os'
import type { SegmentOpener } from '../restore/segments-ahead.ts'
import type { FileWriter } from '../restore/target.ts'
import { sharedBuffers } from '../sealing/shared-buffers.ts'
import { checked } from '../system/system-error.ts'
import { threadPool } from './pool.ts'
import { failureOf, type Reply, type Request } from './restore-worker.ts'

export interface RestoreThreads extends AsyncDisposable {
  readonly opener: SegmentOpener
  readonly files: FileWriter
}

/** More threads than this only cost memory: two already open and write faster than most disks. */
const threadsMax = 4

/** A thread that dies rejects what it was asked. */
export function restoreThreads(threads = Math.min(threadsMax, availableParallelism())): RestoreThreads {
  const buffers = sharedBuffers()
  const pool = threadPool<Request, Reply>({
    script: new URL('./restore-worker.ts', import.meta.url),
    threads,
    youngMiB: 4,
    oldMiB: 64,
  })
  return {
    opener: {
      async open(reference, given, length) {
        const stored = buffers.take(given.length)
        stored.set(given)
        const room = buffers.take(length)
        const reply = await pool.ask(ticket => ({ ticket, open: stored, reference, room }))
        buffers.giveBack(stored)
        if ('opened' in reply && reply.opened.buffer === undefined) return reply.opened
      },
      giveBack: buffers.giveBack,
    },
    files: {},
    [Symbol.asyncDispose]: pool.end,
  }
}
