/**
 * Looks each minute at how every device is, and says once when one became worse or better. Silence is noticed here: a
 * device that is gone cannot say so. Whether an escrow opens is left out: admins prove that, and `backstay devices` shows it.
 */
import type { Clock } from '@backstay/proto/clock'
import { type DeviceFacts, danger, type HealthState, judge } from '@backstay/proto/health/health'
import { rulesFor } from '@backstay/proto/health/rules'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { effectivePolicy } from '@backstay/proto/policy/effective'
import type { Standing } from '@backstay/proto/policy/standing'
import { type DeviceRow, listDevices } from '../catalog/devices.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Log } from '../log.ts'
import type { Fleet } from './fleet.ts'
import type { HeardHeartbeat } from './heartbeats.ts'

export interface HealthWatchOptions {
  readonly sql: Sql
  readonly clock: Clock
  readonly fleet: Pick<Fleet, 'trust' | 'heartbeats' | 'ratchets' | 'standing'>
  onlineSinceMs(device: DeviceId): number | undefined
  readonly log: Log
}

const lookMs = 60_000
const pageRows = 500

export function healthWatch(options: HealthWatchOptions) {
  const { clock, fleet, log } = options
  const known = new Map<DeviceId, HealthState>()
  let isFirst = true

  async function look(own: FleetId): Promise<void> {
    const newest = fleet.heartbeats.newest()
    const standing = await fleet.standing()
    for (
      let after: DeviceId | undefined, rows = await page(own);
      rows.length > 0;
      rows = await page(own, after)
    ) {
      for (const row of rows) notice(row, newest.get(row.device), standing)
      after = rows.at(-1)?.device
    }
    if (isFirst && known.size > 0) {
      const counts = Map.groupBy(known.values(), state => state)
      log.info(
        Object.fromEntries([...counts].map(([state, all]) => [state, all.length])),
        'devices at the start',
      )
      isFirst = false
    }
  }

  const page = (own: FleetId, after?: DeviceId) =>
    listDevices(options.sql, own, { limit: pageRows, ...(after === undefined ? {} : { after }) })

  function notice(row: DeviceRow, heard: HeardHeartbeat | undefined, standing: Standing): void {
    const { device, name } = row
    const { state, sinceMs, reasons } = judge(
      {
        ...factsOf(row, heard, options.onlineSinceMs(device)),
        clonedSinceMs: fleet.ratchets.clonedSinceMs(device),
      },
      rulesFor(effectivePolicy(standing, row).values.objective),
      clock.now(),
    )
    const before = known.get(device)
    known.set(device, state)
    if (before === undefined || before === state) return
    const why = reasons.filter(({ grade }) => grade === state).map(({ code }) => code)
    const facts = { device, name, before, state, since: new Date(sinceMs).toISOString(), why }
    if (danger(state) > danger(before)) log.warn(facts, 'a device is less well protected')
    else if (danger(state) < danger(before)) log.info(facts, 'a device is better protected')
    else log.debug(facts, 'a device changed its state')
  }

  return {
    name: 'health',
    /** Until it is aborted; what fails is tried again at the next look. */
    async run(signal: AbortSignal): Promise<void> {
      for (;;) {
        await clock.sleep(lookMs, signal)
        if (fleet.trust === undefined) continue
        await look(fleet.trust.fleet).catch(error => log.warn({ error }, 'health of devices not looked at'))
      }
    },
  }
}

function factsOf(
  row: DeviceRow,
  heard: HeardHeartbeat | undefined,
  onlineSinceMs: number | undefined,
): Omit<DeviceFacts, 'clonedSinceMs'> {
  const { enrolledAtMs, revokedAtMs, lastSeenMs, head, lastCompleteAtMs } = row
  return {
    ...{ enrolledAtMs, revokedAtMs, lastSeenMs, lastCompleteAtMs, onlineSinceMs },
    heard: heard && { heartbeat: heard.heartbeat, atMs: heard.heardAtMs },
    headSequence: head?.sequence ?? 0,
    headReceivedAtMs: head?.receivedAtMs,
    unprovenSinceMs: undefined,
  }
}
