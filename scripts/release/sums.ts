/** What a release says of its files: their SHA-256, as `sha256sum --check` reads it, and an Ed25519 signature over that. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import { createReadStream, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Failure } from '@backstay/proto/failure'

export const sumsFile = 'SHA256SUMS'
export const signatureFile = 'SHA256SUMS.sig'
export const publicKeyFile = 'release-key.pem'

/** Writes the sums of all files below `folder`, and the signature when there is a key (PKCS #8, PEM). */
export async function writeSums(folder: string, keyFile: string | undefined): Promise<void> {
  const own = new Set([sumsFile, signatureFile, publicKeyFile])
  const files = globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .filter(name => !own.has(name))
    .sort()
  const lines: string[] = []
  for (const name of files) lines.push(`${await sha256(join(folder, name))}  ${name}\n`)
  const sums = lines.join('')
  writeFileSync(join(folder, sumsFile), sums)
  if (keyFile === undefined) return
  const key = releaseKey(keyFile)
  writeFileSync(join(folder, signatureFile), sign(null, Buffer.from(sums), key))
  writeFileSync(join(folder, publicKeyFile), publicHalf(keyFile))
}

/** PEM. Throws `bad_release_key`. */
export function publicHalf(keyFile: string): string {
  return createPublicKey(releaseKey(keyFile)).export({ type: 'spki', format: 'pem' }) as string
}

/** Makes a release key for its owner alone, and the folder for it. Never writes over a file. */
export function makeReleaseKey(keyFile: string): string {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  mkdirSync(dirname(resolve(keyFile)), { recursive: true })
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  return publicKey.export({ type: 'spki', format: 'pem' }) as string
}

/** Throws `bad_release_key`. */
export function releaseKey(keyFile: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(keyFile))
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw new Failure('bad_release_key', `"${keyFile}" holds no private key`, { hint: releaseKeyHint, cause })
  }
  throw new Failure('bad_release_key', `"${keyFile}" is no Ed25519 key`, { hint: releaseKeyHint })
}

const releaseKeyHint = 'make one with: npm run build -- --make-key FILE'

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
