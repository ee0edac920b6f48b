/**
 * The door of this room: who belongs to the fleet, who may do what, and the signed records that say so. It believes the
 * Trust chain and nothing else; the catalog only remembers.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId, FleetId, ObjectId } from '@backstay/proto/object/id'
import { isOver } from '@backstay/proto/policy/parcels'
import { type Standing, standingKinds } from '@backstay/proto/policy/standing'
import type { Primitives } from '@backstay/proto/primitives'
import { decodeEnvelope, kindOf, type PayloadKind } from '@backstay/proto/trust/envelope'
import type { Role, TrustDocument, VerifiedTrust } from '@backstay/proto/trust/trust'
import type { Head, Hello, ObeyedOrders } from '@backstay/proto/wire/frame'
import { deviceById, deviceByKeyId, markSeen, setObeyed } from '../catalog/devices.ts'
import { grantById } from '../catalog/grants.ts'
import { oneAtATime } from '../catalog/one-at-a-time.ts'
import { parcelByKeyId } from '../catalog/parcels.ts'
import { latestSnapshot } from '../catalog/snapshots.ts'
import type { Sql } from '../catalog/sql.ts'
import { writerOf } from '../catalog/writers.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { type Enrolment, enrol } from './enrolment.ts'
import { type Founding, isNamed, type OwnIdentity } from './founding.ts'
import { type Heartbeats, keepHeartbeats } from './heartbeats.ts'
import { type Jobs, keepJobs } from './jobs.ts'
import { type Member, requireMayBring } from './member.ts'
import { type Newsroom, newsroom } from './news.ts'
import { isLent, putOutBy, requireParcel } from './parcels.ts'
import { keepRatchets, type Ratchets } from './ratchets.ts'
import { verifyRecord } from './records.ts'
import { keepStandingOrders } from './standing-orders.ts'
import { keepTrust } from './trust-keeper.ts'

export interface FleetOptions {
  readonly p: Primitives
  readonly sql: Sql
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly ingest: Pick<Ingest, 'putRecord'>
  readonly own: OwnIdentity
  /** The keys that this collector made for later; undefined when it made none. */
  readonly next?: () => Promise<OwnIdentity | undefined>
}

/** Somebody who says that he is a member, and the key that must prove it. */
export interface Claim {
  readonly member: Member
  readonly key: Bytes
}

export interface Kept {
  readonly id: ObjectId
  /** The device or parcel that the record put out, whose session must end. */
  readonly revoked: DeviceId | undefined
  /** Some device may have to be shown other orders. */
  readonly ordersChanged: boolean
  /** Some device may have another job, or one less. */
  readonly jobsChanged: boolean
}

export interface KeptRecord extends Kept {
  readonly receivedAtMs: number
}

export interface Fleet {
  readonly own: OwnIdentity
  readonly heartbeats: Heartbeats
  readonly jobs: Jobs
  readonly ratchets: Ratchets
  /** What happens, for whoever shows it. */
  readonly news: Newsroom
  /** Undefined until it was founded. */
  readonly trust: VerifiedTrust | undefined
  /** The version of Trust that named today's recovery kit first. */
  readonly kitSince: number
  /** Undefined for a key that is unknown, revoked, past its end, or of another fleet: nobody is told which. */
  claimOf(hello: Hello): Promise<Claim | undefined>
  /** Whether a device that was let in a moment ago was not put out since. */
  stillKnown(member: Member): Promise<boolean>
  /** What an admin may do now; of a device nothing. */
  rolesOf(member: Member): readonly Role[]
  /** Of a device that was let in, also of one that was put out since. */
  enrolledAtMs(device: DeviceId): Promise<number | undefined>
  /**
   * Whether a device may store: one whose grant asks for approval may from when an admin first says where it stands (an
   * assignment, to a group or to none). Until then it is a member that is heard and stores nothing.
   */
  isApproved(member: Extract<Member, { kind: 'device' }>): Promise<boolean>
  /** Throws what `enrol` throws. */
  enrol(enrolment: Enrolment): Promise<Member>
  /** Throws what the store throws. Founding the same fleet again, after a crash half way, goes on where it stopped. */
  found(founding: Founding): Promise<Member>
  /** Trust envelopes above a version. */
  trustAbove(version: number, bytesMax: number): readonly Bytes[]
  /** Envelopes of the orders about policy that concern a device; the same bytes objects as long as nothing changed. */
  ordersFor(member: Member): Promise<readonly Bytes[]>
  /** The orders about policy of the whole fleet. Throws `not_founded`. */
  standing(): Promise<Standing>
  /** What the device says of them. */
  keepObeyed(device: DeviceId, obeyed: ObeyedOrders): Promise<void>
  headOf(member: Member): Promise<Head | undefined>
  /** Throws `wrong_role`, what the verification throws, and what the store throws. */
  putRecord(member: Member, envelope: Bytes): Promise<KeptRecord>
  /** The same for somebody whom the collector lets do what these roles may. Who must have signed it is asked all the same. */
  putSigned(roles: readonly Role[], envelope: Bytes): Promise<KeptRecord>
  markSeen(seen: ReadonlyMap<DeviceId, number>): Promise<void>
}

