/** Seals TOTP secrets in the catalog, whose copy lies in the packs; itself it lies beside the collector's keys alone. */
import { join } from 'node:path'
import { type Bytes, fromHex, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { readSecret, writeSecret } from '../../secret-file.ts'

const keyBytes = 32

/** Made once. Lost, people enrol their six digits anew. Throws `identity_damaged` and what reading the file throws. */
export async function openTotpKey(p: Pick<Primitives, 'random'>, folder: string): Promise<Bytes> {
  const path = join(folder, 'totp-key')
  const text = await readSecret(path)
  if (text === undefined) {
    const key = p.random(keyBytes)
    await writeSecret(path, `${hex(key)}\n`)
    return key
  }
  const key = fromHex(text.trim())
  if (key?.length === keyBytes) return key
  throw new Failure('identity_damaged', `"${path}" is no key`, {
    hint: 'put the file back from a copy, or remove it: then people enrol their six digits anew',
  })
}
