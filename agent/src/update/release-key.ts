/** The key that signs releases: a file that root put here, beside the program or with its settings. Nobody else names it. */
import { createPublicKey } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'

const fileName = 'release-key.pem'
const keyBytes = 32
const othersMayWrite = 0o022

/** The first of `folders` that has one counts. Throws `no_release_key`, `open_release_key`, `bad_release_key`. */
export function readReleaseKey(folders: readonly string[]): Bytes {
  for (const folder of folders) {
    const file = join(folder, fileName)
    const found = statSync(file, { throwIfNoEntry: false })
    if (found === undefined) continue
    if (process.platform !== 'win32' && (found.mode & othersMayWrite) !== 0) {
      throw new Failure('open_release_key', `others may write to "${file}"`, {
        hint: `run: chmod 644 "${file}"`,
      })
    }
    return keyIn(file)
  }
  throw new Failure('no_release_key', 'this machine has no key by which it would believe a release', {
    hint: `root puts it here: "${join(folders.at(-1) ?? '', fileName)}"`,
  })
}

function keyIn(file: string): Bytes {
  try {
    const key = createPublicKey(readFileSync(file))
    if (key.asymmetricKeyType === 'ed25519')
      return Uint8Array.from(key.export({ type: 'spki', format: 'der' }).subarray(-keyBytes))
  } catch (cause) {
    throw new Failure('bad_release_key', `"${file}" holds no public key`, { hint: 'copy it anew', cause })
  }
  throw new Failure('bad_release_key', `"${file}" is no Ed25519 key`, { hint: 'copy it anew' })
}
