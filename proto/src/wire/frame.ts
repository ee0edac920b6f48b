/** What agent, admin and collector say to each other, one frame a message. Generated code stays behind wire.ts. */
import type { Bytes } from '../bytes.ts'
import type { ShownLog } from '../log/witness.ts'
import type { DeviceId, FleetId, ObjectId, Sealed } from '../object/id.ts'

export interface Frame {
  /** Chosen by the caller, from 1; answers carry the same number. 0 concerns the whole session. */
  readonly request: number
  readonly body: Body
}

export type Body =
  | Hello
  | Challenge
  | Proof
  | Welcome
  | Enroll
  | Found
  | Have
  | Missing
  | Put
  | Stored
  | Get
  | GotObject
  | Done
  | Publish
  | Published
  | PutRecord
  | ListRecords
  | ListedRecord
  | ListDevices
  | ListedDevice
  | ListSnapshots
  | ListedSnapshot
  | Refused
  | Heartbeat
  | Heard
  | Orders
  | Obeyed
  | Jobs
  | JobProgress
  | AskProgress
  | AskLog
  | LogProof

export type Kind = Body['kind']
export type BodyOf<K extends Kind> = Extract<Body, { readonly kind: K }>

/** `newcomer`: a device that enrols. `founder`: the admin who founds the fleet with the collector's set-up code. */
export type Speaker = 'device' | 'admin' | 'newcomer' | 'founder'

/** A device's newest commit. */
export interface Head {
  /** From 1. */
  readonly sequence: number
  /** Record id of the commit. */
  readonly id: ObjectId
}

export interface Hello {
  readonly kind: 'hello'
  readonly version: number
  readonly speaker: Speaker
  readonly fleet: FleetId
  /** SHA-256 of the speaker's Ed25519 public key. */
  readonly keyId: Bytes
  readonly nonce: Bytes
  /** Of a device: its newest acknowledged commit. */
  readonly head: Head | undefined
  /** Version of the newest Trust document that the speaker holds; 0 = none. */
  readonly trustVersion: number
  /** Name and version of the program, for people. */
  readonly software: string
  /** Of a device that takes part (ratchet.ts): 32 bytes. */
  readonly ratchet: Bytes | undefined
  /** Of a witness of the log. */
  readonly witness: Witnessing | undefined
}

export interface Witnessing {
  /** The checkpoint that it holds. */
  readonly checkpoint: Bytes | undefined
}

export interface Challenge {
  readonly kind: 'challenge'
  readonly version: number
  readonly nonce: Bytes
  /** SHA-256 of the collector's Ed25519 public key. */
  readonly keyId: Bytes
  readonly signature: Bytes
}

export interface Proof {
  readonly kind: 'proof'
  readonly signature: Bytes
}

export interface Welcome {
  readonly kind: 'welcome'
  /** Envelopes of the Trust versions above the one in Hello, in order. */
  readonly trust: readonly Bytes[]
  /** Envelopes of the policies, groups and the assignment that concern this device; none for others. */
  readonly orders: readonly Bytes[]
  /** What the collector holds as this device's newest commit. */
  readonly head: Head | undefined
  readonly windowBytes: number
  readonly windowFrames: number
  /** The collector's clock, unix milliseconds. */
  readonly nowMs: number
  readonly nextRatchet: NextRatchet | undefined
  /** To a witness. */
  readonly log: ShownLog | undefined
}

export interface NextRatchet {
  /** 32 bytes, to be shown in the next Hello. */
  readonly value: Bytes
  /** Since when two machines seem to use this identity; 0 = none. */
  readonly clonedSinceMs: number
}

export interface Enroll {
  readonly kind: 'enroll'
  readonly grant: Bytes
  readonly certificate: Bytes
}

export interface Found {
  readonly kind: 'found'
  /** Secret: never logged. */
  readonly setupCode: Bytes
  /** Envelopes: Trust version 1, keyring, first layer of policy. */
  readonly records: readonly Bytes[]
}

export interface Have {
  readonly kind: 'have'
  readonly ids: readonly ObjectId[]
}

export interface Missing {
  readonly kind: 'missing'
  /** One bit for each id that was asked, least significant first; set = not held. */
  readonly bits: Bytes
}

export interface Put {
  readonly kind: 'put'
  readonly stored: Sealed
}

export interface Stored {
  readonly kind: 'stored'
  /** Request numbers of puts that are durable now. */
  readonly requests: readonly number[]
}

export interface Get {
  readonly kind: 'get'
  readonly ids: readonly ObjectId[]
  /** Whose objects; only admins name a device. */
  readonly device: DeviceId | undefined
}

export interface GotObject {
  readonly kind: 'object'
  /** The id's place in the Get. */
  readonly index: number
  /** Undefined: not held, or damaged. */
  readonly stored: Sealed | undefined
}

/** Ends every answer that is a list. */
export interface Done {
  readonly kind: 'done'
  readonly count: number
}

export interface Publish {
  readonly kind: 'publish'
  /** A commit record. */
  readonly stored: Sealed
}

