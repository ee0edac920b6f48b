/** `--keychain`: where the keys of a device shall lie, for whoever enrols it. */
import { Failure } from '@backstay/proto/failure'
import { type KeychainKind, keychainKinds } from '../keys/key-store.ts'

export const keychainHelp = `where a new device keeps its keys: ${keychainKinds.join(', ')} (default: the best that answers)`

/** Undefined: nobody says. Throws `bad_keychain`. */
export function keychainOf({ keychain }: { readonly keychain?: string }): KeychainKind | undefined {
  if (keychain === undefined) return undefined
  const kind = keychainKinds.find(one => one === keychain)
  if (kind !== undefined) return kind
  throw new Failure('bad_keychain', `"${keychain}" is no keychain`, {
    hint: `one of: ${keychainKinds.join(', ')}`,
  })
}
