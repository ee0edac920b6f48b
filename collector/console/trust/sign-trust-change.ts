/** The end of every command that changes Trust: what it does is told and confirmed, then it is signed, handed over and remembered. */
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import type { OwnerPaper } from '@backstay/proto/content/kit'
import type { SigningKey } from '@backstay/proto/primitives'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import { decodeTrust } from '@backstay/proto/trust/trust-document'
import type { AdminSession } from '../admin.ts'
import type { KnownFleet } from '../admin-folder.ts'
import { restWithKey } from '../collector-rest.ts'
import { requireYes } from '../requiring-yes.ts'
import type { Surroundings } from '../surroundings.ts'
import { prepareTrust, signPrepared, type TrustChange } from './trust-change.ts'

export interface SigningTrust {
  readonly change: TrustChange
  readonly kit: OwnerPaper
  /** Of a kit that comes with the change. */
  readonly newOwner?: SigningKey
  readonly json?: boolean
  /** Nobody is asked. */
  readonly yes?: boolean
}

export interface ChangedTrust {
  readonly version: number
  /** Other owners must sign it, too; it waits for them with the collector, and nothing has changed yet. */
  readonly isProposed: boolean
  readonly known: KnownFleet
  /** All versions that are believed. */
  readonly history: readonly VerifiedTrust[]
}

/** Throws `not_confirmed`, what `prepareTrust` and `signPrepared` throw, and what the collector refuses with. */
export async function signTrustChange(
  around: Surroundings,
  session: AdminSession,
  { change, kit, newOwner, json, yes }: SigningTrust,
): Promise<ChangedTrust> {
  const { terminal, clock } = around
  const { primitives, admin, link, history, trust } = session
  const { signingKey, identity } = admin
  const own = trust.document.admins.find(one => equalBytes(one.key, signingKey.publicKey))
  const signer = { primitives, signingKey, identity, history, trust, link, roles: own?.roles ?? [] }
  const prepared = await prepareTrust(signer, change, clock.now())
  if (!json) for (const line of prepared.lines) terminal.say(line)
  await requireYes(around, yes)
  const signed = await signPrepared(signer, prepared, kit, clock.now(), newOwner)
  for (const envelope of signed.keyrings) await link.putRecord(envelope)
  return bring(around, session, signed.envelope, signed.trust)
}

/** Hands a version over: to be believed when enough owners signed it, else to wait for the others. */
export async function bring(
  around: Surroundings,
  { link, admin, history, known }: AdminSession,
  envelope: Bytes,
  trust: VerifiedTrust | undefined,
): Promise<ChangedTrust> {
  if (trust === undefined) {
    await using rest = await restWithKey(around, { known, history, signingKey: admin.signingKey })
    await rest.send('POST', '/trust/proposal', { envelope: envelope.toBase64() })
    const { version } = decodeTrust(decodeEnvelope(envelope).payload)
    return { version, isProposed: true, known, history }
  }
  await link.putRecord(envelope)
  const now = { ...known, chain: [...history, trust].map(one => one.envelope) }
  await admin.folder.rememberFleet(now)
  return {
    ...{ version: trust.document.version, isProposed: false, known: now },
    history: [...history, trust],
  }
}

/** What is said in the end. */
export function sayChanged({ terminal }: Surroundings, { version, isProposed }: ChangedTrust): void {
  if (isProposed) {
    terminal.say(
      `signed by one owner; version ${version} of Trust waits until enough others sign it, there: backstay owners confirm --kit FILE`,
    )
    terminal.say('until then nothing has changed')
  } else terminal.say(`signed: version ${version} of Trust; put the paper back into its envelope`)
}
