/**
 * The key with which systemd closes this device's secrets: the credential `backstay-state-key`, which a unit loads with
 * LoadCredentialEncrypted= and which opens on this machine alone (by its TPM, or a key that only root reads).
 *
 *     head -c 32 /dev/urandom | systemd-creds encrypt --name=backstay-state-key - /etc/backstay/state-key.cred
 */
import { join } from 'node:path'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { readSmall } from './durable-file.ts'

export const stateKeyName = 'backstay-state-key'
/** Where root's commands beside the running service find what that was given. */
const serviceCredentials = '/run/credentials/backstay-agent.service'
const bytesMin = 32
const bytesMax = 4096

/** 32 bytes. Undefined when there is no such credential; throws `keychain_unavailable` for one that is no key. */
export async function readStateKey(
  p: Primitives,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Bytes | undefined> {
  const folder = environment.CREDENTIALS_DIRECTORY || serviceCredentials
  const secret = await readSmall(join(folder, stateKeyName), bytesMax).catch(() => undefined)
  if (secret === undefined) return undefined
  if (secret.length < bytesMin) {
    throw new Failure(
      'keychain_unavailable',
      `the credential ${stateKeyName} has less than ${bytesMin} bytes`,
      {
        remedy: 'retry',
        hint: `make it from ${bytesMin} random bytes, as docs/operations.md says`,
      },
    )
  }
  return p.hkdfSha256(secret, 'backstay/state-key', 32)
}

/** Tells whether it is the key of before; says nothing of the key. */
export async function checkOf(p: Primitives, key: Bytes): Promise<Bytes> {
  return (await p.hmacSha256(key, utf8('backstay/state-key/check'))).subarray(0, 16)
}