export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const { p, sql, clock, ingest, own } = options
  const trust = await keepTrust(p, sql)
  const newestFleet = () => trust.newest?.fleet
  const heartbeats = await keepHeartbeats({ p, sql, clock, fleet: newestFleet })
  const ratchets = await keepRatchets({ p, sql, clock, fleet: newestFleet })
  const orders = keepStandingOrders(p, sql)
  const news = newsroom()
  const jobs = keepJobs(sql, clock, newestFleet, news, (source, receiver) =>
    isLent(sql, newestFleet(), source, receiver, clock.now()),
  )
  const inTurn = oneAtATime()

  function rolesOf(member: Member): readonly Role[] {
    return member.kind === 'admin' ? trust.rolesOf(member.key, clock.now()) : []
  }

  /** A version that names no key of ours would shut out every device for good: nobody could bring the next one. */
  async function requireNamed(document: TrustDocument): Promise<void> {
    if (isNamed(document, own)) return
    const later = await options.next?.()
    if (later !== undefined && isNamed(document, later)) return
    throw new Failure('collector_unnamed', 'this version of Trust names no key of this collector')
  }

  /** One at a time: the next version is verified against the one before. */
  function keepTrustVersion(envelope: Bytes): Promise<Kept> {
    return inTurn(async () => {
      const next = await trust.verify(envelope)
      await requireNamed(next.document)
      const id = await ingest.putRecord('fleet', envelope)
      trust.believe(next)
      orders.trustChanged()
      return { id, revoked: undefined, ordersChanged: true, jobsChanged: false }
    })
  }

  async function keepOrder(envelope: Bytes): Promise<Kept> {
    const kind = await verifyRecord(p, envelope, { trust: trust.required(), nowMs: clock.now() })
    if (kind === 'parcel') await requireParcel(p, sql, trust.required().fleet, envelope)
    const id = await ingest.putRecord('fleet', envelope)
    const ordersChanged = (standingKinds as readonly PayloadKind[]).includes(kind)
    if (ordersChanged) orders.add(envelope)
    if (kind === 'job') await jobs.add(envelope, kind)
    return { id, revoked: putOutBy(kind, envelope), ordersChanged, jobsChanged: kind === 'job' }
  }

  async function parcelClaim(fleet: FleetId, keyId: Bytes): Promise<Claim | undefined> {
    const parcel = await parcelByKeyId(sql, fleet, keyId)
    if (parcel === undefined || isOver(parcel, clock.now())) return undefined
    return { member: { kind: 'parcel', device: parcel.id }, key: parcel.key }
  }

  async function putSigned(roles: readonly Role[], envelope: Bytes): Promise<KeptRecord> {
    const kind = kindOf(decodeEnvelope(envelope))
    requireMayBring(roles, kind)
    const receivedAtMs = clock.now()
    const kept = await (kind === 'trust' ? keepTrustVersion(envelope) : keepOrder(envelope))
    if (kind !== 'job') news.tell({ kind: 'fleet' })
    return { ...kept, receivedAtMs }
  }

  return {
    own,
    heartbeats,
    jobs,
    ratchets,
    news,
    get trust() {
      return trust.newest
    },
    get kitSince() {
      return trust.kitSince
    },
    async claimOf({ speaker, fleet, keyId }) {
      if (trust.newest?.fleet !== fleet) return undefined
      if (speaker === 'admin') {
        const admin = await trust.adminWith(keyId, clock.now())
        return admin && { member: { kind: 'admin', key: admin.key }, key: admin.key }
      }
      const row = await deviceByKeyId(sql, fleet, keyId)
      if (row === undefined) return parcelClaim(fleet, keyId)
      if (row.revokedAtMs !== undefined) return undefined
      return { member: { kind: 'device', device: row.device, grantId: row.grantId }, key: row.deviceKey }
    },
    async stillKnown(member) {
      if (member.kind === 'admin') return rolesOf(member).length > 0
      return (await writerOf(sql, trust.required().fleet, member.device, clock.now()))?.kind === member.kind
    },
    rolesOf,
    enrolledAtMs: async device => (await deviceById(sql, trust.required().fleet, device))?.enrolledAtMs,
    async isApproved({ device, grantId }) {
      const grant = await grantById(sql, trust.required().fleet, grantId)
      if (grant?.manualApproval !== true) return true
      return (await orders.standing(trust.required())).assignments.has(device)
    },
    async enrol(enrolment) {
      await inTurn(() => enrol(sql, ingest, enrolment))
      const { device, grantId } = enrolment.certificate
      news.tell({ kind: 'device', device })
      return { kind: 'device', device, grantId }
    },
    found: founding =>
      inTurn(async () => {
        if (trust.newest !== undefined && trust.newest.fleet !== founding.trust.fleet) {
          throw new Failure('already_founded', 'the collector belongs to a fleet already')
        }
        await ingest.putRecord('fleet', founding.trust.envelope)
        if (trust.newest === undefined) trust.believe(founding.trust)
        for (const envelope of founding.records) await ingest.putRecord('fleet', envelope)
        orders.trustChanged()
        return { kind: 'admin', key: founding.founder }
      }),
    trustAbove: (version, bytesMax) => trust.above(version, bytesMax),
    standing: () => orders.standing(trust.required()),
    ordersFor: async member => (member.kind === 'device' ? orders.concerning(trust.required(), member) : []),
    async headOf(member) {
      if (member.kind !== 'device') return undefined
      const row = await latestSnapshot(sql, trust.required().fleet, member.device)
      return row && { sequence: row.sequence, id: row.id }
    },
    putSigned,
    async putRecord(member, envelope) {
      if (member.kind === 'admin') return putSigned(rolesOf(member), envelope)
      const kind = kindOf(decodeEnvelope(envelope))
      requireMayBring(member.kind, kind)
      const receivedAtMs = clock.now()
      // Signatures are ingest's to check; here, that nobody fills the packs with words on nothing.
      if (kind === 'report') await jobs.requireReportable(member.device, envelope)
      const id = await ingest.putRecord(member.device, envelope)
      if (kind === 'report') await jobs.add(envelope, kind)
      if (member.kind === 'device') news.tell({ kind: 'device', device: member.device })
      return { id, receivedAtMs, revoked: undefined, ordersChanged: false, jobsChanged: kind === 'report' }
    },
    async keepObeyed(device, obeyed) {
      await setObeyed(sql, trust.required().fleet, device, { ...obeyed, atMs: clock.now() })
      news.tell({ kind: 'obeyed', device, refused: obeyed.refused.length })
    },
    async markSeen(seen) {
      if (trust.newest === undefined || seen.size === 0) return
      const rows = [...seen].map(([device, atMs]) => ({ device, atMs }))
      await markSeen(sql, trust.newest.fleet, rows)
    },
  }
}
