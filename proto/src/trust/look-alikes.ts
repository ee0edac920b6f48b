/**
 * A machine that was set up anew enrols as a new device. By marks of its hardware or installation, which each certificate
 * carries, it looks like the device that it was. That is a hint: hardware is sold, images are cloned, and a device says of
 * itself what it likes. So nothing follows from it but a question to an admin: is this its replacement?
 */
import { type Bytes, hex } from '../bytes.ts'
import type { DeviceId } from '../object/id.ts'

export interface MarkedDevice {
  readonly device: DeviceId
  readonly machine: readonly Bytes[]
  /** By the collector's clock, as all times here. */
  readonly enrolledAtMs: number
  readonly lastSeenMs: number | undefined
  readonly isRetired: boolean
}

export interface LookAlikes {
  /** In any order; one that was added is not added again. */
  add(device: Pick<MarkedDevice, 'device' | 'machine'>): void
  /** The newest of those that share a mark with it and were silent since it came. `find`: how each is now. */
  of(device: DeviceId, find: (device: DeviceId) => MarkedDevice | undefined): MarkedDevice | undefined
}

export function lookAlikes(): LookAlikes {
  const marks = new Map<DeviceId, readonly string[]>()
  const bearers = new Map<string, DeviceId[]>()
  return {
    add({ device, machine }) {
      if (marks.has(device)) return
      const own = machine.map(hex)
      marks.set(device, own)
      for (const mark of own) bearers.set(mark, [...(bearers.get(mark) ?? []), device])
    },
    of(device, find) {
      const own = marks.get(device) ?? []
      const late = find(device)
      if (late === undefined || late.isRetired) return undefined
      const others = new Set(own.flatMap(mark => bearers.get(mark) ?? []))
      others.delete(device)
      let newest: MarkedDevice | undefined
      for (const id of others) {
        const other = find(id)
        if (other === undefined || !isBefore(other, late)) continue
        if (newest === undefined || other.enrolledAtMs > newest.enrolledAtMs) newest = other
      }
      return newest
    },
  }
}

/** Two that are both alive are two machines: virtual ones often share what should be theirs alone. */
function isBefore(other: MarkedDevice, late: MarkedDevice): boolean {
  const { isRetired, enrolledAtMs, lastSeenMs = 0 } = other
  return !isRetired && enrolledAtMs < late.enrolledAtMs && lastSeenMs < late.enrolledAtMs
}
