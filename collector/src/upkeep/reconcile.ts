/** Compares what a scrub finds in a pack with what the catalog thinks lies there, and lets the pack be right. */
import { isFailure } from '@backstay/proto/failure'
import { type ObjectId, objectId } from '@backstay/proto/object/id'
import { packHeaderBytes } from '@backstay/proto/object/pack'
import { type DamageReason, noteDamage } from '../catalog/damage.ts'
import { countByPack, findObjects, findPlaces, type Location, objectsIn } from '../catalog/objects.ts'
import { type PackRow, savePack } from '../catalog/packs.ts'
import { type Domain, fleetOfVault } from '../catalog/vaults.ts'
import { aroundBadSectors } from '../packs/around-bad-sectors.ts'
import { packCreatedMs } from '../packs/pack-name.ts'
import { scanFrames } from '../packs/scan.ts'
import { replayBatch } from './replay-batch.ts'
import type { Finding, ScrubOptions } from './scrub.ts'
import type { BrokenObject, WholeFrame } from './scrub-pack.ts'

/** What was found of one pack. */
export interface PackRecord {
  readonly name: string
  /** Its number in the catalog; undefined when it is not there, or not all of the pack could be read. */
  readonly pack: number | undefined
  readonly whole: number
  /** Whole ones that lie where the catalog says. */
  readonly matched: number
  readonly takenBack: number
  /** Broken ones that lie whole elsewhere. */
  readonly healed: number
}

export interface PackBook {
  whole(frame: WholeFrame): Promise<void>
  broken(object: BrokenObject, reason: DamageReason): Promise<void>
  close(state: 'finished' | 'unfinished'): Promise<PackRecord>
}

const batchFrames = 500

export function reconcile(
  options: ScrubOptions,
  name: string,
  row: PackRow | undefined,
  report: (finding: Finding) => void,
): PackBook {
  const { sql, vault, clock } = options
  let batch: WholeFrame[] = []
  let whole = 0
  let matched = 0
  let takenBack = 0
  let healed = 0
  let number = row?.pack

  async function flush(): Promise<void> {
    const unknown: WholeFrame[] = []
    for (const [frame, known] of await rowsOf(options, batch)) {
      if (known?.pack === name && known.offset === frame.offset) matched++
      // A copy is no loss, unless the catalog's own place is not what it says.
      else if (known === undefined || !(await isWholeAt(options, frame, known, report))) unknown.push(frame)
    }
    batch = []
    if (unknown.length === 0) return
    const bytes = (await options.store.size(name)) ?? 0
    number ??= await savePack(sql, vault, { name, bytes, indexedBytes: bytes, state: 'sealed' })
    const times = { from: packCreatedMs(name), until: clock.now() }
    const fleet = await fleetOfVault(sql, vault)
    const objects = unknown.map(frame => ({ ...frame, type: frame.header.type }))
    await replayBatch({ ...options, fleet }, { name, number }, objects, times, 'by content')
    takenBack += unknown.length
    matched += unknown.length
  }

  return {
    async whole(frame) {
      whole++
      batch.push(frame)
      if (batch.length >= batchFrames) await flush()
    },
    async broken(object, reason) {
      const { domain, id, offset, length } = object
      const fact = { domain, id, offset, length, pack: name, reason, notedAtMs: clock.now() }
      await noteDamage(sql, vault, fact)
      const [elsewhere] = await findObjects(sql, vault, domain, [id])
      if (elsewhere !== undefined) healed++
      else report({ kind: 'object', pack: name, domain, id, reason })
    },
    async close(state) {
      await flush()
      const pack = state === 'finished' ? number : undefined
      return { name, pack, whole, matched, takenBack, healed }
    },
  }
}

/**
 * After all packs: rows of the catalog that point to where no object lies, as when packs were exchanged. Counting finds
 * the packs, and only those are read once more.
 */
export async function reconcileLeftovers(
  options: ScrubOptions,
  records: readonly PackRecord[],
  report: (finding: Finding) => void,
): Promise<void> {
  const rows = await countByPack(options.sql, options.vault)
  for (const record of records) {
    if (record.pack === undefined || (rows.get(record.pack) ?? 0) === record.matched) continue
    await reconcileRows(options, { name: record.name, pack: record.pack }, report)
  }
}

/** Notes what the catalog thinks lies in a pack and does not. */
export async function reconcileRows(
  options: ScrubOptions,
  pack: { readonly name: string; readonly pack: number },
  report: (finding: Finding) => void,
): Promise<void> {
  const there = new Set<string>()
  const range = { from: packHeaderBytes, to: (await options.store.size(pack.name)) ?? 0 }
  const { store } = aroundBadSectors(options.store)
  for await (const found of scanFrames(options.p, store, pack.name, range)) {
    if (found.state === 'whole') there.add(keyOf(found.domain, found.id, found.offset))
  }
  for await (const object of objectsIn(options.sql, options.vault, pack.pack)) {
    const { domain, id, offset, length } = object
    if (there.has(keyOf(domain, id, offset))) continue
    const fact = { domain, id, offset, length, pack: pack.name, reason: 'damaged' } as const
    await noteDamage(options.sql, options.vault, { ...fact, notedAtMs: options.clock.now() })
    report({ kind: 'object', ...fact })
  }
}

async function rowsOf(
  { sql, vault }: ScrubOptions,
  frames: readonly WholeFrame[],
): Promise<[WholeFrame, Location | undefined][]> {
  const pairs: [WholeFrame, Location | undefined][] = []
  const byDomain = Map.groupBy(frames, frame => frame.domain)
  for (const [domain, some] of byDomain) {
    const rows = await findPlaces(
      sql,
      vault,
      domain,
      some.map(frame => frame.id),
    )
    for (const [index, frame] of some.entries()) pairs.push([frame, rows[index]])
  }
  return pairs
}

async function isWholeAt(
  { p, store, sql, vault, clock }: ScrubOptions,
  { domain, id }: WholeFrame,
  place: Location,
  report: (finding: Finding) => void,
): Promise<boolean> {
  try {
    const bytes = await store.read(place.pack, place.offset, place.length)
    if (bytes.length === place.length && objectId(await p.sha256(bytes)) === id) return true
  } catch (error) {
    if (!isFailure(error, 'pack_missing') && !isFailure(error, 'pack_unreadable')) throw error
  }
  const { pack, offset, length } = place
  const fact = { domain, id, pack, offset, length, reason: 'damaged' } as const
  await noteDamage(sql, vault, { ...fact, notedAtMs: clock.now() })
  report({ kind: 'object', ...fact })
  return false
}

function keyOf(domain: Domain, id: ObjectId, offset: number): string {
  return `${domain}${id}${offset}`
}
