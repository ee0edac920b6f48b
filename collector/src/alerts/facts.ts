/** What alerts are judged by: the fleet at one moment, without anything that opens data. */
import type { HealthState, Reason } from '@backstay/proto/health/health'
import type { ForkKind } from '@backstay/proto/log/witness'

export interface FleetFacts {
  readonly devices: readonly DeviceView[]
  readonly storage: StorageView | undefined
  /** Objects that are damaged or missing. */
  readonly damagedObjects: number
  /** Devices whose snapshots an owner lets go, and from when: somebody may object until then. */
  readonly erasures: readonly {
    readonly device: string
    readonly name: string
    readonly countsFromMs: number
  }[]
  /** Versions that are handed out no further, because devices that run them are worse. */
  readonly haltedReleases: readonly string[]
  /** Devices that commit without end, and how many commits were refused to each. */
  readonly floods: readonly { readonly device: string; readonly name: string; readonly refused: number }[]
  /** The clock jumped: until then, by the retention clock, nothing is deleted. */
  readonly clockHaltedUntilMs: number | undefined
  /** What the collector itself was told of its log. */
  readonly logFork: { readonly kind: ForkKind; readonly sinceMs: number } | undefined
}

export interface DeviceView {
  readonly device: string
  readonly name: string
  readonly platform: string
  /** Those that it stands in, outermost first, lower-case hex. */
  readonly groups: readonly string[]
  readonly state: HealthState
  readonly stateSinceMs: number
  readonly lastContactMs: number
  readonly enrolledAtMs: number
  readonly lastCompleteAtMs: number | undefined
  readonly storedBytes: number
  /** Files not read in the newest snapshot. */
  readonly unread: number
  readonly reasons: readonly Pick<Reason, 'code' | 'sinceMs' | 'count' | 'what'>[]
}

export interface StorageView {
  readonly diskBytes: number
  readonly freeBytes: number
  /** When it is full if it goes on like this. */
  readonly fullAtMs: number | undefined
}

/** Protected or offline and complete, of all that are not retired: 0 to 1. Undefined: there is no device. */
export function coverageOf(devices: readonly Pick<DeviceView, 'state'>[]): number | undefined {
  const counted = devices.filter(({ state }) => state !== 'retired')
  if (counted.length === 0) return undefined
  const well = counted.filter(({ state }) => state === 'protected' || state === 'offline_complete')
  return well.length / counted.length
}
