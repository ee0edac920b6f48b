import type { Bytes } from '@backstay/proto/bytes'
import { type Keychain, requireName, requireSecret } from './keychain.ts'

/** Forgets everything with the process; for tests and simulations. */
export function memoryKeychain(): Keychain {
  const secrets = new Map<string, Bytes>()
  return {
    async get(name) {
      requireName(name)
      return secrets.get(name)?.slice()
    },
    async set(name, secret) {
      requireName(name)
      requireSecret(name, secret)
      secrets.set(name, secret.slice())
    },
    async delete(name) {
      requireName(name)
      return secrets.delete(name)
    },
  }
}
