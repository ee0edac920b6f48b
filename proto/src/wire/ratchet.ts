/**
 * How two copies of one identity are told from one machine: the collector hands out a value at each Welcome, and the
 * device shows the last that it kept at its next Hello. Whoever shows one that was used up is a copy, or a machine that was
 * put back. docs/protocol.md §3.
 *
 *     6 bytes  counter, big-endian     26 bytes  random
 *
 * The counter tells a collector that lost its own memory from a device that is old. A device only keeps and shows it.
 */
import type { Bytes } from '../bytes.ts'

export const ratchetBytes = 32
const counterBytes = 6
export const ratchetCounterMax = 2 ** (8 * counterBytes) - 1

/** What a device shows that takes part and was never given one. */
export const noRatchet: Bytes = new Uint8Array(ratchetBytes)

export function makeRatchet(counter: number, random: Bytes): Bytes {
  const value = new Uint8Array(ratchetBytes)
  const view = new DataView(value.buffer)
  const bounded = Math.min(counter, ratchetCounterMax)
  view.setUint16(0, Math.floor(bounded / 2 ** 32))
  view.setUint32(2, bounded % 2 ** 32)
  value.set(random.subarray(0, ratchetBytes - counterBytes), counterBytes)
  return value
}

export function ratchetCounter(value: Bytes): number {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2)
}
