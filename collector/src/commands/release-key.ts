/** The key that signs releases, as it came with this installation. */
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isSea } from 'node:sea'
import type { Bytes } from '@backstay/proto/bytes'
import { wrongSetting } from './settings.ts'

const keyBytes = 32

/** Of the file given, else of the one beside the executable, when there is one. Throws a wrong setting. */
export function releaseKeyOf(given: string | undefined): Bytes | undefined {
  const file = given ?? (isSea() ? join(dirname(process.execPath), 'release-key.pem') : undefined)
  if (file === undefined) return undefined
  try {
    const key = createPublicKey(readFileSync(file))
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('another kind of key')
    return Uint8Array.from(key.export({ type: 'spki', format: 'der' }).subarray(-keyBytes))
  } catch (cause) {
    if (given === undefined && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      return undefined
    const isRead = !(cause instanceof Error && 'syscall' in cause)
    throw wrongSetting(
      `--release-key: "${file}" ${isRead ? 'holds no public Ed25519 key' : 'cannot be read'}`,
    )
  }
}
