/**
 * Retention and garbage collection, one run:
 *
 * 1. *forget*: the rule says which snapshots may go; receipts and `forget` records make it durable (forget.ts)
 * 2. *mark and condemn*: one domain at a time; what nothing needs counts as absent from now on (mark.ts, condemn.ts)
 * 3. *compact*: what was condemned longer than the grace ago loses its bytes (compact.ts)
 *
 * It runs while backups run. Every step can be stopped at any moment and begun again; none trusts a clock but the
 * retention clock; none holds more than a few thousand ids in memory.
 */
import type { DeviceId } from '@backstay/proto/object/id'
import { isOver, parcelRule } from '@backstay/proto/policy/parcels'
import type { RetentionRule, Verdict } from '@backstay/proto/policy/retention'
import { domainsOf } from '../../catalog/condemned.ts'
import { clearMarks } from '../../catalog/marks.ts'
import { addParcelEnd, listParcels, type ParcelRow } from '../../catalog/parcels.ts'
import { fleetOfVault } from '../../catalog/vaults.ts'
import { type Compacted, compact } from './compact.ts'
import { type Condemned, condemnUnmarked, countUnmarked } from './condemn.ts'
import { devicesOf, retainedOf, verdictsOf, writeClock, writeForget, writeReceipts } from './forget.ts'
import { collectionLimits } from './limits.ts'
import { beginMarking, type Marking, mark } from './mark.ts'
import { isMarkedStill, saveMarked } from './marked-still.ts'
import type { CollectionOptions } from './options.ts'
import { readRules } from './rules.ts'

export type { CollectionOptions } from './options.ts'

export interface CollectionReport extends Compacted {
  /** Devices whose pages were looked at; the others have lost nothing since the last time. */
  readonly marked: number
  /** The system's clock jumped: by the retention clock nothing is forgotten or condemned until then. */
  readonly haltedUntilMs: number | undefined
  readonly snapshots: number
  /** Snapshots that count no longer. In a dry run: that would. */
  readonly forgotten: number
  /** Objects and stored bytes that count as absent. In a dry run: that would. */
  readonly condemned: number
  readonly condemnedBytes: number
  /** Devices of which nothing is condemned, because objects that lead further cannot be read. */
  readonly blocked: readonly { readonly device: DeviceId; readonly unreadable: number }[]
  readonly ms: number
}

async function condemnIn(marking: Marking, dryRun: boolean): Promise<Condemned> {
  const marked = await mark(marking)
  if (marked.unreadable > 0) return { objects: 0, bytes: 0, ...marked }
  if (dryRun) return { ...(await countUnmarked(marking)), ...marked }
  const found = await condemnUnmarked(marking)
  // The second mark finds only the leases that came meanwhile.
  return { ...found, leasedUntilMs: Math.min(marked.leasedUntilMs, found.leasedUntilMs) }
}

const nothingCompacted: Compacted = { rewritten: 0, deleted: 0, merged: 0, freedBytes: 0, left: 0 }

/** Only one at a time, and not beside a scrub (`Vault.inTurn`). */
export async function collect(
  options: CollectionOptions & { readonly dryRun?: boolean },
): Promise<CollectionReport> {
  const { sql, vault, clock, retention } = options
  const limits = { ...collectionLimits, ...options.limits }
  const begun = clock.monotonic()
  const { haltedUntilMs } = retention
  const report = { haltedUntilMs, snapshots: 0, forgotten: 0, marked: 0, condemned: 0, condemnedBytes: 0 }
  const blocked: CollectionReport['blocked'][number][] = []
  const fleet = await fleetOfVault(sql, vault)
  if (fleet === undefined) return { ...report, ...nothingCompacted, blocked, ms: clock.monotonic() - begun }
  await retention.save()
  const goes = new Map<DeviceId, readonly Verdict['snapshot']['id'][]>()
  const rules = await readRules(options, fleet)
  if (options.dryRun !== true) await writeClock(options, fleet, limits)
  const forget = async (domain: DeviceId, rule: RetentionRule) => {
    options.signal?.throwIfAborted()
    if (options.dryRun !== true) await writeReceipts(options, fleet, domain)
    const snapshots = await retainedOf(options, fleet, domain)
    const { mayGo } = verdictsOf(snapshots, rule, retention.now())
    report.snapshots += snapshots.length
    if (mayGo.length === 0 || haltedUntilMs !== undefined) return
    report.forgotten += mayGo.length
    if (options.dryRun === true) goes.set(domain, mayGo)
    else await writeForget(options, fleet, domain, mayGo)
  }
  const erased = new Set<DeviceId>()
  for await (const row of devicesOf(options, fleet)) {
    const rule = rules.ruleFor(row, retention.now())
    if (rule.erased && !rule.held) erased.add(row.device)
    await forget(row.device, rule)
  }
  const parcels = new Map<DeviceId, ParcelRow>()
  for (const parcel of await listParcels(sql, fleet)) {
    const goesToo = parcel.endedAtMs === undefined && erased.has(parcel.source)
    parcels.set(parcel.id, goesToo ? { ...parcel, endedAtMs: retention.now() } : parcel)
    if (goesToo && options.dryRun !== true) await addParcelEnd(sql, fleet, parcel.id, retention.now())
  }
  for (const parcel of parcels.values()) await forget(parcel.id, parcelRule(parcel, retention.now()))
  for (const domain of haltedUntilMs === undefined ? await domainsOf(sql, vault) : []) {
    options.signal?.throwIfAborted()
    const parcel = parcels.get(domain)
    const isEnded = parcel !== undefined && isOver(parcel, retention.now())
    if (!goes.has(domain) && !isEnded && (await isMarkedStill(options, fleet, domain))) continue
    await clearMarks(sql, vault)
    // Nobody builds on a parcel that is over: what its packer was told is here may go at once.
    const leased = isEnded ? { ...limits, leaseMs: 0 } : limits
    const marking = await beginMarking(options, fleet, domain, leased, goes.get(domain))
    const found = await condemnIn(marking, options.dryRun === true)
    report.marked++
    report.condemned += found.objects
    report.condemnedBytes += found.bytes
    if (found.unreadable > 0) blocked.push({ device: domain, unreadable: found.unreadable })
    else if (options.dryRun !== true) await saveMarked(marking, found.leasedUntilMs)
  }
  await clearMarks(sql, vault)
  const compacted =
    haltedUntilMs === undefined && options.dryRun !== true
      ? await compact(options, fleet, limits)
      : nothingCompacted
  return { ...report, ...compacted, blocked, ms: clock.monotonic() - begun }
}
