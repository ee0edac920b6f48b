/** The keys in this page: absent, locked with a passphrase, or open. What is signed here is signed for the whole fleet. */
import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Draft } from '../../drafts.ts'
import type { RemoteVault } from './remote-vault.ts'

export type { Draft } from '../../drafts.ts'

export type KeysState = 'absent' | 'locked' | 'open'

export interface Signed {
  /** base64, for `POST /records`. */
  readonly envelope: string
  /** What to hand to a device with it, such as the enrolment token; shown once. */
  readonly token?: string
}

export interface Keys {
  readonly state: KeysState
  /** This page comes from `backstay console`. */
  readonly isLocal: boolean
  /** The name of the admin, when it is known. */
  readonly name: string | undefined
  /** Throws `wrong_passphrase`. */
  unlock(passphrase: string): Promise<void>
  lock(): void
  /** Throws when the key may not sign this. */
  sign(draft: Draft): Promise<Signed>
  /** What only keys open. Its calls fail with `locked` while they are. */
  readonly vault: RemoteVault | undefined
  /** In a hosted page: the key file that the person chose. Throws `bad_age_file`. */
  choose?(file: File): Promise<void>
  /** Called when the state changes. */
  subscribe(told: () => void): () => void
}

/** A page that has no keys: what needs them is asked for instead. */
export const noKeys: Keys = {
  state: 'absent',
  isLocal: false,
  name: undefined,
  vault: undefined,
  unlock: () => Promise.reject(new Error('there is no key in this page')),
  lock: () => undefined,
  sign: () => Promise.reject(new Error('there is no key in this page')),
  subscribe: () => () => undefined,
}

export const KeysContext = createContext<Keys>(noKeys)

export function useKeys(): Keys {
  const keys = useContext(KeysContext)
  useSyncExternalStore(keys.subscribe, () => keys.state)
  return keys
}
