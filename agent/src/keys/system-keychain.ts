/** The keyring of the operating system: Keychain on macOS, Credential Manager on Windows, Secret Service on Linux. */
import { Failure } from '@backstay/proto/failure'
import { type Keychain, requireName, requireSecret } from './keychain.ts'

/** A locked keyring asks its user; nobody may be there to answer. */
const answerMs = 10_000
// The kernel's keyring, which the library would take by default, forgets everything when the machine restarts.
const options = { linux: { store: 'secret-service' } } as const
const probe = 'probe'

/**
 * Throws `keychain_unavailable` when the keyring does not answer, whatever the reason: headless servers have none.
 * `service` is the name under which people find our secrets there, such as "Backstay agent".
 */
export async function systemKeychain(service: string): Promise<Keychain> {
  // Its addon needs libraries of the system (on Windows the Visual C++ runtime) that may not be there.
  const { AsyncEntry } = await available(() => import('@napi-rs/keyring'))
  const keychain = entriesOf((name: string) => {
    requireName(name)
    return new AsyncEntry(service, name, options)
  })
  await keychain.get(probe)
  return keychain
}

type AsyncEntry = import('@napi-rs/keyring').AsyncEntry

function entriesOf(entry: (name: string) => AsyncEntry): Keychain {
  return {
    async get(name) {
      requireName(name)
      const secret = await available(() => entry(name).getSecret(AbortSignal.timeout(answerMs)))
      // Some stores answer with nothing instead of "no such secret".
      return secret === null || secret === undefined || secret.length === 0
        ? undefined
        : Uint8Array.from(secret)
    },
    async set(name, secret) {
      requireName(name)
      requireSecret(name, secret)
      await available(() => entry(name).setSecret(secret, AbortSignal.timeout(answerMs)))
    },
    async delete(name) {
      requireName(name)
      return available(() => entry(name).deleteCredential(AbortSignal.timeout(answerMs)))
    },
  }
}

/** The library throws for no bus, no keyring, a locked one and a lost one alike: for us each means "not this one". */
async function available<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    throw new Failure('keychain_unavailable', 'the keyring of this system does not answer', {
      remedy: 'retry',
      cause,
      hint: 'unlock it, or keep the keys in the state folder: --keychain file',
    })
  }
}
