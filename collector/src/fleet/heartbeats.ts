/**
 * The newest heartbeat of each device: judged when it comes, kept in memory, written in batches. What is lost with the
 * power comes again within a minute of its device's next session.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeHeartbeat, type Heartbeat, verifyHeartbeat } from '@backstay/proto/trust/heartbeat'
import { heartbeatsPerMinute } from '@backstay/proto/wire/limits'
import { deviceKeyOf } from '../catalog/devices.ts'
import { heartbeatsOf, writeHeartbeats } from '../catalog/heartbeats.ts'
import type { Sql } from '../catalog/sql.ts'
import { rateLimit } from '../rate-limit.ts'

export interface HeardHeartbeat {
  readonly heartbeat: Heartbeat
  readonly envelope: Bytes
  readonly heardAtMs: number
}

export interface Heartbeats {
  /**
   * Returns when it was received. Throws `too_many_heartbeats`, `unknown_device`, `stale_heartbeat` when its number does
   * not grow, and what `verifyHeartbeat` throws; the one before then stays.
   */
  take(device: DeviceId, envelope: Bytes): Promise<number>
  /** Of every device that was heard, as they stand now. */
  newest(): ReadonlyMap<DeviceId, HeardHeartbeat>
  /** Those that came since the last time; of devices that are `busy` not every time, since the next is on its way. */
  write(busy: (device: DeviceId) => boolean): Promise<void>
}

export interface HeartbeatsOptions {
  readonly p: Primitives
  readonly sql: Sql
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  /** Undefined until it was founded. */
  readonly fleet: () => FleetId | undefined
}

/** Of a device that stays connected, so many minutes of heartbeats may be lost with the power. */
const busyMs = 2 * 60_000

export async function keepHeartbeats({ p, sql, clock, fleet }: HeartbeatsOptions): Promise<Heartbeats> {
  const known = fleet()
  const newest = known === undefined ? new Map<DeviceId, HeardHeartbeat>() : await stored(sql, known)
  const limit = rateLimit(heartbeatsPerMinute, clock)
  const unwritten = new Set<DeviceId>()
  let allWrittenMs = clock.monotonic()

  return {
    async take(device, envelope) {
      if (!limit.take(device)) throw tooMany()
      const own = fleet()
      const deviceKey = own && (await deviceKeyOf(sql, own, device))
      if (own === undefined || deviceKey === undefined) {
        throw new Failure('unknown_device', `device "${device}" is not enrolled here, or was revoked`)
      }
      const heartbeat = await verifyHeartbeat(p, envelope, { fleet: own, device, deviceKey })
      const before = newest.get(device)?.heartbeat.number ?? 0
      if (heartbeat.number <= before) {
        throw new Failure('stale_heartbeat', `heartbeat ${heartbeat.number} came behind ${before}`, {
          remedy: 'retry',
        })
      }
      const heardAtMs = clock.now()
      // The frame that it came in is not kept for it.
      newest.set(device, { heartbeat, envelope: envelope.slice(), heardAtMs })
      unwritten.add(device)
      return heardAtMs
    },
    newest: () => new Map(newest),
    async write(busy) {
      const own = fleet()
      const all = clock.monotonic() - allWrittenMs >= busyMs
      const batch = [...unwritten].filter(device => all || !busy(device))
      if (own === undefined || batch.length === 0) return
      const rows = batch.flatMap(device => {
        const heard = newest.get(device)
        return heard === undefined ? [] : [{ device, ...heard }]
      })
      for (const device of batch) unwritten.delete(device)
      if (all) allWrittenMs = clock.monotonic()
      try {
        await writeHeartbeats(sql, own, rows)
      } catch (error) {
        for (const device of batch) unwritten.add(device)
        throw error
      }
    },
  }
}

/** What this version cannot read counts as not heard. */
async function stored(sql: Sql, fleet: FleetId): Promise<Map<DeviceId, HeardHeartbeat>> {
  const found = new Map<DeviceId, HeardHeartbeat>()
  for (const { device, envelope, heardAtMs } of await heartbeatsOf(sql, fleet)) {
    try {
      const heartbeat = decodeHeartbeat(decodeEnvelope(envelope).payload)
      found.set(device, { heartbeat, envelope, heardAtMs })
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return found
}

function tooMany(): Failure {
  return new Failure('too_many_heartbeats', 'this device sends more than a heartbeat a second', {
    remedy: 'retry',
  })
}
