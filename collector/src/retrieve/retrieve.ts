/**
 * Hands out objects of one domain, checked: bytes whose hash is not their id never leave. What is damaged, missing or of
 * another device is the same to the asker, `undefined`; damage is noted, so that the object counts as missing from then on
 * and the next put of it heals.
 */

import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { isFailure } from '@backstay/proto/failure'
import { type DeviceId, type ObjectId, objectId, type Sealed } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { type DamageReason, noteDamage } from '../catalog/damage.ts'
import type { Location } from '../catalog/objects.ts'
import type { Sql } from '../catalog/sql.ts'
import { type Domain, fleetDomain } from '../catalog/vaults.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { type Run, readRuns, type Wanted } from './read-runs.ts'

export interface Retrieved {
  readonly id: ObjectId
  readonly stored: Sealed | undefined
}

export interface Retrieve {
  /** Each distinct id once, in the order in which they lie in the packs; a few MiB in memory whatever is asked. */
  get(device: DeviceId | 'fleet', ids: readonly ObjectId[]): AsyncIterable<Retrieved>
}

export interface RetrieveOptions {
  readonly p: Pick<Primitives, 'sha256'>
  readonly store: Pick<PackStore, 'read'>
  readonly sql: Sql
  readonly vault: number
  readonly clock: Pick<Clock, 'now'>
  /** Ingest knows places that the catalog does not know yet. */
  readonly index: {
    locate(domain: Domain, ids: readonly ObjectId[]): Promise<(Location | undefined)[]>
    settled(): Promise<void>
  }
}

/** Looked up together; more would only cost memory. */
const idsAtOnce = 1024

export function openRetrieve(options: RetrieveOptions): Retrieve {
  return {
    async *get(device, ids) {
      const domain = device === 'fleet' ? fleetDomain : device
      const distinct = [...new Set(ids)]
      for (let first = 0; first < distinct.length; first += idsAtOnce) {
        yield* getSome(options, domain, distinct.slice(first, first + idsAtOnce))
      }
    },
  }
}

async function* getSome(
  options: RetrieveOptions,
  domain: Domain,
  ids: readonly ObjectId[],
): AsyncIterable<Retrieved> {
  const places = await options.index.locate(domain, ids)
  const wanted: Wanted[] = []
  for (const [index, id] of ids.entries()) {
    const place = places[index]
    if (place === undefined) yield { id, stored: undefined }
    else wanted.push({ id, pack: place.pack, offset: place.offset, length: place.length })
  }
  const runs = readRuns(wanted)
  // The next run is read while this one is handed out.
  let next = runs[0] && readRun(options, runs[0])
  for (const [index, run] of runs.entries()) {
    const read = await next
    const following = runs[index + 1]
    next = following && readRun(options, following)
    for (const object of run.objects) {
      const start = object.offset - run.offset
      const bytes = read?.subarray(start, start + object.length)
      yield { id: object.id, stored: await checked(options, domain, object, bytes) }
    }
  }
}

/** Undefined when the run cannot be read in one go; then each object is tried alone. */
async function readRun({ store }: RetrieveOptions, run: Run): Promise<Bytes | undefined> {
  try {
    return await store.read(run.pack, run.offset, run.length)
  } catch {
    return undefined
  }
}

async function checked(
  options: RetrieveOptions,
  domain: Domain,
  wanted: Wanted,
  bytes: Bytes | undefined,
): Promise<Sealed | undefined> {
  if (bytes !== undefined && (await isWhole(options, wanted, bytes))) return bytes as Sealed
  // Once more and alone: memory and cables turn bits as well, and one bad sector fails a whole run.
  const again = await readAlone(options, wanted)
  if (typeof again !== 'string' && (await isWhole(options, wanted, again))) return again as Sealed
  const moved = again === 'missing' ? await placeNow(options, domain, wanted) : undefined
  if (moved !== undefined) return checked(options, domain, moved, undefined)
  await note(options, domain, wanted, typeof again === 'string' ? again : 'damaged')
  return undefined
}

/** A collection may have moved it to another pack since we looked. */
async function placeNow(
  { index }: RetrieveOptions,
  domain: Domain,
  wanted: Wanted,
): Promise<Wanted | undefined> {
  const [place] = await index.locate(domain, [wanted.id])
  if (place === undefined || (place.pack === wanted.pack && place.offset === wanted.offset)) return undefined
  return { id: wanted.id, pack: place.pack, offset: place.offset, length: place.length }
}

async function isWhole({ p }: RetrieveOptions, wanted: Wanted, bytes: Bytes): Promise<boolean> {
  return bytes.length === wanted.length && objectId(await p.sha256(bytes)) === wanted.id
}

/** Throws when the fault is ours and not the medium's. */
async function readAlone({ store }: RetrieveOptions, wanted: Wanted): Promise<Bytes | DamageReason> {
  try {
    return await store.read(wanted.pack, wanted.offset, wanted.length)
  } catch (error) {
    if (isFailure(error, 'pack_missing')) return 'missing'
    if (isFailure(error, 'pack_unreadable')) return 'unreadable'
    throw error
  }
}

async function note(
  { sql, vault, clock, index }: RetrieveOptions,
  domain: Domain,
  { id, pack, offset, length }: Wanted,
  reason: DamageReason,
): Promise<void> {
  try {
    await index.settled()
    const place = { domain, id, pack, offset, length }
    await noteDamage(sql, vault, { ...place, reason, notedAtMs: clock.now() })
  } catch (error) {
    // The catalog fails now. The asker gets the truth anyway, and the next read or scrub notes it.
    if (!isFailure(error, 'catalog_unavailable')) throw error
  }
}
