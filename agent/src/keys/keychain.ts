/**
 * Where secrets lie. Promises, which testing/keychain-conformance.ts holds every implementation to:
 *
 * - `get` gives exactly the bytes of the last `set` that resolved, or undefined when there was none or it was deleted.
 * - A `set` that resolved survives a crash; one that did not leaves the old secret or the new, never a mixture.
 * - Names are compared exactly; one name never touches another's secret.
 * - A place that cannot be used throws `keychain_unavailable`, at once and not at the first loss.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'

export interface Keychain {
  get(name: string): Promise<Bytes | undefined>
  set(name: string, secret: Bytes): Promise<void>
  /** True when there was such a secret. */
  delete(name: string): Promise<boolean>
}

/** Windows takes 2,560 bytes in one credential. */
export const secretBytesMax = 2048

/** Throws `bad_secret_name`; every implementation asks this first, so that none takes what another refuses. */
export function requireName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return
  throw new Failure('bad_secret_name', `"${name}" is not a name for a secret`)
}

/** Throws `secret_too_large`. */
export function requireSecret(name: string, secret: Bytes): void {
  if (secret.length > 0 && secret.length <= secretBytesMax) return
  throw new Failure(
    'secret_too_large',
    `secret "${name}" has ${secret.length} bytes, not 1 to ${secretBytesMax}`,
  )
}
