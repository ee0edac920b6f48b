/** The collector's own keys, made once: Ed25519 to prove itself, TLS for the channel. Agents know both from Trust. */
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { type Bytes, fromHex, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { readSecret, writeSecret } from '../secret-file.ts'
import { spkiPinOf } from './listener.ts'
import { selfSigned, type TlsIdentity } from './self-signed.ts'

export interface CollectorIdentity {
  readonly key: SigningKey
  readonly tls: TlsIdentity
  /** SHA-256 of the TLS key's SubjectPublicKeyInfo. */
  readonly spkiPin: Bytes
}

const fileName = 'collector-keys.json'
const seedBytes = 32

/** Throws `identity_damaged`, and what reading and writing the file throws. */
export async function openIdentity(p: Primitives, folder: string, nowMs: number): Promise<CollectorIdentity> {
  const path = join(folder, fileName)
  const text = (await readSecret(path)) ?? (await make(p, path, nowMs))
  const { seed, tls } = read(path, text)
  return { key: await p.signingKey(seed), tls, spkiPin: spkiPinOf(tls) }
}

/** All in one file, so that there is never half of it. */
async function make(p: Primitives, path: string, nowMs: number): Promise<string> {
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
