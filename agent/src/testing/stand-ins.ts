/** What tests of backups use instead of threads and of the clock of now. */
import type { Clock } from '@backstay/proto/clock'
import { sealObject } from '@backstay/proto/content/seal'
import { nodePrimitives } from '@backstay/proto/node'
import type { Sealer } from '../backup/segments.ts'
import { testKeys } from './memory-vault.ts'

const hourMs = 3_600_000

/** Seals where it is called. */
export const sealerHere: Sealer = {
  buffer: length => new Uint8Array(length),
  seal: (bytes, effort) =>
    sealObject(nodePrimitives, testKeys, { type: 'segment', children: [], bytes }, effort),
  giveBack: () => undefined,
}

/** A clock in which every file was touched long ago, so that nothing is read again for being too fresh. */
export const laterClock: Clock = {
  now: () => Date.now() + hourMs,
  monotonic: () => performance.now(),
  sleep: async () => undefined,
}
