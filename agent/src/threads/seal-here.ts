/** The first few segments are sealed where they are made: a saved file is sealed before a thread would have begun. */
import { type SealingKeys, sealObject } from '@backstay/proto/content/seal'
import type { Primitives } from '@backstay/proto/primitives'
import type { Sealer } from '../backup/segments.ts'

/** Sealed in less time than a thread takes to begin. */
const segmentsHere = 4

export function sealHereFirst(primitives: Primitives, keys: SealingKeys, threads: Sealer): Sealer {
  let given = 0
  return {
    buffer: length => (given++ < segmentsHere ? new Uint8Array(length) : threads.buffer(length)),
    seal(bytes, effort) {
      if (bytes.buffer instanceof SharedArrayBuffer) return threads.seal(bytes, effort)
      return sealObject(primitives, keys, { type: 'segment', children: [], bytes }, effort)
    },
    giveBack(bytes) {
      if (bytes.buffer instanceof SharedArrayBuffer) threads.giveBack(bytes)
    },
  }
}
