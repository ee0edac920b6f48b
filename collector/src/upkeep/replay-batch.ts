/** Objects of one pack become rows; records among them become commits to publish and envelopes to judge. */
import type { Bytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { childIds, decodeWhole, type Header } from '@backstay/proto/object/header'
import type { ObjectId } from '@backstay/proto/object/id'
import type { Packed } from '@backstay/proto/object/pack'
import { type Commit, decodeCommit } from '@backstay/proto/trust/commit'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import { clearDamage, countDamage, damagedAt } from '../catalog/damage.ts'
import { ordinalOf } from '../catalog/facts.ts'
import { addObjects, findObjects } from '../catalog/objects.ts'
import { addRecord, type NewRecord } from '../catalog/records.ts'
import { addSnapshot } from '../catalog/snapshots.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Domain } from '../catalog/vaults.ts'
import { neededChildren } from './needed-children.ts'
import type { PackContext, PackTimes } from './replay-pack.ts'

export interface Replayable extends Packed {
  /** Only where the object was read and its hash checked. */
  readonly header?: Header
  readonly stored?: Bytes
}

export async function replayBatch(
  { sql, vault, fleet, bornMs }: PackContext,
  pack: { readonly name: string; readonly number: number },
  batch: readonly Replayable[],
  times: PackTimes,
  how: 'by index' | 'by content',
): Promise<void> {
  if (batch.length === 0) return
  await sql.transaction(async tx => {
    const here = how === 'by index' ? await withoutDamaged(tx, vault, pack.name, batch) : batch
    await clearDamage(tx, vault, here)
    const whole = await wholeOnes(tx, vault, here)
    await addObjects(
      tx,
      vault,
      pack.number,
      here.map(object => ({ ...object, whole: whole.has(keyOf(object.domain, object.id)), bornMs })),
    )
    if (fleet === undefined) return
    for (const object of here) {
      if (object.type === 'record' && object.stored !== undefined) {
        await replayRecord(tx, { vault, fleet }, object, object.stored, times)
      }
    }
  })
}

/** An index tells where objects lie, not that they are sound: what a scrub found broken there stays so. */
async function withoutDamaged(tx: Sql, vault: number, pack: string, batch: readonly Replayable[]) {
  if ((await countDamage(tx, vault)) === 0) return batch
  const broken = await damagedAt(tx, vault, batch, pack)
  return batch.filter((_, index) => broken[index] !== true)
}

/** Keys of those whose children are whole, here or in the catalog. */
async function wholeOnes(tx: Sql, vault: number, batch: readonly Replayable[]): Promise<Set<string>> {
  const asked = new Map<Domain, Set<ObjectId>>()
  for (const object of batch) {
    const { domain } = object
    const ids = asked.get(domain) ?? new Set()
    asked.set(domain, ids)
    for (const id of neededBy(object)) ids.add(id)
  }
  const whole = new Set<string>()
  for (const [domain, ids] of asked) {
    const list = [...ids]
    const rows = await findObjects(tx, vault, domain, list)
    for (const [index, id] of list.entries()) if (rows[index]?.whole) whole.add(keyOf(domain, id))
  }
  // In the order of the pack children come first; what does not, `settle` finds.
  for (const object of batch) {
    const { domain, id } = object
    if (neededBy(object).every(child => whole.has(keyOf(domain, child)))) whole.add(keyOf(domain, id))
  }
  return whole
}

function neededBy({ header, stored }: Replayable): readonly ObjectId[] {
  if (header === undefined) return []
  return stored === undefined ? childIds(header) : neededChildren(header, stored)
}

async function replayRecord(
  tx: Sql,
  scope: { readonly vault: number; readonly fleet: Parameters<typeof addRecord>[1] },
  { domain, id }: Replayable,
  stored: Bytes,
  times: PackTimes,
): Promise<void> {
  // Only reading may fail quietly: a catalog that cannot be written now must not leave out a record for good.
  const read = readRecord(stored)
  if (read === undefined) return
  if (read.kind === 'commit') {
    const { commit } = read
    if (commit.device !== domain || commit.fleet !== scope.fleet) return
    await addSnapshot(tx, scope.vault, id, commit, within(times, commit.endedAtMs), false)
    return
  }
  await addRecord(tx, scope.fleet, { ...read.record, domain, id, receivedAtMs: times.from }, 'found')
}

type Read =
  | { readonly kind: 'commit'; readonly commit: Commit }
  | { readonly kind: 'record'; readonly record: Pick<NewRecord, 'kind' | 'ordinal' | 'envelope'> }

/** Undefined for what this version cannot read: it stays in its pack and means nothing. */
function readRecord(stored: Bytes): Read | undefined {
  try {
    const envelope = Uint8Array.from(decodeWhole(stored).body)
    const decoded = decodeEnvelope(envelope)
    const kind = kindOf(decoded)
    if (kind === 'commit') return { kind, commit: decodeCommit(decoded.payload) }
    return { kind: 'record', record: { kind, ordinal: ordinalOf(kind, decoded.payload), envelope } }
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}

/** A device may set its clock as it likes, but not make a commit older or younger than its pack. */
function within({ from, until }: PackTimes, ms: number): number {
  return Math.min(Math.max(ms, from), Math.max(from, until))
}

function keyOf(domain: Domain, id: ObjectId): string {
  return domain + id
}
