/**
 * Whether to obey. An order counts when someone signed it who holds the right role in the Trust that the reader believes
 * now: the collector that carries it decides nothing.
 */
import { type Bytes, equalBytes, hex } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { decodePolicy, type Policy } from '../policy/policy.ts'
import type { StandingOrder } from '../policy/standing.ts'
import type { Primitives } from '../primitives.ts'
import { type Assignment, decodeAssignment } from './assignment.ts'
import { decodeEnvelope, kindOf, type PayloadKind, signersOf } from './envelope.ts'
import { decodeErase, type Erase } from './erase.ts'
import { decodeGrant, type Grant } from './grant.ts'
import { decodeGroup, type Group } from './group.ts'
import { decodeHold, type Hold, holdRoles } from './hold.ts'
import { decodeJob, type Job, roleForJob } from './job.ts'
import { decodeKeyring, type Keyring } from './keyring.ts'
import type { Order } from './order.ts'
import { decodeProof, type Proof } from './proof.ts'
import type { DoneJobs } from './replay.ts'
import { decodeRevoke, type Revoke } from './revoke.ts'
import { adminsWith, type Role, type VerifiedTrust } from './trust.ts'

export interface OrderContext {
  readonly trust: VerifiedTrust
  readonly nowMs: number
  /** The reader's own ids, device id first; absent: orders to anyone pass, as a console wants. */
  readonly audience?: readonly Bytes[]
  /** The reader obeyed this order before: then its expiry is no reason to stop. */
  readonly held?: boolean
}

export interface JobContext extends OrderContext {
  readonly audience: readonly Bytes[]
  readonly done: DoneJobs
}

/** All throw `not_authorized`, `wrong_fleet`, `wrong_audience`, `expired`, `trust_behind` and the decoder's codes. */
export function verifyGrant(p: Primitives, envelope: Bytes, context: OrderContext): Promise<Grant> {
  return verifyOrder(p, 'grant', envelope, context, ['enroll'], decodeGrant)
}

export function verifyPolicy(p: Primitives, envelope: Bytes, context: OrderContext): Promise<Policy> {
  return verifyOrder(p, 'policy', envelope, context, ['policy'], decodePolicy)
}

export function verifyGroup(p: Primitives, envelope: Bytes, context: OrderContext): Promise<Group> {
  return verifyOrder(p, 'group', envelope, context, ['policy'], decodeGroup)
}

export function verifyAssignment(p: Primitives, envelope: Bytes, context: OrderContext): Promise<Assignment> {
  return verifyOrder(p, 'assignment', envelope, context, ['policy'], decodeAssignment)
}

/** A layer, a group or an assignment; also throws `wrong_kind` for anything else. */
export function verifyStanding(
  p: Primitives,
  envelope: Bytes,
  context: OrderContext,
): Promise<StandingOrder> {
  const kind = kindOf(decodeEnvelope(envelope))
  if (kind === 'policy') return verifyPolicy(p, envelope, context)
  if (kind === 'group') return verifyGroup(p, envelope, context)
  return verifyAssignment(p, envelope, context)
}

/** The same without verification: for what was verified before. */
export function decodeStanding(envelope: Bytes): StandingOrder {
  const decoded = decodeEnvelope(envelope)
  const kind = kindOf(decoded)
  if (kind === 'policy') return decodePolicy(decoded.payload)
  if (kind === 'group') return decodeGroup(decoded.payload)
  if (kind === 'assignment') return decodeAssignment(decoded.payload)
  throw new Failure('wrong_kind', `a ${kind} is no order about policy`)
}

export function verifyRevoke(p: Primitives, envelope: Bytes, context: OrderContext): Promise<Revoke> {
  return verifyOrder(p, 'revoke', envelope, context, ['owner', 'enroll'], decodeRevoke)
}

export function verifyKeyring(p: Primitives, envelope: Bytes, context: OrderContext): Promise<Keyring> {
  return verifyOrder(p, 'keyring', envelope, context, ['owner', 'restore'], decodeKeyring)
}

/** A pin, a hold, or the end of one: whoever signs it holds one of `holdRoles`. */
export function verifyHold(p: Primitives, envelope: Bytes, context: OrderContext): Promise<Hold> {
  return verifyOrder(p, 'hold', envelope, context, holdRoles, decodeHold)
}

