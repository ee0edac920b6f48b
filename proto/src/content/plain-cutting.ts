/** The chunker's look at every byte, in JavaScript: for pages, whose policy does not let them compile WebAssembly. */
import { type Bytes, viewOf } from '../bytes.ts'
import type { Cutting, CuttingOptions } from './cutting.ts'
import { sipHash } from './siphash.ts'

const gateShift = 24
/** The gear hash forgets a byte after 32 shifts. */
export const windowBytes = 32

export function plainCutting({ gearTable, sipKey, cutBelow }: CuttingOptions): Cutting {
  const view = viewOf(gearTable)
  const table = Int32Array.from({ length: 256 }, (_, index) => view.getInt32(4 * index, true))
  const prf = sipHash(sipKey)
  const gear = new Int32Array(1)
  return {
    next(bytes, from, to) {
      if (from >= to) return undefined
      gear[0] = 0
      for (let at = from - windowBytes; at < from; at++) {
        gear[0] = ((gear[0] as number) << 1) + (table[bytes[at] as number] as number)
      }
      for (
        let at = toGate(table, gear, bytes, from, to);
        at < to;
        at = toGate(table, gear, bytes, at + 1, to)
      ) {
        if (prf.hash(bytes, at + 1 - windowBytes, at + 1) < cutBelow) return at + 1
      }
      return undefined
    },
  }
}

/** The next place where the gate is open, or `to`. By itself, because V8 makes it twice as fast alone as around a call. */
function toGate(table: Int32Array, gear: Int32Array, bytes: Bytes, from: number, to: number): number {
  let hash = gear[0] as number
  let at = from
  for (; at < to; at++) {
    hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0
    if (hash >>> gateShift === 0) break
  }
  gear[0] = hash
  return at
}
