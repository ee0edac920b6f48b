/** Enrolment: a token becomes an identity. Everything secret is made here and leaves only sealed, in the escrow. */

import { type Bytes, hex } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { generateIdentity, recipientOf } from '@backstay/proto/content/age'
import { makeEscrow } from '@backstay/proto/content/escrow'
import { secretBytes } from '@backstay/proto/content/keys'
import { Failure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { deviceIdOf, signCertificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { printable } from '@backstay/proto/trust/fields'
import { decodeGrant } from '@backstay/proto/trust/grant'
import { decodeToken, requireTokenTrust } from '@backstay/proto/trust/token'
import { verifyTrustHistory } from '@backstay/proto/trust/trust'
import type { Transport } from '@backstay/proto/wire/transport'
import { connectNewcomer } from '../link/connect.ts'
import { noOrders, obey } from '../policy/obey.ts'
import { type DeviceIdentity, firstEpoch, type IdentityStore } from './identity.ts'

export interface EnrollOptions {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly transport: Transport
  readonly identities: IdentityStore
  readonly token: string
  readonly name: string
  readonly platform: string
  readonly software: string
  /** Of the machine, for its certificate; without it, none. */
  readonly marks?: (fleet: FleetId) => Promise<readonly Bytes[]>
  readonly signal?: AbortSignal
}

/** Throws `already_enrolled`, `bad_token`, `trust_fork`, and what connecting throws. */
export async function enroll(options: EnrollOptions): Promise<DeviceIdentity> {
  const { primitives: p, clock, identities } = options
  if ((await identities.readIdentity()) !== undefined) throw alreadyEnrolled()
  const token = decodeToken(options.token)
  const grant = decodeGrant(decodeEnvelope(token.grant).payload)
  // On the disk before anyone is told: a full disk or a cut here must not use up the token.
  const secrets = await identities.prepare(hex(grant.order.id), {
    signingSeed: p.random(32),
    borderSecret: p.random(secretBytes),
    identity: await generateIdentity(),
    epochs: [{ epoch: firstEpoch, deviceSecret: p.random(secretBytes) }],
  })
  const [first] = secrets.epochs
  if (first === undefined) throw new Error('assertion failed: an identity has an epoch')
  const key = await p.signingKey(secrets.signingSeed)
  const device = await deviceIdOf(p, key.publicKey)
  const certificate = await signCertificate(
    p,
    {
      fleet: token.fleet,
      device,
      deviceKey: key.publicKey,
      grantId: grant.order.id,
      name: printable(options.name),
      platform: printable(options.platform),
      issuedAtMs: clock.now(),
      recipient: await recipientOf(secrets.identity),
      machine: (await options.marks?.(token.fleet)) ?? [],
    },
    await p.signingKey(token.grantSeed),
    key,
  )
  const { urls, spkiPins: pins, fleet } = token
  const { transport, software, signal } = options
  const link = { urls, pins, fleet, signingKey: key, primitives: p, clock, transport, software }
  const newcomer = connectNewcomer({ ...link, ...(signal && { signal }) })
  await using session = await newcomer.enroll(token.grant, certificate)
  const history = await verifyTrustHistory(p, session.welcome.trust, fleet)
  requireTokenTrust(token, history)
  const trust = history.at(-1)
  if (trust === undefined) throw new Failure('trust_gap', 'the collector showed no Trust document')
  const escrowed = { ...first, borderSecret: secrets.borderSecret }
  await session.putRecord(
    await makeEscrow(p, { trust, device, secrets: escrowed, signingKey: key, nowMs: clock.now() }),
    signal,
  )
  const enrolled: DeviceIdentity = {
    ...{ fleet, device, urls, certificate, grant: token.grant },
    secrets,
  }
  const chain = history.map(one => one.envelope)
  // An order that does not verify protects nothing; the next session asks again and says why.
  const context = { place: { device, grantId: grant.order.id }, trust, nowMs: clock.now(), known: noOrders }
  const { known } = await obey(p, context, session.welcome.orders)
  await identities.enroll(enrolled, { chain, escrowedFor: trust.document.version }, known)
  return enrolled
}

export function alreadyEnrolled(): Failure {
  return new Failure('already_enrolled', 'this device is enrolled already', {
    hint: 'use another state folder with --state DIR to enroll a second identity',
  })
}
