/**
 * Recipients of age files. Only the hybrid post-quantum kind is allowed: whatever is sealed today lies at the collector
 * for years, and one classic recipient beside the others would undo it.
 */
import { decodeBech32 } from '../bech32.ts'

/** Of an ML-KEM-768 key and an X25519 key, as age's `age1pq1…` holds them. */
const hybridKeyBytes = 1216
/** 1,959 characters today. */
export const recipientCharactersMax = 2048

/** True for a well-formed `age1pq1…`, checksum included; false for classic `age1…` and everything else. */
export function isHybridRecipient(text: string): boolean {
  return (
    text.startsWith('age1pq1') &&
    decodeBech32('age1pq', text, recipientCharactersMax)?.length === hybridKeyBytes
  )
}

/** A recipient of age's older kind: well-meant, and refused with a message of its own. */
export function isClassicRecipient(text: string): boolean {
  return text.startsWith('age1') && !text.startsWith('age1pq1')
}
