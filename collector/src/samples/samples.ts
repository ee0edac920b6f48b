/** Notes once an hour how the fleet and its store are; after six weeks one note a day stays, for a year and more. */
import type { Clock } from '@backstay/proto/clock'
import type { FleetId } from '@backstay/proto/object/id'
import type { Day } from '@backstay/proto/rest/overview'
import type { DeviceView } from '../alerts/facts.ts'
import {
  replaceSamples,
  samplesSince,
  snapshotsBetween,
  storedBytesOf,
  writeSample,
} from '../catalog/samples.ts'
import type { Sql } from '../catalog/sql.ts'
import { firstVault } from '../catalog/vaults.ts'
import type { Log } from '../log.ts'
import { type Forecast, forecast } from './forecast.ts'
import { daysOf, merged, type Sample, startOfDay } from './history.ts'

export interface Samples {
  readonly name: string
  run(signal: AbortSignal): Promise<void>
  /** Notes now. Nothing while nobody has looked at the fleet. */
  take(): Promise<void>
  /** The last days, oldest first. */
  history(days: number): Promise<Day[]>
  forecast(): Promise<Forecast>
}

export interface SamplesOptions {
  readonly sql: Sql
  readonly clock: Clock
  readonly fleet: () => FleetId | undefined
  /** Undefined: not looked at yet. */
  readonly devices: () => readonly Pick<DeviceView, 'state'>[] | undefined
  readonly disk: () => Promise<{ readonly bytes: number; readonly freeBytes: number }>
  readonly log: Log
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const lookMs = 60_000
const hourlyMs = 42 * dayMs
const keptMs = 400 * dayMs

export function openSamples({ sql, clock, fleet, devices, disk, log }: SamplesOptions): Samples {
  async function take(): Promise<void> {
    const [own, now] = [fleet(), devices()]
    if (own === undefined || now === undefined) return
    const atMs = clock.now()
    const before = (await samplesSince(sql, own, atMs - keptMs)).at(-1)
    if (before !== undefined && before.atMs >= atMs) return
    const storedBytes = await storedBytesOf(sql, firstVault)
    const { bytes: diskBytes, freeBytes } = await disk()
    const counts = Map.groupBy(now, ({ state }) => state)
    const states = Object.fromEntries([...counts].map(([state, all]) => [state, all.length]))
    const sample: Sample = {
      ...{ atMs, states, storedBytes, diskBytes, freeBytes },
      devices: now.length - (states.retired ?? 0),
      protected: (states.protected ?? 0) + (states.offline_complete ?? 0),
      snapshots: await snapshotsBetween(sql, own, before?.atMs ?? startOfDay(atMs) - 1, atMs),
      addedBytes: Math.max(0, storedBytes - (before?.storedBytes ?? 0)),
    }
    await writeSample(sql, own, sample)
    await thinOut(own, atMs)
  }

  async function thinOut(own: FleetId, nowMs: number): Promise<void> {
    const beforeMs = startOfDay(nowMs - hourlyMs)
    const old = (await samplesSince(sql, own, 0)).filter(({ atMs }) => atMs < beforeMs)
    const kept = merged(old).filter(({ atMs }) => nowMs - atMs <= keptMs)
    if (kept.length < old.length) await replaceSamples(sql, own, { fromMs: 0, beforeMs }, kept)
  }

  return {
    name: 'samples',
    take,
    async run(signal) {
      let nextMs = clock.monotonic()
      for (;;) {
        await clock.sleep(lookMs, signal)
        if (clock.monotonic() < nextMs || devices() === undefined) continue
        nextMs = clock.monotonic() + hourMs
        await take().catch(error => log.warn({ error }, 'the fleet was not sampled; the next hour is'))
      }
    },
    async history(days) {
      const own = fleet()
      if (own === undefined) return []
      return daysOf(await samplesSince(sql, own, startOfDay(clock.now()) - (days - 1) * dayMs))
    },
    async forecast() {
      const own = fleet()
      return forecast(own === undefined ? [] : await samplesSince(sql, own, 0), clock.now())
    },
  }
}
