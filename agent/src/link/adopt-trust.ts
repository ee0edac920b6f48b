/**
 * A newer Trust comes to a device: believed first, durably; then the device seals its keys for whoever may read from then on. What
 * was sealed for which version is on the disk as well, so that a cut between the two is made good with the next connection.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { makeEscrow } from '@backstay/proto/content/escrow'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { type VerifiedTrust, verifyTrustHistory } from '@backstay/proto/trust/trust'
import { decodeTrust } from '@backstay/proto/trust/trust-document'
import type { DeviceIdentity, IdentityStore, KnownTrust } from '../keys/identity.ts'
import type { Session } from './session.ts'

export interface Adopting {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly identities: Pick<IdentityStore, 'readTrust' | 'writeTrust'>
  readonly identity: Pick<DeviceIdentity, 'secrets' | 'device'>
  readonly signingKey: SigningKey
}

/** The newest Trust after these envelopes, on the disk. Throws the codes of Trust; none is believed then. */
export async function adoptTrust(
  { primitives, identities }: Pick<Adopting, 'primitives' | 'identities'>,
  believed: VerifiedTrust,
  envelopes: readonly Bytes[],
): Promise<VerifiedTrust> {
  const history = await verifyTrustHistory(primitives, envelopes, believed)
  const trust = history.at(-1) ?? believed
  if (trust.document.version === believed.document.version) return trust
  const known = await identities.readTrust()
  const chain = [...known.chain, ...history.slice(1).map(one => one.envelope)]
  await identities.writeTrust({ ...known, chain })
  return trust
}

/** New recipients must be able to open every epoch that snapshots were sealed in. Throws what `putRecord` throws. */
export async function escrowToRecipients(
  { primitives, clock, identities, identity, signingKey }: Adopting,
  trust: VerifiedTrust,
  session: Pick<Session, 'putRecord'>,
): Promise<void> {
  const known = await identities.readTrust()
  if (!recipientsChanged(known, trust)) return
  const { secrets, device } = identity
  for (const { epoch, deviceSecret } of secrets.epochs) {
    const escrowed = { epoch, deviceSecret, borderSecret: secrets.borderSecret }
    const made = { trust, device, secrets: escrowed, signingKey, nowMs: clock.now() }
    await session.putRecord(await makeEscrow(primitives, made))
  }
  await identities.writeTrust({ ...known, escrowedFor: trust.document.version })
}

function recipientsChanged({ chain, escrowedFor }: KnownTrust, trust: VerifiedTrust): boolean {
  const envelope = chain[escrowedFor - 1]
  if (envelope === undefined) return true
  const [before, now] = [decodeTrust(decodeEnvelope(envelope).payload), trust.document]
  return before.kitRecipient !== now.kitRecipient || before.deskRecipient !== now.deskRecipient
}