/** Signed by an owner; how many there were is another question (policy/erasures.ts). */
export function verifyErase(p: Primitives, envelope: Bytes, context: OrderContext): Promise<Erase> {
  return verifyOrder(p, 'erase', envelope, context, ['owner'], decodeErase)
}

export function verifyProof(p: Primitives, envelope: Bytes, context: OrderContext): Promise<Proof> {
  return verifyOrder(p, 'proof', envelope, context, ['owner', 'restore'], decodeProof)
}

/** Whoever carries a job asks no more than that the right person signed it; whom it commands, that device judges. */
export async function verifySignedJob(p: Primitives, envelope: Bytes, context: OrderContext): Promise<Job> {
  // First whether any commander signed it at all, so that nothing unsigned is taken apart; then whether the right one did.
  const { kind } = await verifyOrder(p, 'job', envelope, context, ['policy', 'restore'], decodeJob)
  const job = await verifyOrder(p, 'job', envelope, context, [roleForJob(kind)], decodeJob)
  if (kind === 'pause' && job.order.audience.length !== 1)
    throw new Failure('wrong_audience', 'a pause is for one device, and names it')
  return job
}

/** Also throws `job_replayed`, and `old_trust` when its signer did not know the reader's Trust. Does not mark it done. */
export async function verifyJob(p: Primitives, envelope: Bytes, context: JobContext): Promise<Job> {
  const job = await verifySignedJob(p, envelope, context)
  if (job.order.trustVersion < context.trust.document.version) {
    throw new Failure('old_trust', `the job was signed under version ${job.order.trustVersion} of Trust`, {
      hint: 'have it signed again',
    })
  }
  if (context.done.has(job.order.id)) {
    throw new Failure('job_replayed', `job "${hex(job.order.id)}" was done already`)
  }
  if (context.done.isForgotten(job.order.expiresAtMs)) {
    throw new Failure(
      'expired',
      'the job ends no later than others that expired here; the clock was set back',
      {
        hint: 'set the clock right, and have it signed again',
      },
    )
  }
  return job
}

/**
 * A grant by which a device was admitted in the past: judged by the Trust that its signer names and at the time of its
 * issue, because later changes of people must not undo devices. Only for devices that are already known.
 */
export async function verifyPastGrant(
  p: Primitives,
  envelope: Bytes,
  history: readonly VerifiedTrust[],
): Promise<Grant> {
  const { order } = decodeGrant(decodeEnvelope(envelope).payload)
  const trust = history.find(trust => trust.document.version === order.trustVersion)
  if (trust === undefined) throw behind('grant', order)
  return verifyGrant(p, envelope, { trust, nowMs: order.issuedAtMs })
}

/** For kinds that have a room of their own. */
export async function verifyOrder<T extends { readonly order: Order }>(
  p: Primitives,
  kind: PayloadKind,
  bytes: Bytes,
  context: OrderContext,
  roles: readonly Role[],
  decode: (payload: Bytes) => T,
): Promise<T> {
  const envelope = decodeEnvelope(bytes)
  const allowed = roles.flatMap(role => adminsWith(context.trust, role, context.nowMs))
  if ((await signersOf(p, kind, envelope, allowed)).length === 0) {
    throw new Failure(
      'not_authorized',
      `no one who may sign a ${kind} signed this one (role ${roles.join(' or ')})`,
    )
  }
  const value = decode(envelope.payload)
  checkOrder(kind, value.order, context)
  return value
}

function checkOrder(kind: PayloadKind, order: Order, context: OrderContext): void {
  const { trust, nowMs, audience, held } = context
  if (order.fleet !== trust.fleet)
    throw new Failure('wrong_fleet', `the ${kind} is for fleet "${order.fleet}"`)
  if (order.trustVersion > trust.document.version) throw behind(kind, order)
  if (audience !== undefined && order.audience.length > 0) {
    const meant = order.audience.some(one => audience.some(own => equalBytes(own, one)))
    if (!meant) throw new Failure('wrong_audience', `the ${kind} is meant for others`)
  }
  if (order.expiresAtMs !== 0 && nowMs >= order.expiresAtMs && held !== true) {
    throw new Failure('expired', `the ${kind} expired on ${new Date(order.expiresAtMs).toISOString()}`, {
      hint: 'have it signed again',
    })
  }
}

function behind(kind: PayloadKind, order: Order): Failure {
  return new Failure(
    'trust_behind',
    `the ${kind} was signed under version ${order.trustVersion} of Trust, not known here`,
    {
      remedy: 'retry',
    },
  )
}
