/** The retention rule of each device: what verified policies wish, and what pins and holds keep. */

import { isFailure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import { idToBytes } from '@backstay/proto/object/id'
import { type HoldFact, holdingOf } from '@backstay/proto/policy/holds'
import type { RetentionRule } from '@backstay/proto/policy/retention'
import { type PolicyFact, wishesOf } from '@backstay/proto/policy/wishes'
import { decodeEnvelope, signersOf } from '@backstay/proto/trust/envelope'
import { decodeHold } from '@backstay/proto/trust/hold'
import { verifyHold, verifyPolicy } from '@backstay/proto/trust/orders'
import { type VerifiedTrust, verifyTrustHistory } from '@backstay/proto/trust/trust'
import type { DeviceRow } from '../../catalog/devices.ts'
import { type NewRecord, recordsOf, trustChain } from '../../catalog/records.ts'
import type { CollectionOptions } from './options.ts'

export interface Rules {
  ruleFor(device: Pick<DeviceRow, 'device' | 'grantId'>, nowMs: number): RetentionRule
}

export async function readRules(
  options: Pick<CollectionOptions, 'p' | 'sql' | 'retention'>,
  fleet: FleetId,
): Promise<Rules> {
  const { p, sql } = options
  const history = await verifyTrustHistory(p, await trustChain(sql, fleet), fleet)
  const trust = history.at(-1)
  const policies = trust === undefined ? [] : await standingPolicies(options, fleet, trust)
  const holds = await verifiedHolds(options, fleet, history)
  return {
    ruleFor({ device, grantId }, nowMs) {
      const audience = [idToBytes(device), grantId]
      return {
        wishes: wishesOf(policies, audience, nowMs),
        minimumAgeDays: trust?.document.flags.retentionMinDays ?? 0,
        ...holdingOf(holds, device, nowMs),
      }
    },
  }
}

/** As the device believes them: signed by somebody who may command now. In the order in which they came. */
async function standingPolicies(
  { p, sql, retention }: Pick<CollectionOptions, 'p' | 'sql' | 'retention'>,
  fleet: FleetId,
  trust: VerifiedTrust,
): Promise<PolicyFact[]> {
  const found: PolicyFact[] = []
  for (const { envelope, heldSinceMs } of await recordsOf(sql, fleet, 'policy')) {
    try {
      const policy = await verifyPolicy(p, envelope, { trust, nowMs: 0, held: true })
      found.push({ policy, heldSinceMs: heldSinceMs ?? retention.begunMs })
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return found
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
      const owners = await ownersOf(p, record, trust)
      facts.push({ hold, owners, heldSinceMs: record.heldSinceMs ?? retention.begunMs })
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return facts
}

async function ownersOf(
  p: CollectionOptions['p'],
  { envelope }: NewRecord,
  trust: VerifiedTrust,
): Promise<number> {
  const keys = trust.document.owners.map(owner => owner.key)
  return (await signersOf(p, 'hold', decodeEnvelope(envelope), keys)).length
}
