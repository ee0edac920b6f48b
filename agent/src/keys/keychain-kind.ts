/** The kinds of keychain that may hold the keys of a device (key-store.ts), by the words that people write. */
import { Failure } from '@backstay/proto/failure'

export const keychainKinds = ['file', 'system', 'credential'] as const
export type KeychainKind = (typeof keychainKinds)[number]

/** Throws `bad_keychain`. */
export function keychainKind(text: string): KeychainKind {
  const kind = keychainKinds.find(one => one === text)
  if (kind !== undefined) return kind
  throw new Failure('bad_keychain', `"${text}" is no keychain`, {
    hint: `one of: ${keychainKinds.join(', ')}`,
  })
}

/** As people read it. */
export const keptTexts: Readonly<Record<KeychainKind, string>> = {
  file: 'in files that only their owner may read',
  system: 'in the keyring of this system',
  credential: 'sealed with a credential of systemd',
}
