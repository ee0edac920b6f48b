/** The end of every command that changes Trust: what it does is told and confirmed, then it is signed, handed over and remembered. */
import { equalBytes } from '@backstay/proto/bytes'
import type { Kit } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'
import type { SigningKey } from '@backstay/proto/primitives'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { AdminSession } from '../admin.ts'
import type { KnownFleet } from '../admin-folder.ts'
import type { Surroundings } from '../surroundings.ts'
import { prepareTrust, signPrepared, type TrustChange } from './trust-change.ts'

export interface SigningTrust {
  readonly change: TrustChange
  readonly kit: Pick<Kit, 'fleet' | 'ownerSeed'>
  /** Of a kit that comes with the change. */
  readonly newOwner?: SigningKey
  readonly json?: boolean
  /** Nobody is asked. */
  readonly yes?: boolean
}

export interface ChangedTrust {
  readonly version: number
  readonly known: KnownFleet
  /** All versions, the new one last. */
  readonly history: readonly VerifiedTrust[]
}

/** Throws `not_confirmed`, what `prepareTrust` and `signPrepared` throw, and what the collector refuses with. */
export async function signTrustChange(
  { terminal, clock }: Surroundings,
  { primitives, admin, link, history, trust, known }: AdminSession,
  { change, kit, newOwner, json, yes }: SigningTrust,
): Promise<ChangedTrust> {
  const { signingKey, identity } = admin
  const own = trust.document.admins.find(one => equalBytes(one.key, signingKey.publicKey))
  const signer = { primitives, signingKey, identity, history, trust, link, roles: own?.roles ?? [] }
  const prepared = await prepareTrust(signer, change, clock.now())
  if (!json) for (const line of prepared.lines) terminal.say(line)
  if (!yes) {
    if (!terminal.interactive)
      throw new Failure('not_confirmed', 'nobody is here to confirm', { hint: 'add --yes' })
    if (!/^y(es)?$/i.test((await terminal.ask('sign? [y/N] ')).trim()))
      throw new Failure('not_confirmed', 'it was not confirmed', { hint: 'nothing was signed' })
  }
  const signed = await signPrepared(signer, prepared, kit, clock.now(), newOwner)
  for (const envelope of signed.envelopes) await link.putRecord(envelope)
  const now = { ...known, chain: [...history.map(one => one.envelope), signed.trust.envelope] }
  await admin.folder.rememberFleet(now)
  return { version: signed.trust.document.version, known: now, history: [...history, signed.trust] }
}
