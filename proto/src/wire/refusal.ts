/** Failures cross the wire as codes. What a code means, and what to do about it, each side says in its own words. */
import { Failure, type Remedy } from '../failure.ts'
import type { ObjectId } from '../object/id.ts'
import type { Refused } from './frame.ts'
import { codeBytesMax } from './limits.ts'

interface Meaning {
  readonly remedy: Remedy
  readonly message: string
  readonly hint?: string
}

const meanings: Readonly<Record<string, Meaning>> = {
  // One code for a key that is unknown, revoked, of another fleet or badly proved: a stranger learns nothing.
  not_admitted: {
    remedy: 'stop',
    message: 'the collector does not admit this key',
    hint: 'check that it is enrolled with this fleet and not revoked: backstay devices',
  },
  wrong_version: {
    remedy: 'stop',
    message: 'the collector speaks another version of the protocol',
    hint: 'update the older of the two',
  },
  not_founded: {
    remedy: 'stop',
    message: 'the collector belongs to no fleet yet',
    hint: 'run: backstay init',
  },
  bad_founding: {
    remedy: 'stop',
    message: 'these records found no fleet on this collector',
    hint: 'give backstay init the set-up line of this very collector',
  },
  already_founded: {
    remedy: 'stop',
    message: 'the collector belongs to a fleet already',
    hint: 'start another collector with a data folder of its own',
  },
  wrong_setup_code: {
    remedy: 'stop',
    message: 'the set-up code is not the one of this collector',
    hint: 'copy the line that begins with backstay-setup: from its log again',
  },
  wrong_role: { remedy: 'stop', message: 'this key may not do that', hint: 'ask an owner for the role' },
  bad_range: { remedy: 'stop', message: 'the log of the collector has no such entries' },
  grant_used_up: {
    remedy: 'stop',
    message: 'the enrolment token was used as often as it may be',
    hint: 'ask for a new token: backstay token',
  },
  grant_revoked: {
    remedy: 'stop',
    message: 'the enrolment token was revoked',
    hint: 'ask for a new token: backstay token',
  },
  expired: {
    remedy: 'stop',
    message: 'what an admin signed is past its end',
    hint: 'if it is an enrolment token, ask for a new one: backstay token',
  },
  approval_needed: {
    remedy: 'retry',
    message: 'the collector waits for an admin to let this device in',
    hint: 'ask an admin; backups begin by themselves then',
  },
  not_authorized: {
    remedy: 'stop',
    message: 'nobody with the right role signed this',
    hint: 'have it signed by an admin who holds the role now',
  },
  bad_signature: { remedy: 'stop', message: 'a signature does not fit what was sent' },
  wrong_fleet: { remedy: 'stop', message: 'this belongs to another fleet than the collector serves' },
  wrong_grant: { remedy: 'stop', message: 'the certificate belongs to another enrolment token' },
  unknown_device: { remedy: 'stop', message: 'the collector does not know this device, or it was revoked' },
  bad_parcel: { remedy: 'stop', message: 'this is no parcel that the collector may keep' },
  unknown_parcel: {
    remedy: 'stop',
    message: 'the collector knows no such parcel',
    hint: 'list them: backstay parcels',
  },
  retired: { remedy: 'stop', message: 'the device is retired and fetches nothing any more' },
  trust_behind: {
    remedy: 'retry',
    message: 'this was signed under a Trust that the collector has not seen yet',
  },
  collector_unnamed: {
    remedy: 'stop',
    message: 'this version of Trust names no key of the collector: no device could reach it any more',
    hint: 'the keys for later are made with: backstay-collector next-keys',
  },
  replaced: { remedy: 'retry', message: 'another session of this device took the place of this one' },
  revoked: {
    remedy: 'stop',
    message: 'this device was revoked',
    hint: 'ask an admin for a token and enroll it anew: backstay token',
  },
  shutting_down: { remedy: 'retry', message: 'the collector is stopping' },
  handshake_timeout: { remedy: 'retry', message: 'the collector waited too long for the handshake' },
  too_many_handshakes: { remedy: 'retry', message: 'the collector has too many handshakes under way' },
  too_many_attempts: { remedy: 'retry', message: 'this key was badly proved too often' },
  too_many_answers: { remedy: 'retry', message: 'the collector takes no more answers to orders for now' },
  unknown_job: { remedy: 'stop', message: 'the collector knows no such job for this device' },
  job_reported: { remedy: 'stop', message: 'the collector has another report on this job' },
  too_many_commits: { remedy: 'retry', message: 'the collector takes no more commits for now' },
  too_many_heartbeats: { remedy: 'retry', message: 'the collector takes no more heartbeats for now' },
  stale_heartbeat: { remedy: 'retry', message: 'the collector has heard a later heartbeat of this device' },
  bad_heartbeat: { remedy: 'stop', message: 'the collector cannot read our heartbeat' },
  store_full: {
    remedy: 'retry',
    message: 'the collector has no room left',
    hint: 'free or add disk space on the collector; what was acknowledged is safe, and backups go on by themselves',
  },
  store_failed: { remedy: 'retry', message: 'the collector cannot write to its disk; its log says why' },
  too_much_in_flight: { remedy: 'retry', message: 'the collector waits for its disk' },
  catalog_unavailable: {
    remedy: 'retry',
    message: 'the collector cannot reach its catalog',
    hint: 'look at the disk and the log of the collector; what was acknowledged is safe',
  },
  closed: { remedy: 'retry', message: 'the collector is stopping' },
  internal: { remedy: 'retry', message: 'the collector failed; its log says why' },
  bad_frame: { remedy: 'stop', message: 'the collector could not read what we sent' },
  unexpected_frame: { remedy: 'stop', message: 'the collector did not expect what we sent' },
  frame_too_large: { remedy: 'stop', message: 'we sent the collector more than it takes at once' },
  wrong_type: {
    remedy: 'stop',
    message: 'we sent the collector an object of a type that does not go this way',
  },
  bad_commit: { remedy: 'stop', message: 'the collector does not take our signed word for this snapshot' },
  bad_object: { remedy: 'repair', message: 'the collector found an object damaged' },
  unknown_child: { remedy: 'repair', message: 'the collector misses what an object names' },
  unknown_root: { remedy: 'repair', message: 'the collector misses the root of a snapshot' },
  no_escrow: { remedy: 'repair', message: 'the collector holds no escrow of the keys of this epoch' },
  stale_head: { remedy: 'repair', message: 'the collector holds a newer snapshot than we knew of' },
}

