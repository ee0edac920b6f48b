/** Which fleet packs belong to, when nothing else is left to tell. */
import { Failure, isFailure } from '@backstay/proto/failure'
import { decodeWhole } from '@backstay/proto/object/header'
import type { FleetId } from '@backstay/proto/object/id'
import { packHeaderBytes } from '@backstay/proto/object/pack'
import type { Primitives } from '@backstay/proto/primitives'
import { decodeCertificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import { fleetOf, verifyTrustChain } from '@backstay/proto/trust/trust'
import { fleetDomain } from '../catalog/vaults.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { scanFrames } from '../packs/scan.ts'

/**
 * The fleet of the first Trust document, which is the first record of the first pack. Where that is lost, the fleet
 * that a device's certificate names. Undefined when the packs hold neither. Throws `pack_unreadable` when that cannot be
 * told: without a fleet records are not brought in, and packs that were looked at in vain would not be looked at again.
 */
export async function findFleet(
  p: Primitives,
  store: PackStore,
  pagesPacks: readonly string[],
): Promise<FleetId | undefined> {
  let named: FleetId | undefined
  const unread: string[] = []
  for await (const { domain, stored } of records(p, store, pagesPacks, unread)) {
    try {
      const envelope = decodeWhole(stored).body
      const decoded = decodeEnvelope(envelope)
      const kind = kindOf(decoded)
      if (kind === 'certificate') named ??= decodeCertificate(decoded.payload).fleet
      if (kind !== 'trust' || domain !== fleetDomain) continue
      const fleet = await fleetOf(p, envelope)
      await verifyTrustChain(p, [envelope], fleet)
      return fleet
    } catch (error) {
      // Not a version 1, or not a record that this version reads: the next one may be.
      if (!isFailure(error)) throw error
    }
  }
  const [first] = unread
  if (named === undefined && first !== undefined) {
    throw new Failure(
      'pack_unreadable',
      `which fleet the packs belong to cannot be told: "${first}" cannot be read`,
      {
        remedy: 'repair',
        hint: 'check the disk with the packs, then start the collector again',
      },
    )
  }
  return named
}

/** Names in `unread` what cannot be read, perhaps only now. */
async function* records(p: Primitives, store: PackStore, names: readonly string[], unread: string[]) {
  for (const name of names) {
    const range = { from: packHeaderBytes, to: (await store.size(name)) ?? 0 }
    try {
      for await (const found of scanFrames(p, store, name, range)) {
        if (found.state === 'whole' && found.header.type === 'record') yield found
      }
    } catch (error) {
      // A pack that cannot be read is named by the replay itself.
      if (isFailure(error, 'pack_unreadable')) unread.push(name)
      else if (!isFailure(error, 'pack_missing')) throw error
    }
  }
}
