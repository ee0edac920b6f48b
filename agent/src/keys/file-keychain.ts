import { join } from 'node:path'
import { readSmall, removeDurably, writeDurably } from './durable-file.ts'
import { type Keychain, requireName, requireSecret, secretBytesMax } from './keychain.ts'

/**
 * One file a secret, readable by its owner only. For servers, which have no keyring of the system; whoever is root there
 * has the device anyway.
 */
export function fileKeychain(folder: string): Keychain {
  const path = (name: string) => {
    requireName(name)
    return join(folder, `${name}.secret`)
  }
  return {
    get: async name => readSmall(path(name), secretBytesMax),
    async set(name, secret) {
      requireSecret(name, secret)
      await writeDurably(path(name), secret)
    },
    delete: async name => removeDurably(path(name)),
  }
}
