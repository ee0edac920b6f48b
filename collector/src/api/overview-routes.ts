/** The fleet in one answer, and what happened last. */

import { danger } from '@backstay/proto/health/health'
import type { DeviceId } from '@backstay/proto/object/id'
import {
  type Activity,
  type Attention,
  type DeviceState,
  deviceStates,
  type Overview,
  overviewRoutes,
} from '@backstay/proto/rest/overview'
import { countDamage } from '../catalog/damage.ts'
import { lastVerifiedMs, packSums, storedSum, sumsByDevice } from '../catalog/fleet-sums.ts'
import type { NumberedEntry } from '../catalog/log-entries.ts'
import { samplesSince } from '../catalog/samples.ts'
import type { ViewedDevice } from '../fleet/fleet-view.ts'
import { rotationStatus } from '../upkeep/rotation/status.ts'
import { type Answering, answering } from './answer.ts'
import { sees } from './caller.ts'
import { oldestChange } from './device-item.ts'
import { fullAtMs } from './forecast.ts'
import type { ApiParts } from './parts.ts'

const attentionMax = 100
/** What a forecast stands on. */
const forecastMs = 30 * 86_400_000
/** Sums over all snapshots: so often at most. */
const sumsMs = 15_000
/** Below this share of the disk somebody must act. */
const nearlyFull = 0.1

export function overviewRoutesOf(parts: ApiParts): Answering[] {
  const { view, audit, fleet, clock } = parts
  let sums: { readonly atMs: number; readonly value: Promise<StoredFacts> } | undefined
  const storedFacts = () => {
    if (sums === undefined || clock.monotonic() - sums.atMs > sumsMs) {
      sums = { atMs: clock.monotonic(), value: readStored(parts) }
      sums.value.catch(() => {
        sums = undefined
      })
    }
    return sums.value
  }
  return [
    answering(overviewRoutes.overview, async ({ caller }) => {
      const devices = [...view.devices.values()].filter(device => sees(caller, device))
      // The store and the last proof are the whole fleet's.
      const seesAll = caller.groups === undefined
      const stored = seesAll ? await storedFacts() : undefined
      const all = attentionOf(devices, stored, clock.now())
      const counts = countsOf(devices)
      const covered = counts.protected + counts.offline_complete
      const alive = devices.length - counts.retired
      const { trust } = fleet
      const oldest = oldestUnprotected(devices)
      return {
        asOfMs: view.asOfMs,
        ...(trust && { fleet: { id: trust.fleet, name: trust.document.fleetName } }),
        counts,
        ...(alive > 0 && { coverage: covered / alive }),
        attention: all.slice(0, attentionMax),
        attentionTotal: all.length,
        ...(oldest && { oldestUnprotected: oldest }),
        ...stored,
        drill: {
          ...(seesAll && view.lastProofAtMs !== undefined && { lastProofAtMs: view.lastProofAtMs }),
          unproven: devices.filter(
            one => one.unprovenSinceMs !== undefined && one.row.revokedAtMs === undefined,
          ).length,
        },
        hostedKeys: trust?.document.flags.hostedKeys ?? false,
        notices: [],
      }
    }),

    answering(overviewRoutes.activity, async ({ query, caller }) => {
      const entries = fleet.trust === undefined ? [] : await audit.entries({ limit: query.limit })
      const mine = entries.filter(entry => caller.groups === undefined || isSeen(entry, view.devices, caller))
      return { items: mine.map(entry => activityOf(entry, view.devices)) }
    }),
  ]
}

interface StoredFacts {
  readonly storage: NonNullable<Overview['storage']>
  readonly scrub: NonNullable<Overview['scrub']>
}

async function readStored({ sql, vault, fleet, store, clock, retention }: ApiParts): Promise<StoredFacts> {
  const own = fleet.trust?.fleet
  const nowMs = clock.now()
  const filled = own === undefined ? [] : await samplesSince(sql, own, nowMs - forecastMs)
  const [packs, stored, diskFreeBytes, status, damaged, verifiedMs] = await Promise.all([
    packSums(sql, vault),
    storedSum(sql, vault),
    store.freeBytes(),
    rotationStatus(sql, vault),
    countDamage(sql, vault),
    lastVerifiedMs(sql, vault),
  ])
  const fullMs = fullAtMs(filled, diskFreeBytes, nowMs)
  const devices = own === undefined ? [] : await sumsByDevice(sql, own)
  const logicalBytes = devices.reduce((sum, one) => sum + one.newestBytes, 0)
  const every = devices.reduce((sum, one) => sum + one.allBytes, 0)
  return {
    storage: {
      ...{ bytes: stored.bytes, diskBytes: packs.bytes, diskFreeBytes, logicalBytes },
      ...(fullMs !== undefined && { fullAtMs: fullMs }),
      ...(stored.bytes > 0 && every > 0 && { dedup: every / stored.bytes }),
    },
    scrub: {
      damaged,
      // By the retention clock, shown by the system's.
      ...(verifiedMs !== undefined && { lastAtMs: Math.round(nowMs - (retention.now() - verifiedMs)) }),
      ...(packs.packs > 0 && { oldestUnverifiedAtMs: Math.max(0, nowMs - status.oldestAgeMs) }),
    },
  }
}

