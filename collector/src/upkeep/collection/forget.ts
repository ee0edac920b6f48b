/**
 * Before anything goes, the packs say so: a receipt when each snapshot came in, then a `forget` record with those that
 * count no longer. A rebuild finds exactly the same set.
 */
import { isFailure } from '@backstay/proto/failure'
import type { FleetId, ObjectId } from '@backstay/proto/object/id'
import { type Retained, type RetentionRule, retain, type Verdict } from '@backstay/proto/policy/retention'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { forgottenMax, signForget } from '@backstay/proto/trust/forget'
import { decodeReceipt, type Received, receivedMax, signReceipt } from '@backstay/proto/trust/receipt'
import { type DeviceRow, listDevices } from '../../catalog/devices.ts'
import { recordsOf } from '../../catalog/records.ts'
import { listSnapshots, type SnapshotRow, unreceiptedSnapshots } from '../../catalog/snapshots.ts'
import { fleetDomain } from '../../catalog/vaults.ts'
import type { CollectionLimits } from './limits.ts'
import type { CollectionOptions } from './options.ts'

/** What is known of one device's snapshots at one time. */
export interface DeviceVerdicts {
  readonly device: DeviceRow
  readonly rule: RetentionRule
  readonly verdicts: readonly Verdict[]
}

/** Devices of the fleet, a page in memory. */
export async function* devicesOf(
  { sql }: Pick<CollectionOptions, 'sql'>,
  fleet: FleetId,
): AsyncIterable<DeviceRow> {
  for (let after: DeviceRow | undefined; ; ) {
    const page = await listDevices(sql, fleet, { limit: 100, ...(after && { after: after.device }) })
    yield* page
    after = page.at(-1)
    if (after === undefined) return
  }
}

/** Snapshots of a device as the rule sees them, oldest first. Also those of which something is missing. */
export async function retainedOf(
  { sql, retention }: Pick<CollectionOptions, 'sql' | 'retention'>,
  fleet: FleetId,
  device: DeviceRow['device'],
): Promise<Retained[]> {
  const rows = await listSnapshots(sql, fleet, device, { unpublished: true, limit: 1_000_000 })
  return withTimes(rows.toReversed(), retention.now())
}

/**
 * Times by the retention clock. Where it was not there yet, or a rebuild found no receipt, what the catalog thinks, but
 * never before an older snapshot: order is certain, the system's clock is not.
 */
function withTimes(ordered: readonly SnapshotRow[], nowMs: number): Retained[] {
  let beforeMs = 0
  return ordered.map(({ id, sequence, complete, heldSinceMs, receivedAtMs }) => {
    beforeMs = Math.min(Math.max(heldSinceMs ?? receivedAtMs, beforeMs), nowMs)
    return { id, sequence, complete, heldSinceMs: beforeMs }
  })
}

/** Says in the packs when the snapshots of a device came in that no receipt names yet; returns how many. */
export async function writeReceipts(
  options: CollectionOptions,
  fleet: FleetId,
  device: DeviceRow['device'],
): Promise<number> {
  const unnamed = await unreceiptedSnapshots(options.sql, fleet, device)
  if (unnamed.length === 0) return 0
  const times = new Map((await retainedOf(options, fleet, device)).map(one => [one.id, one.heldSinceMs]))
  const received: Received[] = unnamed.map(({ id }) => ({
    snapshot: id,
    clockMs: times.get(id) ?? options.retention.now(),
  }))
  for (let first = 0; first < received.length; first += receivedMax) {
    await writeReceipt(options, fleet, device, received.slice(first, first + receivedMax))
  }
  return received.length
}

/** Says in the packs what the retention clock shows, when that was not said for some time. */
export async function writeClock(
  options: CollectionOptions,
  fleet: FleetId,
  limits: Pick<CollectionLimits, 'clockRecordMs'>,
): Promise<void> {
  const newest = (await recordsOf(options.sql, fleet, 'receipt', fleetDomain)).at(-1)
  const saidMs = newest && decodeReceipt(decodeEnvelope(newest.envelope).payload).clockMs
  if (saidMs !== undefined && options.retention.now() - saidMs < limits.clockRecordMs) return
  await writeReceipt(options, fleet, undefined, [])
}

export function verdictsOf(
  snapshots: readonly Retained[],
  rule: RetentionRule,
  nowMs: number,
): { readonly verdicts: readonly Verdict[]; readonly mayGo: readonly ObjectId[] } {
  const verdicts = retain(snapshots, rule, nowMs)
  return { verdicts, mayGo: verdicts.flatMap(one => (one.state === 'may_go' ? one.snapshot.id : [])) }
}

/** Durable when it resolves; nothing may be condemned before. */
export async function writeForget(
  { p, ingest, key, retention }: CollectionOptions,
  fleet: FleetId,
  device: DeviceRow['device'],
  snapshots: readonly ObjectId[],
): Promise<void> {
  for (let first = 0; first < snapshots.length; first += forgottenMax) {
    const some = snapshots.slice(first, first + forgottenMax)
    const forget = { fleet, device, snapshots: some, clockMs: retention.now() }
    await ingest.putRecord(device, await signForget(p, forget, key))
  }
}

async function writeReceipt(
  { p, ingest, key, retention }: CollectionOptions,
  fleet: FleetId,
  device: DeviceRow['device'] | undefined,
  received: readonly Received[],
): Promise<void> {
  const receipt = { fleet, device, received, clockMs: retention.now() }
  try {
    await ingest.putRecord(device ?? 'fleet', await signReceipt(p, receipt, key))
  } catch (error) {
    // On a full disk a receipt can wait; what it says stands in the catalog.
    if (!isFailure(error, 'store_full')) throw error
  }
}
