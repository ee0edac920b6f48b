/** An enrolled device's session: what the collector shows of Trust and orders is verified before it is believed. */
import type { Clock } from '@backstay/proto/clock'
import { isFailure } from '@backstay/proto/failure'
import type { WitnessedLog } from '@backstay/proto/log/witness'
import type { Place } from '@backstay/proto/policy/standing'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { type VerifiedTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import { noRatchet } from '@backstay/proto/wire/ratchet'
import type { Transport } from '@backstay/proto/wire/transport'
import type { Alarm } from '../alarm.ts'
import type { DeviceIdentity, Head, IdentityStore } from '../keys/identity.ts'
import { type KnownOrders, type Obedience, obey } from '../policy/obey.ts'
import { adoptTrust, escrowToRecipients } from './adopt-trust.ts'
import { connectDevice } from './connect.ts'
import { type LogWitness, logWitness } from './log-witness.ts'
import type { Session } from './session.ts'
import { tellObeyed } from './tell-obeyed.ts'

export interface MemberLink extends AsyncDisposable {
  readonly session: Session
  readonly trust: VerifiedTrust
  readonly obedience: Obedience
  /** What the collector says of this identity, and of what happened before. */
  readonly alarms: readonly Alarm[]
  /** Undefined for who keeps nothing. */
  readonly logWitness: LogWitness | undefined
}

const cloned: Alarm = {
  code: 'cloned',
  message:
    'two machines use the identity of this device, or it was put back to an older state; both are backed up. Enroll one of them anew: backstay token, backstay-agent enroll',
}

export interface MemberLinkOptions {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly transport: Transport
  readonly identities: Pick<
    IdentityStore,
    | ('readTrust' | 'writeTrust' | 'writeOrders' | 'readRatchet' | 'writeRatchet')
    | ('readWitnessed' | 'writeWitnessed')
  >
  readonly identity: DeviceIdentity
  readonly signingKey: SigningKey
  readonly trust: VerifiedTrust
  readonly orders: KnownOrders
  readonly head: Head
  readonly place: Place
  readonly software: string
  /** False for commands that do not own the state folder: they keep nothing and speak for nobody. */
  readonly keeps: boolean
  readonly signal?: AbortSignal
}

export async function connectMemberLink(options: MemberLinkOptions): Promise<MemberLink> {
  const { primitives: p, identity, identities, head, keeps, orders: known, place } = options
  const held = keeps ? await identities.readWitnessed() : undefined
  const session = await connectDevice({
    urls: identity.urls,
    signingKey: options.signingKey,
    primitives: p,
    transport: options.transport,
    clock: options.clock,
    software: options.software,
    trust: options.trust,
    head: head.id === undefined ? undefined : { sequence: head.sequence, id: head.id },
    ratchet: keeps ? ((await identities.readRatchet()) ?? noRatchet) : undefined,
    witness: keeps ? { checkpoint: held?.checkpoint } : undefined,
    ...(options.signal && { signal: options.signal }),
  })
  try {
    const { nextRatchet } = session.welcome
    if (keeps && nextRatchet !== undefined) await identities.writeRatchet(nextRatchet.value)
    const trust = keeps
      ? await adoptTrust(options, options.trust, session.welcome.trust)
      : await verifyTrustChain(p, session.welcome.trust, options.trust)
    const unescrowed = keeps ? await escrowed(options, trust, session) : undefined
    const context = { place, trust, nowMs: options.clock.now(), known }
    const obedience = await obey(p, context, session.welcome.orders)
    if (keeps) {
      if (obedience.isNew) await identities.writeOrders(obedience.known)
      await tellObeyed(session, obedience, options.signal)
    }
    const remember = (log: WitnessedLog) => identities.writeWitnessed(log)
    const { fleet } = identity
    const logs = keeps ? await logWitness({ ...options, fleet, session, held, remember }) : undefined
    const isCloned = (nextRatchet?.clonedSinceMs ?? 0) > 0
    return {
      session,
      trust,
      obedience,
      logWitness: logs,
      get alarms() {
        return [...(isCloned ? [cloned] : []), ...(unescrowed ? [unescrowed] : []), ...(logs?.alarms ?? [])]
      },
      [Symbol.asyncDispose]: () => session.close(),
    }
  } catch (error) {
    await session.close()
    throw error
  }
}

/** A collector that does not take the escrow is no reason to protect nothing: it is told, and tried with the next connection. */
async function escrowed(
  options: MemberLinkOptions,
  trust: VerifiedTrust,
  session: Session,
): Promise<Alarm | undefined> {
  try {
    await escrowToRecipients(options, trust, session)
    return undefined
  } catch (error) {
    if (!isFailure(error) || session.ended.aborted) throw error
    const message = `the keys of this device are not sealed for the kit and desk of version ${trust.document.version} of Trust yet: ${error.message}`
    return { code: 'escrow_waits', message }
  }
}