function countsOf(devices: readonly ViewedDevice[]): Record<DeviceState, number> {
  const counts = Object.fromEntries(deviceStates.map(state => [state, 0])) as Record<DeviceState, number>
  for (const { health } of devices) counts[health.state]++
  return counts
}

function oldestUnprotected(devices: readonly ViewedDevice[]) {
  let oldest: { readonly device: DeviceId; readonly name: string; readonly sinceMs: number } | undefined
  for (const device of devices) {
    const { row } = device
    const sinceMs = row.revokedAtMs === undefined ? oldestChange(device) : undefined
    if (sinceMs === undefined || (oldest !== undefined && oldest.sinceMs <= sinceMs)) continue
    oldest = { device: row.device, name: row.name, sinceMs }
  }
  return oldest
}

/** The gravest first, then the oldest. */
function attentionOf(
  devices: readonly ViewedDevice[],
  stored: StoredFacts | undefined,
  nowMs: number,
): Attention[] {
  const found = devices.flatMap(ofDevice)
  if (stored !== undefined && stored.scrub.damaged > 0) {
    found.push({
      ...{ id: 'scrub', severity: 'critical', kind: 'scrub', code: 'damaged', sinceMs: nowMs },
      what: `${stored.scrub.damaged} stored objects are damaged or missing`,
      remedy: 'run: backstay-collector scrub-status',
    })
  }
  const { diskFreeBytes = 0, diskBytes = 0 } = stored?.storage ?? {}
  if (stored !== undefined && diskFreeBytes < nearlyFull * (diskFreeBytes + diskBytes)) {
    found.push({
      ...{ id: 'storage', severity: 'warning', kind: 'storage', code: 'nearly_full', sinceMs: nowMs },
      what: 'the disk of the packs is nearly full',
      remedy: 'add disk space, or shorten retention',
    })
  }
  const rank = { critical: 0, warning: 1 }
  return found.sort((a, b) => rank[a.severity] - rank[b.severity] || a.sinceMs - b.sinceMs)
}

function ofDevice({ row, health }: ViewedDevice): Attention[] {
  const grade = danger(health.state)
  const [worst] = health.reasons
  if (grade === 0 || worst === undefined) return []
  const kinds: Readonly<Record<string, Attention['kind']>> = {
    order_refused: 'policy',
    escrow_unproven: 'escrow',
    cloned: 'clone',
  }
  return [
    {
      ...{ id: `device ${row.device}`, severity: grade >= 2 ? 'critical' : 'warning', device: row.device },
      ...{
        kind: kinds[worst.code] ?? 'device',
        code: worst.code,
        sinceMs: Math.max(0, Math.round(health.sinceMs)),
      },
      what: `${row.name}: ${worst.code.replaceAll('_', ' ')}${worst.what === '' ? '' : ` (${worst.what})`}`,
      remedy: remedies[worst.code] ?? `run: backstay devices ${row.device.slice(0, 8)}`,
    },
  ]
}

const remedies: Readonly<Record<string, string>> = {
  never_backed_up: 'look whether the agent runs on it: backstay-agent status',
  silent: 'ask its user, or retire it if it is gone',
  escrow_unproven: 'run: backstay prove',
  order_refused: 'look at its policy: backstay policy show --device',
  cloned: 'enroll one of the two machines anew: backstay token',
}

function isSeen(
  { device }: NumberedEntry,
  devices: ReadonlyMap<DeviceId, ViewedDevice>,
  caller: Parameters<typeof sees>[0],
): boolean {
  const viewed = device === undefined ? undefined : devices.get(device as DeviceId)
  return viewed !== undefined && sees(caller, viewed)
}

/** A line of the log in words for the feed. */
function activityOf(
  { number, atMs, actor, action, device }: NumberedEntry,
  devices: ReadonlyMap<DeviceId, ViewedDevice>,
): Activity {
  const name = device === undefined ? undefined : devices.get(device as DeviceId)?.row.name
  const isRefusal = action.endsWith('-refused')
  return {
    ...{ id: String(number), atMs, kind: action.replace(/[^a-z0-9_]/g, '_').slice(0, 64) },
    what: `${action.replaceAll('-', ' ')}${actor.startsWith('device:') ? '' : ` by ${actor}`}`,
    ...(device !== undefined && { device, ...(name !== undefined && { name }) }),
    severity: isRefusal ? 'warning' : action === 'commit' ? 'good' : 'note',
  }
}
