/** Which devices' newest keys somebody showed to open, by the proofs that admins signed; as they were verified on arrival. */
import { setImmediate } from 'node:timers/promises'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { isOfToday } from '@backstay/proto/trust/kit-since'
import { decodeProof, type EscrowWay, type Proof } from '@backstay/proto/trust/proof'
import { recordsOf } from '../catalog/records.ts'
import type { Sql } from '../catalog/sql.ts'

export interface Proven {
  /** Whether the newest word about some way says that the escrow of this epoch opened. */
  isProven(device: DeviceId, epoch: number): boolean
  /** When the newest proof that something opened came in. */
  readonly lastProofAtMs: number | undefined
}

const ways: readonly EscrowWay[] = ['desk', 'kit']
/** Some milliseconds; then others are let in. */
const readAtOnce = 250

/** `since`: the version of Trust that named today's kit first. */
export async function readProven(sql: Sql, fleet: FleetId, since: number): Promise<Proven> {
  const newest = new Map<string, Proof>()
  let lastProofAtMs: number | undefined
  for (const [at, { envelope, receivedAtMs }] of (await recordsOf(sql, fleet, 'proof')).entries()) {
    if (at % readAtOnce === readAtOnce - 1) await setImmediate()
    const proof = decodeProof(decodeEnvelope(envelope).payload)
    if (!isOfToday(proof, since)) continue
    const key = keyOf(proof.device, proof.epoch, proof.way)
    const before = newest.get(key)
    if (before === undefined || before.order.issuedAtMs <= proof.order.issuedAtMs) newest.set(key, proof)
    if (proof.opened) lastProofAtMs = Math.max(lastProofAtMs ?? 0, receivedAtMs)
  }
  return {
    isProven: (device, epoch) => ways.some(way => newest.get(keyOf(device, epoch, way))?.opened === true),
    lastProofAtMs,
  }
}

function keyOf(device: DeviceId, epoch: number, way: EscrowWay): string {
  return `${device} ${epoch} ${way}`
}
