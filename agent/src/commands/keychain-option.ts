/** `--keychain`: where the keys of a device shall lie, for whoever enrols it. */
import { type KeychainKind, keychainKind, keychainKinds } from '../keys/keychain-kind.ts'

export const keychainHelp = `where a new device keeps its keys: ${keychainKinds.join(', ')} (default: the best that answers)`

/** Undefined: nobody says. Throws `bad_keychain`. */
export function keychainOf({ keychain }: { readonly keychain?: string }): KeychainKind | undefined {
  return keychain === undefined ? undefined : keychainKind(keychain)
}
