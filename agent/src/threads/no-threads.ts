/** What the threads of backups and restores do, done where it is asked for: for simulations, in which nothing may be left to chance. */
import { openObject, type SealingKeys, sealObject } from '@backstay/proto/content/seal'
import type { Primitives } from '@backstay/proto/primitives'
import { readBatch } from '../reading/read-batch.ts'
import { writeBatch } from '../restore/write-batch.ts'
import { packListings } from '../scan/listing.ts'
import type { System } from '../system/system.ts'
import type { BackupThreads } from './backup-threads.ts'
import type { RestoreThreads } from './restore-threads.ts'

export function noThreads(system: System, p: Primitives): (keys: SealingKeys) => BackupThreads {
  return keys => ({
    sealer: {
      buffer: length => new Uint8Array(length),
      seal: (bytes, effort) => sealObject(p, keys, { type: 'segment', children: [], bytes }, effort),
      giveBack: () => undefined,
    },
    reader: { read: async batch => readBatch(system, batch) },
    lister: { list: async (folder, names, along) => packListings(system, folder, names, along) },
    [Symbol.asyncDispose]: async () => undefined,
  })
}

export function noRestoreThreads(system: System, p: Primitives): () => RestoreThreads {
  return () => ({
    opener: {
      open: async (reference, stored) => (await openObject(p, reference, 'segment', stored)).bytes,
      giveBack: () => undefined,
    },
    files: {
      writeFiles: async (batch, rules) => writeBatch(system, batch, rules),
      writeRun: async (file, bytes, position) => system.writeAround(file, bytes, position),
    },
    [Symbol.asyncDispose]: async () => undefined,
  })
}
