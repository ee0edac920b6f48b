/** The fleet's facts of now, from the view that judges all devices, the catalog and the disk. */
import { hex } from '@backstay/proto/bytes'
import { lastContactMs } from '@backstay/proto/health/facts'
import type { DeviceId } from '@backstay/proto/object/id'
import { type EraseFact, eraseCountsFromMs } from '@backstay/proto/policy/erasures'
import type { SeenFork } from '../audit/collector-log.ts'
import { countDamage } from '../catalog/damage.ts'
import type { Sql } from '../catalog/sql.ts'
import type { FleetView, ViewedDevice } from '../fleet/fleet-view.ts'
import type { CommitFlood } from '../ingest/commit-bucket.ts'
import type { ReportFacts } from '../reports/report.ts'
import type { Forecast } from '../samples/forecast.ts'
import type { DeviceView, FleetFacts } from './facts.ts'

export interface FactsOptions {
  readonly sql: Sql
  readonly vault: number
  readonly clock: { now(): number }
  readonly view: Pick<FleetView, 'devices' | 'asOfMs'>
  readonly disk: () => Promise<{ readonly bytes: number; readonly freeBytes: number }>
  readonly forecast: () => Promise<Forecast>
  readonly logFork: () => SeenFork | undefined
  readonly erasures: () => Promise<readonly EraseFact[]>
  readonly haltedReleases: () => Promise<readonly string[]>
  readonly floods: () => readonly CommitFlood[]
  readonly clockHaltedUntilMs: () => number | undefined
}

/** Undefined: nobody has looked at the fleet yet. */
export async function readFacts(options: FactsOptions): Promise<FleetFacts | undefined> {
  const { sql, vault, clock, view } = options
  if (view.asOfMs === 0) return undefined
  const { bytes, freeBytes } = await options.disk()
  const known = await options.forecast()
  const nameOf = (device: DeviceId) => view.devices.get(device)?.row.name ?? device
  return {
    devices: devicesIn(view, clock.now()),
    storage: {
      diskBytes: bytes,
      freeBytes,
      fullAtMs: known.kind === 'full' ? known.atMs : undefined,
    },
    damagedObjects: await countDamage(sql, vault),
    logFork: options.logFork(),
    haltedReleases: await options.haltedReleases(),
    floods: options.floods().map(one => ({ ...one, name: nameOf(one.device) })),
    clockHaltedUntilMs: options.clockHaltedUntilMs(),
    erasures: (await options.erasures())
      .filter(fact => eraseCountsFromMs(fact) > clock.now())
      .map(fact => ({
        device: fact.erase.device,
        name: nameOf(fact.erase.device),
        countsFromMs: eraseCountsFromMs(fact),
      })),
  }
}

export function devicesIn({ devices }: Pick<FleetView, 'devices'>, nowMs: number): DeviceView[] {
  return [...devices.values()].map(device => deviceView(device, nowMs))
}

function deviceView(device: ViewedDevice, nowMs: number): DeviceView {
  const { row, health, heard, onlineSinceMs, groups } = device
  return {
    ...{
      device: row.device,
      name: row.name,
      platform: row.platform,
      groups: groups.map(({ id }) => hex(id)),
    },
    ...{ state: health.state, stateSinceMs: health.sinceMs, reasons: health.reasons },
    lastContactMs: lastContactMs(
      {
        ...{
          enrolledAtMs: row.enrolledAtMs,
          revokedAtMs: row.revokedAtMs,
          onlineSinceMs,
          lastSeenMs: row.lastSeenMs,
        },
        heard: heard && { heartbeat: heard.heartbeat, atMs: heard.heardAtMs },
        ...{ headSequence: row.head?.sequence ?? 0, headReceivedAtMs: row.head?.receivedAtMs },
        ...{ lastCompleteAtMs: row.lastCompleteAtMs, unprovenSinceMs: undefined, clonedSinceMs: undefined },
      },
      nowMs,
    ),
    ...{
      enrolledAtMs: row.enrolledAtMs,
      lastCompleteAtMs: row.lastCompleteAtMs,
      storedBytes: row.storedBytes,
    },
    unread: heard?.heartbeat.unread.reduce((sum, { count }) => sum + count, 0) ?? 0,
  }
}

/** The same with what a report says beside. */
export async function readReportFacts(options: FactsOptions): Promise<ReportFacts | undefined> {
  const fleet = await readFacts(options)
  if (fleet === undefined) return undefined
  const groups = [...options.view.devices.values()].flatMap(device => device.groups)
  return {
    fleet,
    forecast: await options.forecast(),
    groupNames: new Map(groups.map(group => [hex(group.id), group.name])),
  }
}
