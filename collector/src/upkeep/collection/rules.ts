/** The retention rule of each device: what verified orders wish, and what pins and holds keep. */

import { isFailure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import { type EraseFact, isErased } from '@backstay/proto/policy/erasures'
import { type HoldFact, holdingOf } from '@backstay/proto/policy/holds'
import type { RetentionRule } from '@backstay/proto/policy/retention'
import { type OrderFact, wishesOf } from '@backstay/proto/policy/wishes'
import { decodeEnvelope, signersOf } from '@backstay/proto/trust/envelope'
import { decodeErase } from '@backstay/proto/trust/erase'
import { decodeHold } from '@backstay/proto/trust/hold'
import { verifyErase, verifyHold } from '@backstay/proto/trust/orders'
import { type VerifiedTrust, verifyTrustHistory } from '@backstay/proto/trust/trust'
import type { DeviceRow } from '../../catalog/devices.ts'
import { type NewRecord, recordsOf, trustChain } from '../../catalog/records.ts'
import { verifiedOrders } from '../../fleet/standing-orders.ts'
import type { CollectionOptions } from './options.ts'

export interface Rules {
  ruleFor(device: Pick<DeviceRow, 'device' | 'grantId' | 'revokedAtMs'>, nowMs: number): RetentionRule
}

export async function readRules(
  options: Pick<CollectionOptions, 'p' | 'sql' | 'retention'>,
  fleet: FleetId,
): Promise<Rules> {
  const { p, sql } = options
  const history = await verifyTrustHistory(p, await trustChain(sql, fleet), fleet)
  const trust = history.at(-1)
  const facts = trust === undefined ? [] : await orderFacts(options, trust)
  const holds = await verifiedHolds(options, fleet, history)
  const erasures = await verifiedErasures(options, fleet, history)
  return {
    ruleFor({ device, grantId, revokedAtMs }, nowMs) {
      return {
        wishes: wishesOf(facts, { device, grantId }, nowMs),
        minimumAgeDays: trust?.document.flags.retentionMinDays ?? 0,
        ...holdingOf(holds, device, nowMs),
        erased: revokedAtMs !== undefined && isErased(erasures, device, nowMs),
      }
    },
  }
}

/** None before there is a fleet. */
export async function readErasures(
  options: Pick<CollectionOptions, 'p' | 'sql' | 'retention'>,
  fleet: FleetId | undefined,
): Promise<readonly EraseFact[]> {
  if (fleet === undefined) return []
  const history = await verifyTrustHistory(options.p, await trustChain(options.sql, fleet), fleet)
  return verifiedErasures(options, fleet, history)
}

/** In the order in which they came in. */
async function orderFacts(
  { p, sql, retention }: Pick<CollectionOptions, 'p' | 'sql' | 'retention'>,
  trust: VerifiedTrust,
): Promise<OrderFact[]> {
  const facts = (await verifiedOrders(p, sql, trust)).map(({ order, record }) => ({
    order,
    heldSinceMs: record.heldSinceMs ?? retention.begunMs,
  }))
  return facts.sort((a, b) => a.heldSinceMs - b.heldSinceMs)
}

/** As their signers saw the world. */
async function verifiedErasures(
  { p, sql, retention }: Pick<CollectionOptions, 'p' | 'sql' | 'retention'>,
  fleet: FleetId,
  history: readonly VerifiedTrust[],
): Promise<EraseFact[]> {
  const facts: EraseFact[] = []
  for (const record of await recordsOf(sql, fleet, 'erase')) {
    const { order } = decodeErase(decodeEnvelope(record.envelope).payload)
    const trust = history.find(one => one.document.version === order.trustVersion)
    if (trust === undefined) continue
    try {
      const erase = await verifyErase(p, record.envelope, { trust, nowMs: order.issuedAtMs, held: true })
      const owners = await ownersOf(p, 'erase', record, trust)
      facts.push({ erase, owners, heldSinceMs: record.heldSinceMs ?? retention.now() })
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return facts
}

/** As their signers saw the world: who leaves takes no hold with him. */
async function verifiedHolds(
  { p, sql, retention }: Pick<CollectionOptions, 'p' | 'sql' | 'retention'>,
  fleet: FleetId,
  history: readonly VerifiedTrust[],
): Promise<HoldFact[]> {
  const facts: HoldFact[] = []
  for (const record of await recordsOf(sql, fleet, 'hold')) {
    const { order } = decodeHold(decodeEnvelope(record.envelope).payload)
    const trust = history.find(one => one.document.version === order.trustVersion)
    if (trust === undefined) continue
    try {
      const hold = await verifyHold(p, record.envelope, { trust, nowMs: order.issuedAtMs, held: true })
      const owners = await ownersOf(p, 'hold', record, trust)
      facts.push({ hold, owners, heldSinceMs: record.heldSinceMs ?? retention.begunMs })
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return facts
}

async function ownersOf(
  p: CollectionOptions['p'],
  kind: 'hold' | 'erase',
  { envelope }: NewRecord,
  trust: VerifiedTrust,
): Promise<number> {
  const keys = trust.document.owners.map(owner => owner.key)
  return (await signersOf(p, kind, decodeEnvelope(envelope), keys)).length
}
