/**
 * Which small packs become part of larger ones. A collector that is restarted often, or has little to do, seals many: each
 * costs a file, a row and a look at every start. Only packs of about one size go together, so a byte is written again
 * once for each size that it grows through, and not with every new small pack.
 */
import { allPacks, type PackRow } from '../../catalog/packs.ts'
import type { Sql } from '../../catalog/sql.ts'
import { comparePackNames, packKindNamed } from '../../packs/pack-name.ts'
import type { CollectionLimits } from './limits.ts'

/** A pack above this part of the largest is large enough. */
const smallPart = 1 / 4
const sizeFactor = 8

/** Kind by kind and oldest first, as a copy takes them. */
export async function smallPacks(sql: Sql, vault: number, limits: CollectionLimits): Promise<PackRow[]> {
  if (limits.mergeMin === 0) return []
  const classes = new Map<string, PackRow[]>()
  for await (const pack of allPacks(sql, vault)) {
    if (pack.state !== 'sealed' || pack.bytes > smallPart * limits.packBytesMax) continue
    const size = Math.floor(Math.log(limits.packBytesMax / pack.bytes) / Math.log(sizeFactor))
    const key = `${packKindNamed(pack.name)} ${size}`
    const some = classes.get(key) ?? []
    classes.set(key, some)
    some.push(pack)
  }
  const chosen: PackRow[] = []
  let bytes = 0
  for (const [, packs] of [...classes].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (packs.length < limits.mergeMin) continue
    for (const pack of packs.toSorted((a, b) => comparePackNames(a.name, b.name))) {
      bytes += pack.bytes
      if (chosen.length >= limits.mergePacksMax || bytes > limits.mergeBytesMax) return chosen
      chosen.push(pack)
    }
  }
  return chosen
}
