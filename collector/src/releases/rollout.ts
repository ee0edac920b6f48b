/** How releases spread among the devices: who runs what, who is to run what, and whether it does them harm. */
import { isRolloutHalted, type RolloutFacts } from '@backstay/proto/health/rollout'
import type { ViewedDevice } from '../fleet/fleet-view.ts'
import type { HeldRelease, PackageStore } from './package-store.ts'

type Seen = Pick<ViewedDevice, 'health' | 'heard' | 'wantedVersion' | 'onlineSinceMs'> & {
  readonly row: Pick<ViewedDevice['row'], 'took' | 'lastSeenMs'>
}

/** Longer than an installation takes on a slow machine: whoever took a release is back by then, or a laptop was closed. */
const settleMs = 30 * 60_000

export interface Spread {
  readonly version: string
  readonly devices: number
  /** At risk or unprotected. */
  readonly unwell: number
  /** Devices whose policy names this version and that run another. */
  readonly awaited: number
  /** Those that fetched it and were not heard since. */
  readonly silent: number
}

/** `nowMs`: by the collector's clock, as all times here. */
export function rolloutFacts(devices: Iterable<Seen>, version: string, nowMs: number): RolloutFacts {
  const facts = { updated: 0, updatedUnwell: 0, others: 0, othersUnwell: 0 }
  for (const device of devices) {
    if (device.health.state === 'retired') continue
    const isSilent = silencedBy(device, nowMs) === version
    const isUpdated = isSilent || versionOf(device) === version
    facts[isUpdated ? 'updated' : 'others']++
    if (isSilent || isUnwell(device)) facts[isUpdated ? 'updatedUnwell' : 'othersUnwell']++
  }
  return facts
}

/**
 * The release that a device fetched and has not been heard since. A version that ends as it starts never says that it runs:
 * only this silence tells of it. Some of them are laptops that were closed in that half hour; many are no accident.
 */
function silencedBy(device: Seen, nowMs: number): string | undefined {
  const { took, lastSeenMs = 0 } = device.row
  if (took === undefined || device.onlineSinceMs !== undefined || versionOf(device) === took.version)
    return undefined
  const back = took.atMs + settleMs
  return nowMs >= back && lastSeenMs < back ? took.version : undefined
}

/** Of every version that somebody runs or is to run. */
export function spreadOf(devices: Iterable<Seen>, nowMs: number): readonly Spread[] {
  const spread = new Map<string, { devices: number; unwell: number; awaited: number; silent: number }>()
  const of = (version: string) => {
    const one = spread.get(version) ?? { devices: 0, unwell: 0, awaited: 0, silent: 0 }
    spread.set(version, one)
    return one
  }
  for (const device of devices) {
    if (device.health.state === 'retired') continue
    const version = versionOf(device)
    const one = of(version)
    one.devices++
    if (isUnwell(device)) one.unwell++
    if (device.wantedVersion !== '' && device.wantedVersion !== version) of(device.wantedVersion).awaited++
    const silencer = silencedBy(device, nowMs)
    if (silencer !== undefined) of(silencer).silent++
  }
  return [...spread].map(([version, one]) => ({ version, ...one }))
}

/** Somebody's word counts before what the devices say. */
export function stateOf(
  { word }: Pick<HeldRelease, 'word'>,
  facts: RolloutFacts,
): 'handed_out' | 'halted' | 'stopped' {
  if (word === 'stop') return 'stopped'
  return word === undefined && isRolloutHalted(facts) ? 'halted' : 'handed_out'
}

/** Versions that are handed out no further by what their devices say. */
export async function haltedReleases(
  store: Pick<PackageStore, 'list'> | undefined,
  devices: Iterable<Seen>,
  nowMs: number,
): Promise<readonly string[]> {
  const all = [...devices]
  const held = (await store?.list()) ?? []
  return held.flatMap(one => {
    const { version } = one.release
    return stateOf(one, rolloutFacts(all, version, nowMs)) === 'halted' ? version : []
  })
}

/** Empty: it has not said. */
function versionOf({ heard }: Seen): string {
  return heard?.heartbeat.agentVersion ?? ''
}

function isUnwell({ health: { state } }: Seen): boolean {
  return state === 'at_risk' || state === 'unprotected'
}
