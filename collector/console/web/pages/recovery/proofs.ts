/** The newest proof of each way to the keys. */
import type { RecordItem } from '@backstay/proto/rest/records'
import { isOfToday } from '@backstay/proto/trust/kit-since'
import { decodeProof, type EscrowWay } from '@backstay/proto/trust/proof'
import { shownRecord } from '../../words/records.ts'

export interface WayProof {
  readonly atMs: number
  readonly opened: boolean
  /** How many devices were opened in this way, ever. */
  readonly devices: number
}

/** `since`: the version of Trust that named today's kit first. By the collector's word; `backstay prove` and the local console verify signatures. */
export function proofsOf(
  items: readonly RecordItem[],
  since: number,
): Readonly<Partial<Record<EscrowWay, WayProof>>> {
  const found: Partial<Record<EscrowWay, WayProof>> = {}
  const devices = new Map<EscrowWay, Set<string>>()
  for (const { envelope } of items) {
    const proof = shownRecord(envelope, decodeProof)
    if (proof === undefined || !isOfToday(proof, since)) continue
    const of = devices.get(proof.way) ?? new Set()
    devices.set(proof.way, of)
    if (proof.opened) of.add(proof.device)
    const atMs = proof.order.issuedAtMs
    const newest = found[proof.way]
    const isNewer = newest === undefined || atMs >= newest.atMs
    found[proof.way] = { ...(isNewer ? { atMs, opened: proof.opened } : newest), devices: of.size }
  }
  return found
}
