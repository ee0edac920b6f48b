/**
 * One file a secret, sealed with a key that does not lie beside it: a copy of the folder opens nowhere else.
 *
 *     NAME.sealed = version (1) ‖ 12-byte nonce ‖ AES-256-GCM of the secret, the name authenticated
 */
import { join } from 'node:path'
import { type Bytes, concat, utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { readSmall, removeDurably, writeDurably } from './durable-file.ts'
import { type Keychain, requireName, requireSecret, secretBytesMax } from './keychain.ts'

const version = Uint8Array.of(1)
const nonceBytes = 12
const tagBytes = 16
const headBytes = version.length + nonceBytes

export function sealedKeychain(p: Primitives, folder: string, key: Bytes): Keychain {
  const path = (name: string) => {
    requireName(name)
    return join(folder, `${name}.sealed`)
  }
  const about = (name: string) => concat(version, utf8(`backstay/sealed-secret/${name}`))
  return {
    async get(name) {
      const bytes = await readSmall(path(name), headBytes + secretBytesMax + tagBytes)
      if (bytes === undefined) return undefined
      const nonce = bytes.subarray(version.length, headBytes)
      const secret =
        bytes[0] === version[0] && bytes.length > headBytes + tagBytes
          ? await p.aeadOpen(key, nonce, about(name), bytes.subarray(headBytes))
          : undefined
      if (secret !== undefined) return secret
      throw new Failure('identity_damaged', `"${path(name)}" cannot be used: it is damaged`, {
        remedy: 'repair',
        hint: 'put back the file from a copy of the state folder, or enroll this device anew: backstay-agent enroll',
      })
    },
    async set(name, secret) {
      requireSecret(name, secret)
      const nonce = p.random(nonceBytes)
      await writeDurably(
        path(name),
        concat(version, nonce, await p.aeadSeal(key, nonce, about(name), secret)),
      )
    },
    delete: async name => removeDurably(path(name)),
  }
}
