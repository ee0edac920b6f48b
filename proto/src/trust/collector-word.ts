/** What a collector signs: believed of every collector that Trust ever named, because its keys change and its word stays. */
import type { Bytes } from '../bytes.ts'
import { Failure } from '../failure.ts'
import type { Primitives } from '../primitives.ts'
import { type CatalogRows, decodeCatalogRows } from './catalog-rows.ts'
import { decodeEnvelope, signersOf } from './envelope.ts'
import { decodeForget, type Forget } from './forget.ts'
import { decodeReceipt, type Receipt } from './receipt.ts'
import type { VerifiedTrust } from './trust.ts'

/** Throws `bad_signature`, `wrong_fleet`, `bad_forget`, `bad_envelope`, `wrong_kind`. */
export function verifyForget(
  p: Primitives,
  envelope: Bytes,
  history: readonly VerifiedTrust[],
): Promise<Forget> {
  return verifyWord(p, 'forget', envelope, history, decodeForget)
}

/** Throws `bad_signature`, `wrong_fleet`, `bad_receipt`, `bad_envelope`, `wrong_kind`. */
export function verifyReceipt(
  p: Primitives,
  envelope: Bytes,
  history: readonly VerifiedTrust[],
): Promise<Receipt> {
  return verifyWord(p, 'receipt', envelope, history, decodeReceipt)
}

/** Throws `bad_signature`, `wrong_fleet`, `bad_catalog_rows`, `bad_envelope`, `wrong_kind`. */
export function verifyCatalogRows(
  p: Primitives,
  envelope: Bytes,
  history: readonly VerifiedTrust[],
): Promise<CatalogRows> {
  return verifyWord(p, 'catalog', envelope, history, decodeCatalogRows)
}

async function verifyWord<T extends { readonly fleet: string }>(
  p: Primitives,
  kind: 'forget' | 'receipt' | 'catalog',
  bytes: Bytes,
  history: readonly VerifiedTrust[],
  decode: (payload: Bytes) => T,
): Promise<T> {
  const envelope = decodeEnvelope(bytes)
  const keys = history.flatMap(trust => trust.document.collectors.map(collector => collector.key))
  if ((await signersOf(p, kind, envelope, keys)).length === 0) {
    throw new Failure('bad_signature', `the ${kind} is not signed by a collector of this fleet`)
  }
  const word = decode(envelope.payload)
  if (history.some(trust => trust.fleet === word.fleet)) return word
  throw new Failure('wrong_fleet', `the ${kind} is of fleet "${word.fleet}"`)
}
