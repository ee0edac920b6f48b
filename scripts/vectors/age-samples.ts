// age files are random at every sealing, so the vectors use samples made once and kept in proto/vectors/age-samples.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bytes, fromHex, hex } from '@backstay/proto/bytes'
import { vectorFolder } from './book.ts'

const file = join(vectorFolder, 'age-samples.json')
const samples: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}

/** The kept sample of this name, or a new one, which is kept from now on. */
export async function ageSample(name: string, make: () => Promise<Bytes>): Promise<Bytes> {
  const kept = fromHex(samples[name] ?? '')
  if (kept !== undefined && kept.length > 0) return kept
  const made = await make()
  samples[name] = hex(made)
  writeFileSync(file, `${JSON.stringify(samples, undefined, 1)}\n`)
  return made
}
