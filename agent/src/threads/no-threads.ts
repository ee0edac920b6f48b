/** What the threads of a backup do, done where it is asked for: for simulations, in which nothing may be left to chance. */
import { type SealingKeys, sealObject } from '@backstay/proto/content/seal'
import type { Primitives } from '@backstay/proto/primitives'
import { readBatch } from '../reading/read-batch.ts'
import { packListing } from '../scan/listing.ts'
import type { System } from '../system/system.ts'
import type { BackupThreads } from './backup-threads.ts'

export function noThreads(system: System, p: Primitives): (keys: SealingKeys) => BackupThreads {
  return keys => ({
    sealer: {
      buffer: length => new Uint8Array(length),
      seal: bytes => sealObject(p, keys, { type: 'segment', children: [], bytes }),
    },
    reader: { read: async batch => readBatch(system, batch) },
    lister: { list: async (folder, names) => names.map(name => packListing(system, folder, name)) },
    [Symbol.asyncDispose]: async () => undefined,
  })
}
