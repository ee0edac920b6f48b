/** How the commands reach a collector: what they need of the link, and nothing else of it is known here. */
import type { Bytes } from '@backstay/proto/bytes'
import type { DeviceId, ObjectId, Sealed } from '@backstay/proto/object/id'
import type { SigningKey } from '@backstay/proto/primitives'
import type { PayloadKind } from '@backstay/proto/trust/envelope'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { DeviceRow } from '@backstay/proto/wire/frame'

export interface AdminConnection {
  readonly urls: readonly string[]
  /** Names the collectors that are genuine, and whether this key is an admin's. */
  readonly trust: VerifiedTrust
  readonly signingKey: SigningKey
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
  /** Hands over the records of a new fleet. */
  found(options: FoundingConnection): Promise<void>
}

/** A session with a collector. It carries envelopes and sealed objects; what they prove is for the caller to find out. */
export interface AdminLink extends AsyncDisposable {
  readonly stats: { readonly sentBytes: number; readonly receivedBytes: number }
  /** `trust`: versions above the one we came with. */
  readonly welcome: { readonly trust: readonly Bytes[]; readonly nowMs: number }
  putRecord(envelope: Bytes): Promise<ObjectId>
  /** Of one device, or without one of the fleet. */
  listRecords(kind: PayloadKind, device?: DeviceId): AsyncIterable<ListedRecord>
  listDevices(): AsyncIterable<DeviceRow>
  /** Newest first. */
  listSnapshots(
    device: DeviceId | undefined,
    options?: { readonly limit?: number; readonly beforeSequence?: number },
  ): AsyncIterable<{ readonly id: ObjectId; readonly stored: Sealed; readonly receivedAtMs: number }>
  get(
    ids: readonly ObjectId[],
    device?: DeviceId,
  ): AsyncIterable<{ readonly id: ObjectId; readonly stored: Sealed | undefined }>
}

export interface ListedRecord {
  readonly envelope: Bytes
  readonly id: ObjectId
  readonly receivedAtMs: number
}
