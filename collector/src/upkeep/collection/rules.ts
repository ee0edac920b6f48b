/** The retention rule of each device: what verified orders wish, and what pins and holds keep. */

import { equalBytes } from '@backstay/proto/bytes'
import type { FleetId } from '@backstay/proto/object/id'
import { type EraseFact, isErased } from '@backstay/proto/policy/erasures'
import { type HoldFact, holdingOf } from '@backstay/proto/policy/holds'
import type { RetentionRule } from '@backstay/proto/policy/retention'
import { standingKinds } from '@backstay/proto/policy/standing'
import { type Era, wishesOf } from '@backstay/proto/policy/wishes'
import type { PayloadKind } from '@backstay/proto/trust/envelope'
import { pastErase, pastHold } from '@backstay/proto/trust/past-words'
import { type HeldOrder, recentEras } from '@backstay/proto/trust/recent-eras'
import { type VerifiedTrust, verifyTrustHistory } from '@backstay/proto/trust/trust'
import type { DeviceRow } from '../../catalog/devices.ts'
import { recordsOf, trustChain } from '../../catalog/records.ts'
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
  const eras = await erasOf(options, fleet, history)
  const holds = await verifiedHolds(options, fleet, history)
  const erasures = await verifiedErasures(options, fleet, history)
  return {
    ruleFor({ device, grantId, revokedAtMs }, nowMs) {
      return {
        wishes: wishesOf(eras, { device, grantId }, nowMs),
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

async function erasOf(
  { p, sql, retention }: Pick<CollectionOptions, 'p' | 'sql' | 'retention'>,
  fleet: FleetId,
  history: readonly VerifiedTrust[],
): Promise<Era[]> {
  const held = async (kind: PayloadKind): Promise<HeldOrder[]> =>
    (await recordsOf(sql, fleet, kind)).map(({ envelope, heldSinceMs = retention.begunMs }) => ({
      envelope,
      heldSinceMs,
    }))
  const documents = await held('trust')
  const trusts = history.map(trust => ({
    trust,
    heldSinceMs:
      documents.find(one => equalBytes(one.envelope, trust.envelope))?.heldSinceMs ?? retention.begunMs,
  }))
  const orders = (await Promise.all(standingKinds.map(held))).flat()
  return recentEras(p, trusts, orders, retention.now())
}

async function verifiedErasures(
  { p, sql, retention }: Pick<CollectionOptions, 'p' | 'sql' | 'retention'>,
  fleet: FleetId,
  history: readonly VerifiedTrust[],
): Promise<EraseFact[]> {
  const facts: EraseFact[] = []
  for (const { envelope, heldSinceMs = retention.now() } of await recordsOf(sql, fleet, 'erase')) {
    const found = await pastErase(p, envelope, history)
    if (found !== undefined) facts.push({ erase: found.word, owners: found.owners, heldSinceMs })
  }
  return facts
}

async function verifiedHolds(
  { p, sql, retention }: Pick<CollectionOptions, 'p' | 'sql' | 'retention'>,
  fleet: FleetId,
  history: readonly VerifiedTrust[],
): Promise<HoldFact[]> {
  const facts: HoldFact[] = []
  for (const { envelope, heldSinceMs = retention.begunMs } of await recordsOf(sql, fleet, 'hold')) {
    const found = await pastHold(p, envelope, history)
    if (found !== undefined) facts.push({ hold: found.word, owners: found.owners, heldSinceMs })
  }
  return facts
}