/** The frame that says why. Only the code of a failure is told; of anything unforeseen not even that. */
export function refusalOf(error: unknown, options: { id?: ObjectId; retryAfterMs?: number } = {}): Refused {
  const code = error instanceof Failure && isWord(error.code) ? error.code : 'internal'
  return { kind: 'refused', code, detail: '', id: options.id, retryAfterMs: options.retryAfterMs ?? 0 }
}

/** The failure that a refusal means on this side. */
export function failureOf(refused: Refused): Failure {
  const known = meanings[refused.code]
  const remedy = known?.remedy ?? (refused.retryAfterMs > 0 ? 'retry' : 'stop')
  const about = refused.id === undefined ? '' : ` (object "${refused.id}")`
  const message = known?.message ?? `the collector refused: ${refused.code}`
  return new Failure(refused.code, `${message}${about}`, {
    remedy,
    cause: refused,
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
  })
}

/** The same refusal with the object that it was about, which the speaker knows by the number of its request. */
export function aboutObject(failure: Failure, id: ObjectId): Failure {
  const refused = refusedOf(failure)
  return refused === undefined ? failure : failureOf({ ...refused, id })
}

/** The object that a refusal was about, when a failure came from one. */
export function refusedId(error: unknown): ObjectId | undefined {
  return refusedOf(error)?.id
}

/** Milliseconds that the collector asked us to wait; 0 when it did not. */
export function retryAfterMs(error: unknown): number {
  return refusedOf(error)?.retryAfterMs ?? 0
}

function refusedOf(error: unknown): Refused | undefined {
  const cause = error instanceof Failure ? error.cause : undefined
  const refused = typeof cause === 'object' && cause !== null && 'kind' in cause && cause.kind === 'refused'
  return refused ? (cause as Refused) : undefined
}

function isWord(code: string): boolean {
  return code.length <= codeBytesMax && /^[a-z][a-z0-9_]*$/.test(code)
}
