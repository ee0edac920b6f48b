/** The collector's side of the handshake (proto/wire/handshake.ts): from a stranger's Hello to a member of the fleet. */
import { type Bytes, equalBytes, hex } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import type { BodyOf, Enroll, Found, Hello, Kind } from '@backstay/proto/wire/frame'
import { challenge, proves, requireVersion, type Transcript } from '@backstay/proto/wire/handshake'
import { type Connection, nextFrame } from '@backstay/proto/wire/transport'
import { decodeFrame, encodeFrame, type FrameBytes, joined } from '@backstay/proto/wire/wire'
import { keyIdOfNewcomer, readEnrolment } from '../fleet/enrolment.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { readFounding } from '../fleet/founding.ts'
import type { Member } from '../fleet/member.ts'
import { placeOf, type RateLimit } from '../rate-limit.ts'

/** The secret that a new collector prints; it is good for founding one fleet. */
export interface SetupCode {
  /** False when the fleet was founded. */
  readonly open: boolean
  matches(code: Bytes): Promise<boolean>
  /** After the founding. */
  close(): Promise<void>
}

export interface AdmitOptions {
  readonly p: Primitives
  readonly clock: Pick<Clock, 'now'>
  /** The collector's own. */
  readonly key: SigningKey
  readonly fleet: Fleet
  readonly setup: SetupCode
  /** Of bad proofs, by key and place, so that nobody can shut out a device from elsewhere. */
  readonly attempts: RateLimit
}

export interface Admitted {
  readonly member: Member
  readonly hello: Hello
}

/**
 * Throws `not_admitted` for whatever is wrong with a device or admin, so that strangers cannot tell the unknown from the
 * revoked; to newcomers and founders, who hold a token or a code, it says what is wrong.
 */
export async function admit(
  connection: Connection,
  options: AdmitOptions,
  signal: AbortSignal,
): Promise<Admitted> {
  const { p, key, attempts } = options
  const helloFrame = await nextFrame(connection, signal)
  const hello = expected(helloFrame, 'hello')
  requireVersion(hello.version)
  const attempt = `${hex(hello.keyId)} ${placeOf(connection.remote)}`
  if (attempts.waitMs(attempt) > 0) {
    throw new Failure('too_many_attempts', 'this key was badly proved too often', { remedy: 'retry' })
  }

  const asked = await challenge(p, key, joined(helloFrame), connection.channelBinding)
  await connection.send(encodeFrame({ request: 0, body: asked }), signal)
  const opens = hello.speaker === 'newcomer' ? 'enroll' : hello.speaker === 'founder' ? 'found' : undefined
  const opening = opens && (await nextFrame(connection, signal))
  const { signature } = expected(await nextFrame(connection, signal), 'proof')
  const transcript: Transcript = {
    hello: joined(helloFrame),
    challenge: asked,
    opening: opening && joined(opening),
    channelBinding: connection.channelBinding,
  }
  const proved = (by: Bytes) => proves(p, by, transcript, signature)
  try {
    return { hello, member: await memberOf(hello, opens && expected(opening, opens), proved, options) }
  } catch (error) {
    attempts.take(attempt)
    throw error
  }
}

type Proved = (by: Bytes) => Promise<boolean>

async function memberOf(
  hello: Hello,
  opening: Enroll | Found | undefined,
  proved: Proved,
  options: AdmitOptions,
): Promise<Member> {
  if (opening?.kind === 'enroll') return newcomer(hello, opening, proved, options)
  if (opening?.kind === 'found') return founder(hello, opening, proved, options)
  const claim = await options.fleet.claimOf(hello)
  // The same work for a key that nobody knows, so that time tells nothing either.
  const good = await proved(claim?.key ?? options.key.publicKey)
  if (claim === undefined || !good) throw notAdmitted()
  return claim.member
}

async function newcomer(
  hello: Hello,
  enroll: Enroll,
  proved: Proved,
  { p, clock, fleet }: AdmitOptions,
): Promise<Member> {
  const { trust } = fleet
  if (trust === undefined || trust.fleet !== hello.fleet) throw notAdmitted()
  const { enrolledAtMs } = fleet
  const enrolment = await readEnrolment(p, { trust, nowMs: clock.now(), enrolledAtMs }, enroll)
  if (!equalBytes(await keyIdOfNewcomer(p, enrolment), hello.keyId)) throw notAdmitted()
  if (!(await proved(enrolment.certificate.deviceKey))) throw notAdmitted()
  return fleet.enrol(enrolment)
}

async function founder(
  hello: Hello,
  found: Found,
  proved: Proved,
  { p, clock, fleet, setup }: AdmitOptions,
): Promise<Member> {
  if (!setup.open) throw new Failure('already_founded', 'the collector belongs to a fleet already')
  if (!(await setup.matches(found.setupCode))) {
    throw new Failure('wrong_setup_code', 'the set-up code is not the one of this collector')
  }
  const founding = await readFounding(p, fleet.own, clock.now(), hello, found)
  if (!(await proved(founding.founder))) throw notAdmitted()
  const member = await fleet.found(founding)
  await setup.close()
  return member
}

function expected<K extends Kind>(frame: FrameBytes | undefined, kind: K): BodyOf<K> {
  const body = frame && decodeFrame(frame).body
  if (body?.kind === kind) return body as BodyOf<K>
  throw new Failure('unexpected_frame', `expected ${kind}, not ${body?.kind}`)
}

function notAdmitted(): Failure {
  return new Failure('not_admitted', 'nobody we know, or not proved')
}
