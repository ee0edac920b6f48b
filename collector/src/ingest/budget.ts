/** How many bytes are on their way to the disk. */
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import type { IngestLimits } from './limits.ts'

export interface Budget {
  /** Throws `too_much_in_flight`. */
  take(device: DeviceId, bytes: number): void
  give(device: DeviceId, bytes: number): void
  /** Resolves when all devices together have room again; read no further from a socket before. */
  room(signal?: AbortSignal): Promise<void>
  /** Of all devices together. */
  readonly bytes: number
}

export function budget(limits: Pick<IngestLimits, 'deviceBytesMax' | 'totalBytesMax'>): Budget {
  const ofDevice = new Map<DeviceId, number>()
  const waiting = new Set<() => void>()
  let total = 0
  return {
    get bytes() {
      return total
    },
    take(device, bytes) {
      const mine = (ofDevice.get(device) ?? 0) + bytes
      // Twice, because those who waited for room start together.
      if (mine > limits.deviceBytesMax || total + bytes > 2 * limits.totalBytesMax) {
        throw new Failure('too_much_in_flight', `${mine} bytes of one device wait for the disk`, {
          remedy: 'retry',
        })
      }
      ofDevice.set(device, mine)
      total += bytes
    },
    give(device, bytes) {
      const mine = (ofDevice.get(device) ?? 0) - bytes
      if (mine > 0) ofDevice.set(device, mine)
      else ofDevice.delete(device)
      total -= bytes
      if (total > limits.totalBytesMax) return
      for (const resume of waiting) resume()
      waiting.clear()
    },
    async room(signal) {
      signal?.throwIfAborted()
      if (total <= limits.totalBytesMax) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const abort = () => reject(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      waiting.add(resolve)
      try {
        await promise
      } finally {
        waiting.delete(resolve)
        signal?.removeEventListener('abort', abort)
      }
    },
  }
}
