/** The ratchet of each device, in memory and in the catalog. It never keeps a device out: who is a copy is served too. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { ratchetBytes } from '@backstay/proto/wire/ratchet'
import { ratchetsOf, writeRatchet } from '../catalog/ratchets.ts'
import type { Sql } from '../catalog/sql.ts'
import { clonedNow, type Ratchet, turn } from './ratchet.ts'

export interface Turned {
  /** For the Welcome. */
  readonly next: Bytes
  /** Since when two machines seem to use this identity. */
  readonly clonedSinceMs: number | undefined
  /** This very connection showed a value that was used up. */
  readonly isOld: boolean
}

export interface Ratchets {
  /** At once, so that two connections of a device never turn it beside one another. */
  turn(device: DeviceId, shown: Bytes): Turned
  /** Before the Welcome leaves. */
  write(device: DeviceId): Promise<void>
  clonedSinceMs(device: DeviceId): number | undefined
}

export interface RatchetsOptions {
  readonly p: Primitives
  readonly sql: Sql
  readonly clock: Pick<Clock, 'now'>
  readonly fleet: () => FleetId | undefined
}

export async function keepRatchets({ p, sql, clock, fleet }: RatchetsOptions): Promise<Ratchets> {
  const known = fleet()
  const ratchets = known === undefined ? new Map<DeviceId, Ratchet>() : await ratchetsOf(sql, known)
  return {
    turn(device, shown) {
      const nowMs = clock.now()
      const before = ratchets.get(device)
      const after = turn(before, shown.slice(), p.random(ratchetBytes), nowMs)
      ratchets.set(device, after)
      const [next] = after.offers
      if (next === undefined) throw new Error('assertion failed: a ratchet offers something')
      const isOld = after.cloned !== undefined && after.cloned !== clonedNow(before, nowMs)
      return { next, clonedSinceMs: after.cloned?.sinceMs, isOld }
    },
    async write(device) {
      const own = fleet()
      const ratchet = ratchets.get(device)
      if (own !== undefined && ratchet !== undefined) await writeRatchet(sql, own, device, ratchet)
    },
    clonedSinceMs: device => clonedNow(ratchets.get(device), clock.now())?.sinceMs,
  }
}
