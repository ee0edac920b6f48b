/** How releases spread among the devices: who runs what, who is to run what, and whether it does them harm. */
import { isRolloutHalted, type RolloutFacts } from '@backstay/proto/health/rollout'
import type { ViewedDevice } from '../fleet/fleet-view.ts'
import type { HeldRelease, PackageStore } from './package-store.ts'

type Seen = Pick<ViewedDevice, 'health' | 'heard' | 'wantedVersion'>

export interface Spread {
  readonly version: string
  readonly devices: number
  /** At risk or unprotected. */
  readonly unwell: number
  /** Devices whose policy names this version and that run another. */
  readonly awaited: number
}

export function rolloutFacts(devices: Iterable<Seen>, version: string): RolloutFacts {
  const facts = { updated: 0, updatedUnwell: 0, others: 0, othersUnwell: 0 }
  for (const device of devices) {
    if (device.health.state === 'retired') continue
    const isUpdated = versionOf(device) === version
    facts[isUpdated ? 'updated' : 'others']++
    if (isUnwell(device)) facts[isUpdated ? 'updatedUnwell' : 'othersUnwell']++
  }
  return facts
}

/** Of every version that somebody runs or is to run. */
export function spreadOf(devices: Iterable<Seen>): readonly Spread[] {
  const spread = new Map<string, { devices: number; unwell: number; awaited: number }>()
  const of = (version: string) => {
    const one = spread.get(version) ?? { devices: 0, unwell: 0, awaited: 0 }
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
): Promise<readonly string[]> {
  const all = [...devices]
  const held = (await store?.list()) ?? []
  return held.flatMap(one => {
    const { version } = one.release
    return stateOf(one, rolloutFacts(all, version)) === 'halted' ? version : []
  })
}

/** Empty: it has not said. */
function versionOf({ heard }: Seen): string {
  return heard?.heartbeat.agentVersion ?? ''
}

function isUnwell({ health: { state } }: Seen): boolean {
  return state === 'at_risk' || state === 'unprotected'
}
