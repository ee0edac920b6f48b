/**
 * Somebody with an admin key, wherever he is: his keys opened, the fleet's Trust verified from what was known before, and a way to
 * ask the collector. Pure, so that a page can be one.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { equalBytes, hex } from '@backstay/proto/bytes'
import type { Identity } from '@backstay/proto/content/age'
import { Failure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { keySignInMessage } from '@backstay/proto/rest/key-sign-in'
import { type Role, type VerifiedTrust, verifyTrustHistory } from '@backstay/proto/trust/trust'
import { openAdminKey } from './admin-key.ts'
import type { Rest, RestLink } from './rest-link.ts'

export interface KeyHolder {
  readonly primitives: Primitives
  readonly link: RestLink
  readonly signingKey: SigningKey
  /** Opens the keyring. Never logged. */
  readonly identity: Identity
  /** All versions of Trust, for what was signed in the past. */
  readonly history: readonly VerifiedTrust[]
  readonly trust: VerifiedTrust
  readonly name: string
  readonly roles: readonly Role[]
}

export interface KnownTrust {
  /** Undefined: the one that the key file names. */
  readonly fleet: FleetId | undefined
  /** Trust envelopes, version 1 to the newest ever seen here. Empty: what the collector shows is all there is. */
  readonly chain: readonly Bytes[]
}

export interface KeyHolderOptions {
  readonly primitives: Primitives
  readonly rest: Rest
  readonly link: RestLink
  readonly known: KnownTrust
  /** The age file under the passphrase, and what it is called. */
  readonly keyFile: Bytes
  readonly keyName: string
  readonly passphrase: string
}

/** Throws `wrong_passphrase`, `not_admin`, `not_genuine`, the codes of Trust, and what the collector answers. */
export async function openKeyHolder(options: KeyHolderOptions): Promise<KeyHolder> {
  const { primitives: p, link, known } = options
  const { seed, identity, ...key } = await openAdminKey(options.keyName, options.keyFile, options.passphrase)
  const fleet = known.fleet ?? key.fleet
  if (fleet === undefined) {
    throw new Failure('bad_admin_key', `"${options.keyName}" does not say of which fleet it is`, {
      hint: 'use backstay console, which remembers it',
    })
  }
  const signingKey = await p.signingKey(seed)
  const before = await verifyTrustHistory(p, known.chain, fleet)
  await signInWithKey(options.rest, signingKey, fleet, before)
  const shown = await link.listTrust()
  const history = [...before]
  const last = before.at(-1)
  if (last === undefined) history.push(...(await verifyTrustHistory(p, shown, fleet)))
  else history.push(...(await verifyTrustHistory(p, shown.slice(before.length), last)).slice(1))
  const trust = history.at(-1)
  if (trust === undefined) throw new Failure('trust_gap', 'there is no Trust document to begin with')
  const admin = trust.document.admins.find(one => equalBytes(one.key, signingKey.publicKey))
  if (admin === undefined) {
    throw new Failure('not_admin', `this key is no admin's in version ${trust.document.version} of Trust`, {
      hint: 'ask an owner to put it back',
    })
  }
  return { primitives: p, link, signingKey, identity, history, trust, name: admin.name, roles: admin.roles }
}

/** Proves the key to a collector that Trust names, and to no other. Throws `not_genuine` and what the collector answers. */
export async function signInWithKey(
  rest: Rest,
  signingKey: SigningKey,
  fleet: FleetId,
  history: readonly VerifiedTrust[],
): Promise<void> {
  const asked = await rest.post<{ readonly challenge: string; readonly collectorKey: string }>(
    '/session/key/challenge',
    {},
  )
  const genuine = history.at(-1)?.document.collectors.map(one => hex(one.key))
  if (genuine !== undefined && !genuine.includes(asked.collectorKey)) {
    throw new Failure('not_genuine', 'what answers is no collector of this fleet: nothing was signed', {
      hint: 'check the address with whoever runs the collector',
    })
  }
  const challenge = Uint8Array.fromHex(asked.challenge)
  const collectorKey = Uint8Array.fromHex(asked.collectorKey)
  const signature = await signingKey.sign(keySignInMessage({ fleet, collectorKey, challenge }))
  await rest.post('/session/key', {
    challenge: asked.challenge,
    key: hex(signingKey.publicKey),
    signature: signature.toBase64(),
  })
}
