/** An admin at work: his keys opened, the fleet's Trust verified and remembered, a session with a collector. */

import { logWitness } from '@backstay/agent/link/log-witness'
import { equalBytes } from '@backstay/proto/bytes'
import type { Identity } from '@backstay/proto/content/age'
import { Failure } from '@backstay/proto/failure'
import type { WitnessedLog } from '@backstay/proto/log/witness'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { type VerifiedTrust, verifyTrustHistory } from '@backstay/proto/trust/trust'
import { type AdminFolder, adminFolder, adminFolderPath, type KnownFleet } from './admin-folder.ts'
import { openAdminKey } from './admin-key.ts'
import type { AdminLink } from './connecting.ts'
import { type PassphraseOptions, passphraseFor } from './passphrase.ts'
import type { Surroundings } from './surroundings.ts'

export interface AdminOptions extends PassphraseOptions {
  /** The admin's folder. */
  readonly admin?: string | undefined
}

export interface Admin {
  readonly folder: AdminFolder
  readonly signingKey: SigningKey
  /** Opens the keyring. Never logged. */
  readonly identity: Identity
}

export interface AdminSession extends AsyncDisposable {
  readonly primitives: Primitives
  readonly admin: Admin
  readonly link: AdminLink
  readonly known: KnownFleet
  /** All versions of Trust, for what was signed in the past. */
  readonly history: readonly VerifiedTrust[]
  /** The newest. */
  readonly trust: VerifiedTrust
  /** What is remembered of the collector's log; undefined: it never showed one. */
  readonly witnessed: WitnessedLog | undefined
}

/** Throws `no_admin`, `wrong_passphrase`, `not_admin` and the codes of Trust and link. */
export async function openAdminSession(around: Surroundings, options: AdminOptions): Promise<AdminSession> {
  const p = around.primitives
  const folder = adminFolder(p, adminFolderPath(around, options.admin))
  const known = await requireFleet(folder)
  const before = await verifyTrustHistory(p, known.chain, known.fleet)
  const believed = newest(before)
  const admin = await openAdmin(around, folder, options)
  const { signingKey } = admin
  const held = await folder.readWitnessed()
  const link = await around.connecting.admin({
    urls: known.urls,
    trust: believed,
    signingKey,
    witness: { checkpoint: held?.checkpoint },
    signal: around.signal,
  })
  try {
    const after = await verifyTrustHistory(p, link.welcome.trust, believed)
    const history = [...before, ...after.slice(1)]
    const now = { ...known, chain: history.map(trust => trust.envelope) }
    await folder.rememberFleet(now)
    const trust = newest(history)
    requireAdmin(trust, signingKey, folder)
    const { witnessed, alarms } = await logWitness({
      ...{ primitives: p, clock: around.clock, fleet: known.fleet, session: link, held },
      remember: folder.rememberLog,
    })
    for (const { message } of alarms) around.terminal.say(`warning: ${message}`)
    return {
      primitives: p,
      admin,
      link,
      witnessed,
      known: now,
      history,
      trust,
      [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
    }
  } catch (error) {
    await link[Symbol.asyncDispose]()
    throw error
  }
}

/** Opens the keys in the admin's folder; throws `no_admin`, `wrong_passphrase`, `bad_age_file`, `bad_admin_key`. */
export async function openAdmin(
  around: Surroundings,
  folder: AdminFolder,
  options: PassphraseOptions,
): Promise<Admin> {
  const file = await folder.readKey()
  if (file === undefined) throw noAdmin(folder)
  const passphrase = await passphraseFor(around, options, `"${folder.keyFile}"`)
  const key = await openAdminKey(folder.keyFile, file, passphrase)
  return { folder, signingKey: await around.primitives.signingKey(key.seed), identity: key.identity }
}

export async function requireFleet(folder: AdminFolder): Promise<KnownFleet> {
  const known = await folder.readFleet()
  if (known !== undefined) return known
  if ((await folder.readFounding()) !== undefined) {
    throw new Failure(
      'founding_unfinished',
      `the fleet in "${folder.path}" was made but not yet handed to its collector`,
      {
        hint: 'go on with: backstay init --setup STRING, with the same folder',
      },
    )
  }
  throw noAdmin(folder)
}

function requireAdmin(trust: VerifiedTrust, key: SigningKey, folder: AdminFolder): void {
  const { admins, version } = trust.document
  if (admins.some(admin => equalBytes(admin.key, key.publicKey))) return
  throw new Failure(
    'not_admin',
    `the key in "${folder.keyFile}" is no admin's in version ${version} of Trust`,
    {
      hint: 'ask an owner to put it back',
    },
  )
}

function newest(history: readonly VerifiedTrust[]): VerifiedTrust {
  const last = history.at(-1)
  if (last === undefined) throw new Failure('trust_gap', 'there is no Trust document to begin with')
  return last
}

function noAdmin(folder: AdminFolder): Failure {
  return new Failure('no_admin', `"${folder.path}" is no admin's folder`, {
    hint: 'name yours with --admin DIR, or found a fleet with: backstay init --setup STRING',
  })
}
