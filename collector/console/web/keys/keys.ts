/** The keys in this page: absent, locked with a passphrase, or open. What is signed here is signed for the whole fleet. */
import { createContext, useContext, useSyncExternalStore } from 'react'

export type KeysState = 'absent' | 'locked' | 'open'

/** What a person wants signed. The collector gets only the signed envelope. */
export type Draft =
  | { readonly kind: 'job'; readonly device: string; readonly job: 'backup' | 'verify' | 'diagnostics' }
  | {
      readonly kind: 'policy'
      readonly layer: 'fleet' | 'group' | 'grant' | 'device'
      /** Of the group, grant or device; '' for the fleet. */
      readonly id: string
      readonly name: string
      /** By key (`retention`, `sets.home`): as setting-values.ts writes them. */
      readonly settings: readonly {
        readonly key: string
        readonly value: unknown
        readonly locked: boolean
      }[]
    }
  | {
      readonly kind: 'grant'
      readonly label: string
      readonly uses: number
      readonly expiresAtMs: number
      readonly group?: string
    }
  | {
      readonly kind: 'revoke'
      readonly what: 'device' | 'grant'
      readonly id: string
      readonly reason: string
    }

export interface Signed {
  /** base64, for `POST /records`. */
  readonly envelope: string
  /** What to hand to a device with it, such as the enrolment token; shown once. */
  readonly token?: string
}

export interface Keys {
  readonly state: KeysState
  /** The name of the admin, when it is known. */
  readonly name: string | undefined
  /** Throws `wrong_passphrase`. */
  unlock(passphrase: string): Promise<void>
  lock(): void
  /** Throws when the key may not sign this. */
  sign(draft: Draft): Promise<Signed>
  /** Called when the state changes. */
  subscribe(told: () => void): () => void
}

/** A page that has no keys: what needs them is asked for instead. */
export const noKeys: Keys = {
  state: 'absent',
  name: undefined,
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
