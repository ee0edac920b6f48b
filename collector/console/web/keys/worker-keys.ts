/** Keys in this page: from `backstay console`, which hands over the key file, or from a file that a person chooses. */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Draft } from '../../drafts.ts'
import type { Keys, KeysState, Signed } from './keys.ts'
import { ownScript } from './own-scripts.ts'
import { type RemoteVault, remoteVault } from './remote-vault.ts'
import vaultWorker from './vault-worker.ts?worker&url'

/** What `backstay console` knows, or a person chose. */
export interface KeySource {
  readonly fleet: string | undefined
  readonly chain: readonly Bytes[]
  readonly keyFile: Bytes
  readonly keyName: string
  readonly urls: readonly string[]
}

/** What `backstay console` answers (console/local/local-console.ts); bytes in base64. */
interface ConsoleKeys extends Omit<KeySource, 'chain' | 'keyFile'> {
  readonly chain: readonly string[]
  readonly keyFile: string
}

/** The answer of `backstay console`; undefined: this page comes from a collector. */
export async function consoleKeys(): Promise<KeySource | undefined> {
  const response = await fetch('/local/v1/keys', {
    headers: { accept: 'application/json' },
    cache: 'no-store',
  })
  if (!response.ok || !/\bjson\b/.test(response.headers.get('content-type') ?? '')) return undefined
  const { chain, keyFile, ...rest } = (await response.json()) as ConsoleKeys
  return {
    ...rest,
    chain: chain.map(one => Uint8Array.fromBase64(one)),
    keyFile: Uint8Array.fromBase64(keyFile),
  }
}

const keyFileBytesMax = 64 * 1024

/** `first`: of `backstay console`; without one a person chooses a file, where the fleet allows that. */
export function workerKeys(first: KeySource | undefined): Keys {
  let source = first
  let state: KeysState = first === undefined ? 'absent' : 'locked'
  let name: string | undefined
  let vault: RemoteVault | undefined
  const listeners = new Set<() => void>()
  const become = (now: KeysState) => {
    state = now
    for (const told of listeners) told()
  }
  const started = () => {
    vault ??= remoteVault(new Worker(ownScript(vaultWorker), { type: 'module' }))
    return vault
  }
  return {
    get state() {
      return state
    },
    get name() {
      return name
    },
    get vault() {
      return vault
    },
    async unlock(passphrase) {
      if (source === undefined) throw new Failure('no_key', 'no key was chosen yet')
      const opened = await started().open({ ...source, passphrase })
      name = opened.name
      become('open')
    },
    lock() {
      // The thread ends with all that it holds.
      vault?.end()
      vault = undefined
      become('locked')
    },
    async sign(draft: Draft): Promise<Signed> {
      if (vault === undefined) throw new Failure('locked', 'the key is locked', { hint: 'unlock it first' })
      return vault.sign(draft)
    },
    isLocal: first !== undefined,
    ...(first === undefined && {
      async choose(file: File) {
        if (file.size > keyFileBytesMax) throw new Failure('bad_age_file', `"${file.name}" is no key file`)
        const keyFile = new Uint8Array(await file.arrayBuffer())
        source = {
          fleet: undefined,
          chain: [],
          keyFile,
          keyName: file.name,
          urls: [`wss://${location.host}`],
        }
        become('locked')
      },
    }),
    subscribe(told) {
      listeners.add(told)
      return () => listeners.delete(told)
    },
  }
}
