/** The threads of a restore: they open segments and write files, in memory that all of them see. */
import { availableParallelism } from 'node:os'
import type { SegmentOpener } from '@backstay/proto/content/archive/segments-ahead'
import { copyBytes } from '@backstay/proto/copy-bytes'
import { Failure } from '@backstay/proto/failure'
import { release } from '@backstay/proto/release'
import type { FileWriter } from '../restore/target.ts'
import { checked } from '../system/system-error.ts'
import { arrived } from './heap.ts'
import { threadPool } from './pool.ts'
import type { Reply, Request } from './restore-worker.ts'
import { sharedBuffers } from './shared-buffers.ts'

export interface RestoreThreads extends AsyncDisposable {
  readonly opener: SegmentOpener
  readonly files: FileWriter
}

/** More threads than this only cost memory: they write faster than most links carry. */
const threadsMax = 4

/** A thread that dies rejects what it was asked. */
export function restoreThreads(threads = Math.min(threadsMax, availableParallelism())): RestoreThreads {
  const buffers = sharedBuffers()
  const pool = threadPool<Request, Reply>({
    script: new URL('./restore-worker.ts', import.meta.url),
    ...{ threads, youngMiB: 4, oldMiB: 64 },
  })
  return {
    opener: {
      async open(reference, given, length) {
        const stored = buffers.take(given.length)
        copyBytes(given, stored)
        release(given)
        arrived(stored.length)
        // All of it: what is known of the segment may be shorter than it is.
        const room = new Uint8Array(buffers.take(length).buffer)
        const reply = await pool.ask(ticket => ({ ticket, reference, stored, room }))
        buffers.giveBack(stored)
        if ('length' in reply && reply.plain === undefined) return room.subarray(0, reply.length)
        buffers.giveBack(room)
        if ('length' in reply && reply.plain !== undefined) return reply.plain
        if (!('damage' in reply)) throw wrongReply()
        const { code, message } = reply.damage
        throw new Failure(code, message, { remedy: 'repair' })
      },
      giveBack: buffers.giveBack,
    },
    files: {
      async writeFiles(batch, rules) {
        const reply = await pool.ask(ticket => ({ ticket, batch, rules }))
        if (!('batch' in reply)) throw wrongReply()
        return reply.batch
      },
      async writeRun(file, bytes, position) {
        const reply = await pool.ask(ticket => ({ ticket, file, bytes, position }))
        if (!('errno' in reply)) throw wrongReply()
        checked(-reply.errno, 'write')
      },
    },
    [Symbol.asyncDispose]: pool.end,
  }
}

const wrongReply = (): Error => new Error('assertion failed: a thread answers what it was asked')
