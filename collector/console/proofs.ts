/** What admins proved by opening escrows. */
import { isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { isOfToday, kitSince } from '@backstay/proto/trust/kit-since'
import { verifyProof } from '@backstay/proto/trust/orders'
import type { EscrowWay, Proof } from '@backstay/proto/trust/proof'
import type { AdminSession } from './admin.ts'

/** One for each drill and escrow; bounds what a collector can make us read. */
const proofsMax = 1_000_000

/** By device and epoch, the ways in which an escrow was opened: the newest word about each counts. */
export interface ProvenWays {
  /** Without an epoch, of the newest that has a proof: for devices that have no snapshot yet. */
  waysOf(device: DeviceId, epoch: number | undefined): readonly EscrowWay[]
}

export async function readProofs(session: AdminSession, nowMs: number): Promise<ProvenWays> {
  const newest = new Map<string, Proof>()
  const since = kitSince(session.history)
  let count = 0
  for await (const { envelope } of session.link.listRecords('proof')) {
    if (++count > proofsMax) break
    const proof = await checked(session, envelope, nowMs)
    if (proof === undefined || !isOfToday(proof, since)) continue
    const key = keyOf(proof.device, proof.epoch, proof.way)
    const before = newest.get(key)
    if (before === undefined || before.order.issuedAtMs <= proof.order.issuedAtMs) newest.set(key, proof)
  }
  const newestEpoch = (device: DeviceId) =>
    [...newest.values()].reduce(
      (epoch, one) => (one.device === device ? Math.max(epoch, one.epoch) : epoch),
      0,
    )
  return {
    waysOf(device, epoch = newestEpoch(device)) {
      return (['desk', 'kit'] as const).filter(way => newest.get(keyOf(device, epoch, way))?.opened === true)
    },
  }
}

/** A proof by someone who is no restore admin any more, or by nobody, proves nothing. */
async function checked(
  { primitives, trust }: AdminSession,
  envelope: Uint8Array,
  nowMs: number,
): Promise<Proof | undefined> {
  try {
    return await verifyProof(primitives, envelope, { trust, nowMs })
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}

function keyOf(device: DeviceId, epoch: number, way: EscrowWay): string {
  return `${device} ${epoch} ${way}`
}
