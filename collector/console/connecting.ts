/** How the commands reach a collector: what they need of the link, and nothing else of it is known here. */
import type { Session } from '@backstay/agent/link/session'
import type { Bytes } from '@backstay/proto/bytes'
import type { DeviceId } from '@backstay/proto/object/id'
import type { SigningKey } from '@backstay/proto/primitives'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { DeviceRow, Witnessing } from '@backstay/proto/wire/frame'

export interface AdminConnection {
  readonly urls: readonly string[]
  /** Names the collectors that are genuine, and whether this key is an admin's. */
  readonly trust: VerifiedTrust
  readonly signingKey: SigningKey
  /** What this admin remembers of the collector's log. */
  readonly witness?: Witnessing
  readonly signal: AbortSignal
}

export interface FoundingConnection extends AdminConnection {
  /** From the set-up string. Never logged. */
  readonly code: Bytes
  /** Envelopes: Trust version 1, keyring, first policy. */
  readonly records: readonly Bytes[]
}

export interface Connecting {
  admin(options: AdminConnection): Promise<AdminLink>
  /** Into a parcel that was admitted, by its own key. */
  parcel(options: ParcelConnection): Promise<ParcelLink>
  /** Hands over the records of a new fleet. */
  found(options: FoundingConnection): Promise<void>
}

/** `signingKey` is the parcel's. */
export type ParcelConnection = Omit<AdminConnection, 'witness'>

/** A session that fills a parcel, and does nothing else. */
export type ParcelLink = AsyncDisposable &
  Pick<Session, 'putRecord' | 'missing' | 'put' | 'flush' | 'publish'>

/** Devices, and where a link can say less of them: without newest commits and heartbeats, or one device alone. */
export type DeviceLister = Pick<AdminLink, 'listDevices'> & {
  leanDevices?(device?: DeviceId): AsyncIterable<DeviceRow>
}

/** A session with a collector. It carries envelopes and sealed objects; what they prove is for the caller to find out. */
export type AdminLink = AsyncDisposable &
  Pick<
    Session,
    | 'welcome'
    | 'stats'
    | 'putRecord'
    | 'listRecords'
    | 'listDevices'
    | 'listSnapshots'
    | 'get'
    | 'askProgress'
    | 'askLog'
  >
