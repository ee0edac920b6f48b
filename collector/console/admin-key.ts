/**
 * An admin's two keys in one age file under a passphrase. What a stock `age --decrypt` shows:
 *
 *     # backstay admin key of "first admin", fleet 64c0…
 *     BACKSTAY-ADMIN-KEY-1…     Ed25519 seed: signs policies, grants and jobs
 *     AGE-SECRET-KEY-PQ-1…      opens the keyring, and with it the desk identity
 */

import { decodeBech32, encodeBech32 } from '@backstay/proto/bech32'
import { type Bytes, fromUtf8, utf8 } from '@backstay/proto/bytes'
import {
  type Identity,
  openWithPassphrase,
  recipientOf,
  sealWithPassphrase,
} from '@backstay/proto/content/age'
import { Failure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'

export interface AdminKey {
  /** Ed25519 seed, 32 bytes. Never logged. */
  readonly seed: Bytes
  /** `AGE-SECRET-KEY-PQ-1…` Never logged. */
  readonly identity: Identity
}

export interface OpenedAdminKey extends AdminKey {
  /** Which fleet it was made for, as the file says; undefined: it does not say. */
  readonly fleet: FleetId | undefined
}

const prefix = 'BACKSTAY-ADMIN-KEY-'
const lineMax = 90

/** Without a fleet: of somebody who is not in one yet. `logN`: scrypt work factor; age's own when undefined. */
export function sealAdminKey(
  key: AdminKey,
  about: { readonly name: string; readonly fleet?: FleetId },
  passphrase: string,
  logN?: number,
): Promise<Bytes> {
  const seed = encodeBech32(prefix, key.seed)
  const of = about.fleet === undefined ? '' : `, fleet ${about.fleet}`
  const text = `# backstay admin key of "${about.name}"${of}\n${seed}\n${key.identity}\n`
  return sealWithPassphrase(utf8(text), passphrase, logN)
}

/** Throws `wrong_passphrase`, `bad_age_file`, `bad_admin_key`. `path` is for messages. */
export async function openAdminKey(path: string, file: Bytes, passphrase: string): Promise<OpenedAdminKey> {
  const text = await openWithPassphrase(file, passphrase).catch(error => {
    if (!(error instanceof Failure)) throw error
    throw new Failure(error.code, `${error.message} ("${path}")`, { cause: error, ...hintFor(error.code) })
  })
  const lines = readLines(text)
  const seed = lines.find(line => line.startsWith(prefix))
  const identity = lines.find(line => line.startsWith('AGE-SECRET-KEY-PQ-1'))
  if (seed === undefined || identity === undefined) throw notAKey(path)
  await recipientOf(identity)
  const decoded = decodeBech32(prefix, seed, lineMax)
  if (decoded?.length !== 32) throw notAKey(path)
  const fleet = lines.flatMap(line => /^# .*, fleet ([0-9a-f]{64})$/.exec(line)?.[1] ?? [])[0]
  return { seed: decoded, identity, fleet: fleet as FleetId | undefined }
}

function readLines(bytes: Bytes): string[] {
  try {
    return fromUtf8(bytes).split(/\r?\n/)
  } catch {
    return []
  }
}

function notAKey(path: string): Failure {
  return new Failure('bad_admin_key', `"${path}" opens, but holds no admin key`)
}

function hintFor(code: string): { hint: string } {
  const hint =
    code === 'wrong_passphrase'
      ? 'try again; without it, only the recovery kit helps'
      : 'put back a copy of the file'
  return { hint }
}