/** Answers Publish and PutRecord. */
export interface Published {
  readonly kind: 'published'
  readonly id: ObjectId
  readonly receivedAtMs: number
}

export interface PutRecord {
  readonly kind: 'putRecord'
  readonly envelope: Bytes
}

export interface ListRecords {
  readonly kind: 'listRecords'
  /** DSSE payload type of the wanted records. */
  readonly payloadType: string
  /** Undefined: a device asks for its own; an admin for all, the fleet's and those of every device. */
  readonly device: DeviceId | undefined
}

export interface ListedRecord {
  readonly kind: 'record'
  readonly envelope: Bytes
  readonly id: ObjectId
  readonly receivedAtMs: number
}

/** In order of device ids. */
export interface ListDevices {
  readonly kind: 'listDevices'
  /** Only those behind this one. */
  readonly after: DeviceId | undefined
  /** 0 = as many as one answer may hold. */
  readonly limit: number
}

/** What the collector says of a device. Only the envelopes prove anything. */
export interface DeviceRow {
  readonly certificate: Bytes
  /** Empty when the collector lost its record: then nothing proves the device. */
  readonly grant: Bytes
  readonly enrolledAtMs: number
  /** 0 = never. */
  readonly lastSeenMs: number
  /** Envelope of the newest commit. */
  readonly head: Bytes | undefined
  readonly headReceivedAtMs: number
  readonly revoked: boolean
  readonly storedBytes: number
  /** When the newest complete snapshot arrived; 0 = never. */
  readonly lastCompleteAtMs: number
  /** Envelope of the newest heartbeat; undefined: not heard since the catalog began. */
  readonly heartbeat: Bytes | undefined
  readonly heardAtMs: number
  readonly online: boolean
  /** 0 = it is not online. */
  readonly onlineSinceMs: number
  /** 0 = it is not revoked. */
  readonly revokedAtMs: number
  /** When the escrow of its newest epoch came in; 0 = there is none. */
  readonly escrowedAtMs: number
  /** Since when two machines seem to use its identity; 0 = none. */
  readonly clonedSinceMs: number
  /** What it said last of the orders that it obeys; undefined: nothing yet. */
  readonly obeyed: (ObeyedOrders & { readonly atMs: number }) | undefined
}

export interface ListedDevice {
  readonly kind: 'device'
  readonly row: DeviceRow
}

export interface ListSnapshots {
  readonly kind: 'listSnapshots'
  /** Undefined: a device asks for its own, an admin for those of all. */
  readonly device: DeviceId | undefined
  /** 0 = as many as one answer may hold. */
  readonly limit: number
  /** Only those with a smaller sequence; 0 = from the newest. */
  readonly beforeSequence: number
}

export interface ListedSnapshot {
  readonly kind: 'snapshot'
  readonly id: ObjectId
  /** The commit record. */
  readonly stored: Sealed
  readonly receivedAtMs: number
}

/** How a device is, in its own words. Answered with Heard. */
export interface Heartbeat {
  readonly kind: 'heartbeat'
  readonly envelope: Bytes
}

export interface Heard {
  readonly kind: 'heard'
  readonly receivedAtMs: number
}

export interface Refused {
  readonly kind: 'refused'
  /** A Failure code. */
  readonly code: string
  /** For logs of the other side: never a secret, never a path. */
  readonly detail: string
  /** The object or record that was refused. */
  readonly id: ObjectId | undefined
  /** 0 = no advice. */
  readonly retryAfterMs: number
}

/** From the collector, with request 0: what Welcome.orders says now, behind Trust that is newer than Hello's. */
export interface Orders {
  readonly kind: 'orders'
  readonly envelopes: readonly Bytes[]
}

export interface ObeyedOrders {
  /** `standingHash` of the orders that the device obeys, 32 bytes. */
  readonly standing: Bytes
  readonly refused: readonly RefusedOrder[]
}

export interface RefusedOrder {
  /** Of the order, 16 bytes; undefined when it could not be read. */
  readonly id: Bytes | undefined
  /** A Failure code. */
  readonly code: string
}

/** Answered by Done. */
export interface Obeyed extends ObeyedOrders {
  readonly kind: 'obeyed'
}

/** From the collector, with request 0: jobs for this device that it has not reported on. */
export interface Jobs {
  readonly kind: 'jobs'
  readonly envelopes: readonly Bytes[]
}

/** From a device while a job runs, answered by Done; and the collector's answer to AskProgress. For people, not signed. */
export interface JobProgress {
  readonly kind: 'jobProgress'
  /** Order id, 16 bytes. */
  readonly job: Bytes
  readonly entries: number
  readonly bytes: number
  /** Set by the collector; 0 = nothing was heard of it. */
  readonly heardAtMs: number
}

export interface AskProgress {
  readonly kind: 'askProgress'
  readonly device: DeviceId
  readonly job: Bytes
}

/** Of a witness that compares what others saw. */
export interface AskLog {
  readonly kind: 'askLog'
  /** Entries. */
  readonly from: number
  /** 0 = those of the checkpoint in the answer. */
  readonly to: number
}

export interface LogProof extends ShownLog {
  readonly kind: 'logProof'
}
