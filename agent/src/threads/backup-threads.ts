/** The threads of a backup. They begin with the first thing to do and end when there is none for a while. */
import { availableParallelism } from 'node:os'
import type { SealingKeys } from '@backstay/proto/content/seal'
import type { Sealed } from '@backstay/proto/object/id'
import type { Sealer } from '../backup/segments.ts'
import type { FileReader } from '../reading/read-batch.ts'
import { type FolderLister, joinNames } from '../scan/listing.ts'
import type { Reply, Request } from './backup-worker.ts'
import { threadPool } from './pool.ts'
import { sharedBuffers } from './shared-buffers.ts'

export interface BackupThreads extends AsyncDisposable {
  readonly sealer: Sealer
  readonly reader: FileReader
  readonly lister: FolderLister
}

/**
 * One more than there are processors, since one may wait for the disk. Three seal faster than most links carry, and each
 * takes 20 MB.
 */
const threadsDefault = Math.min(3, availableParallelism() + 1)

const none: readonly string[] = []

/** A thread that dies rejects what it was asked. */
export function backupThreads(keys: SealingKeys, threads = threadsDefault): BackupThreads {
  const buffers = sharedBuffers()
  const pool = threadPool<Request, Reply>({
    script: new URL('./backup-worker.ts', import.meta.url),
    threads,
    own: { epoch: keys.epoch, objectKey: keys.objectKey },
    youngMiB: 2,
    oldMiB: 64,
  })
  return {
    sealer: {
      buffer: buffers.take,
      giveBack: buffers.giveBack,
      async seal(bytes, effort) {
        const reply = await pool.ask(ticket => ({ ticket, seal: bytes, effort }))
        buffers.giveBack(bytes)
        if (!('stored' in reply)) throw new Error('assertion failed: a seal answers with sealed bytes')
        return { reference: reply.reference, stored: reply.stored as Sealed }
      },
    },
    reader: {
      async read({ memory, files }) {
        const reply = await pool.ask(ticket => ({ ticket, memory, files }))
        if (!('attributes' in reply)) throw new Error('assertion failed: a batch answers with attributes')
        return reply.attributes
      },
    },
    lister: {
      async list(folder, names, along) {
        const packed = along && { patterns: along.excludes?.patterns ?? none, path: along.path }
        const reply = await pool.ask(ticket => ({ ticket, folder, names: joinNames(names), along: packed }))
        if (!('listings' in reply))
          throw new Error('assertion failed: a question for folders answers with listings')
        return reply.listings
      },
    },
    [Symbol.asyncDispose]: pool.end,
  }
}
