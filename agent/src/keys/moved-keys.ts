/** Where the keys of a device lie, when what is asked for has been done. */
import { type DeviceIdentity, secretNames } from './identity.ts'
import type { KeyStore } from './key-store.ts'
import type { KeychainKind } from './keychain-kind.ts'

export interface MovedKeys {
  readonly keychain: KeychainKind
  /** Where copies may lie that could not be removed. */
  readonly copies: KeychainKind | undefined
}

/** `to` undefined: what a move left is removed, and nothing is moved. Throws `keychain_unavailable`: then they are where they were. */
export async function movedKeys(
  {
    secrets,
    identity,
  }: {
    readonly secrets: Pick<KeyStore, 'kind' | 'copies' | 'move' | 'settle'>
    readonly identity: DeviceIdentity
  },
  to: KeychainKind | undefined,
): Promise<MovedKeys> {
  const names = secretNames(identity)
  if (to === undefined) await secrets.settle(names)
  else await secrets.move(names, to)
  return { keychain: (await secrets.kind()) ?? 'file', copies: await secrets.copies() }
}
