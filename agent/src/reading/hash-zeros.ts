/** The zeros of a hole, which count in a file's hash and may be a terabyte. */
import type { Hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'

const zeros = new Uint8Array(1024 * 1024)
/** Hashed in one turn: a twentieth of a second. */
const zerosInTurn = 64 * zeros.length

/** Lets others have a turn now and then, and whoever wants to end it. */
export async function hashZeros(
  hasher: Pick<Hash, 'update'>,
  length: number,
  signal?: AbortSignal,
): Promise<void> {
  for (let done = 0; done < length; done += zeros.length) {
    hasher.update(zeros.subarray(0, Math.min(length - done, zeros.length)))
    if (done === 0 || done % zerosInTurn !== 0) continue
    await setImmediate()
    signal?.throwIfAborted()
  }
}
