/** An enrolled device's session: what the collector shows of Trust, policy and head is verified before it is believed. */
import type { Bytes } from '@backstay/proto/bytes'
import { equalBytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { makeEscrow } from '@backstay/proto/content/escrow'
import { isFailure } from '@backstay/proto/failure'
import { decodePolicy, type Policy } from '@backstay/proto/policy/policy'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { newestPolicyFor, verifyPolicy } from '@backstay/proto/trust/orders'
import { type VerifiedTrust, verifyTrustHistory } from '@backstay/proto/trust/trust'
import type { Transport } from '@backstay/proto/wire/transport'
import type { Alarm } from '../alarm.ts'
import type { DeviceIdentity, Head, IdentityStore } from '../keys/identity.ts'
import { connectDevice } from './connect.ts'
import type { Session } from './session.ts'

export interface MemberLink extends AsyncDisposable {
  readonly session: Session
  readonly trust: VerifiedTrust
  readonly policy: Policy | undefined
  /** What went wrong without stopping protection: a policy that does not verify, an older head. */
  readonly alarms: readonly Alarm[]
}

export interface MemberLinkOptions {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly transport: Transport
  readonly identities: IdentityStore
  readonly identity: DeviceIdentity
  readonly signingKey: SigningKey
  readonly trust: VerifiedTrust
  readonly policy: Bytes | undefined
  readonly head: Head
  readonly audience: readonly Bytes[]
  readonly software: string
  readonly signal?: AbortSignal
}

export async function connectMemberLink(options: MemberLinkOptions): Promise<MemberLink> {
  const { primitives: p, identity, identities, head } = options
  const session = await connectDevice({
    urls: identity.urls,
    signingKey: options.signingKey,
    primitives: p,
    transport: options.transport,
    clock: options.clock,
    software: options.software,
    trust: options.trust,
    head: head.id === undefined ? undefined : { sequence: head.sequence, id: head.id },
    ...(options.signal && { signal: options.signal }),
  })
  try {
    const history = await verifyTrustHistory(p, session.welcome.trust, options.trust)
    const trust = history.at(-1) ?? options.trust
    const alarms: Alarm[] = []
    const policy = await believedPolicy(options, trust, session.welcome.policy, alarms)
    if (trust.document.version !== options.trust.document.version || policy.envelope !== options.policy) {
      const known = await identities.readTrust()
      const chain = [...known.chain, ...history.slice(1).map(one => one.envelope)]
      await identities.writeTrust({ chain, policy: policy.envelope })
    }
    if (recipientsChanged(options.trust, trust)) await escrowAgain(options, trust, session)
    return { session, trust, policy: policy.policy, alarms, [Symbol.asyncDispose]: () => session.close() }
  } catch (error) {
    await session.close()
    throw error
  }
}

interface Believed {
  readonly envelope: Bytes | undefined
  readonly policy: Policy | undefined
}

/**
 * The newer of the policy held and the one shown. One that does not verify or is older is an alarm, and the held one goes
 * on: it was verified when it came, and neither its age nor the leaving of its signer ends protection.
 */
async function believedPolicy(
  options: MemberLinkOptions,
  trust: VerifiedTrust,
  shown: Bytes | undefined,
  alarms: Alarm[],
): Promise<Believed> {
  const { primitives: p, audience, policy: envelope } = options
  const policy = envelope === undefined ? undefined : decodePolicy(decodeEnvelope(envelope).payload)
  const held = { envelope, policy }
  if (shown === undefined || (envelope !== undefined && equalBytes(shown, envelope))) return held
  try {
    const offered = await verifyPolicy(p, shown, { trust, nowMs: options.clock.now(), audience })
    const newest = policy === undefined ? offered : newestPolicyFor([policy, offered], audience)
    if (newest === offered) return { envelope: shown, policy: offered }
    const message = 'the collector shows an older policy than the one that this device follows'
    alarms.push({ code: 'older_policy', message })
  } catch (error) {
    if (!isFailure(error)) throw error
    const message = `the collector shows a policy that is not believed: ${error.message}`
    alarms.push({ code: 'policy_not_believed', message })
  }
  return held
}

function recipientsChanged(before: VerifiedTrust, now: VerifiedTrust): boolean {
  const [a, b] = [before.document, now.document]
  return a.kitRecipient !== b.kitRecipient || a.deskRecipient !== b.deskRecipient
}

/** New recipients must be able to open every epoch that snapshots were sealed in. */
async function escrowAgain(
  options: MemberLinkOptions,
  trust: VerifiedTrust,
  session: Session,
): Promise<void> {
  const { secrets, device } = options.identity
  for (const { epoch, deviceSecret } of secrets.epochs) {
    const escrowed = { epoch, deviceSecret, borderSecret: secrets.borderSecret }
    const made = {
      trust,
      device,
      secrets: escrowed,
      signingKey: options.signingKey,
      nowMs: options.clock.now(),
    }
    await session.putRecord(await makeEscrow(options.primitives, made))
  }
}
