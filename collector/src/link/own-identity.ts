/**
 * The collector's own keys: Ed25519 to prove itself, TLS for the channel. Agents know both from Trust.
 *
 *     identity/collector-keys.json        of today
 *     identity/next-collector-keys.json   made for later, until owners have put them in the place of those of today
 */
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { type Bytes, fromHex, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import type { TrustDocument } from '@backstay/proto/trust/trust-shape'
import { isNamed } from '../fleet/founding.ts'
import { readSecret, replaceSecret, writeSecret } from '../secret-file.ts'
import { spkiPinOf } from './listener.ts'
import type { TlsIdentity } from './self-signed.ts'

export interface CollectorIdentity {
  readonly key: SigningKey
  readonly tls: TlsIdentity
  /** SHA-256 of the TLS key's SubjectPublicKeyInfo. */
  readonly spkiPin: Bytes
}

const fileName = 'collector-keys.json'
const nextName = 'next-collector-keys.json'
const seedBytes = 32

/**
 * `trust`: the newest, once a fleet was founded. When it names the keys that were made for later and no more those of today, the owners
 * have replaced these: the later ones take their place, and those of today are gone from the disk. Throws `identity_damaged`, and what
 * reading and writing the files throws.
 */
export async function openIdentity(
  p: Primitives,
  folder: string,
  nowMs: number,
  trust?: TrustDocument,
): Promise<CollectorIdentity> {
  const path = join(folder, fileName)
  const own = await identityIn(p, path, (await readSecret(path)) ?? (await make(p, path, nowMs)))
  if (trust === undefined || isNamed(trust, named(own))) return own
  const next = await nextIdentity(p, folder)
  if (next === undefined || !isNamed(trust, named(next))) return own
  await replaceSecret(join(folder, nextName), path)
  return next
}

/** The keys for later; undefined when none were made. */
export async function nextIdentity(p: Primitives, folder: string): Promise<CollectorIdentity | undefined> {
  const path = join(folder, nextName)
  const text = await readSecret(path)
  return text === undefined ? undefined : identityIn(p, path, text)
}

/** The keys of today, and those for later: as they were made, or made now. Throws `no_identity` where a collector never ran. */
export async function makeNextIdentity(
  p: Primitives,
  folder: string,
  nowMs: number,
): Promise<{ readonly today: CollectorIdentity; readonly next: CollectorIdentity }> {
  const path = join(folder, fileName)
  const text = await readSecret(path)
  if (text === undefined) {
    throw new Failure('no_identity', `"${folder}" holds no keys of a collector`, {
      hint: 'name its data folder with --data, and run this as the user of the collector',
    })
  }
  const today = await identityIn(p, path, text)
  const made = await nextIdentity(p, folder)
  if (made !== undefined) return { today, next: made }
  const nextPath = join(folder, nextName)
  return { today, next: await identityIn(p, nextPath, await make(p, nextPath, nowMs)) }
}

/** How Trust names it. */
export const named = ({ key, spkiPin }: CollectorIdentity) => ({ key: key.publicKey, spkiPin })

async function identityIn(p: Primitives, path: string, text: string): Promise<CollectorIdentity> {
  const { seed, tls } = read(path, text)
  return { key: await p.signingKey(seed), tls, spkiPin: spkiPinOf(tls) }
}

/** All in one file, so that there is never half of it. */
async function make(p: Primitives, path: string, nowMs: number): Promise<string> {
  // Once in the life of a collector: not loaded at each start.
  const { selfSigned } = await import('./self-signed.ts')
  const { key, certificate } = selfSigned(nowMs)
  const file = { version: 1, seed: hex(p.random(seedBytes)), tlsKey: key, tlsCertificate: certificate }
  const text = `${JSON.stringify(file, undefined, 2)}\n`
  await writeSecret(path, text)
  return text
}

function read(path: string, text: string): { readonly seed: Bytes; readonly tls: TlsIdentity } {
  try {
    const file: unknown = JSON.parse(text)
    const field = (name: string) => {
      const value = typeof file === 'object' && file !== null ? Reflect.get(file, name) : undefined
      if (typeof value !== 'string') throw new Error(`no ${name}`)
      return value
    }
    const seed = fromHex(field('seed'))
    if (seed?.length !== seedBytes) throw new Error('no seed')
    const tls = { key: field('tlsKey'), certificate: field('tlsCertificate') }
    new X509Certificate(tls.certificate)
    return { seed, tls }
  } catch (cause) {
    throw new Failure('identity_damaged', `"${path}" does not hold the keys of this collector any more`, {
      hint: 'put the file back from a copy; with new keys an owner must change Trust before any agent comes again',
      cause,
    })
  }
}
