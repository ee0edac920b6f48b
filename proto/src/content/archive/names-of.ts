/** The index of names and its runs, from wherever objects come from. */

import { Failure } from '../../failure.ts'
import type { Primitives } from '../../primitives.ts'
import type { Reference } from '../entry.ts'
import { decodeIndex, type NameRun } from '../names.ts'
import { openObject, type SealingKeys } from '../seal.ts'
import type { ObjectSource } from './object-pages.ts'

/** Oldest first. Throws `names_missing`, `bad_names` and what opening throws. */
export async function readNameIndex(
  p: Primitives,
  source: ObjectSource,
  index: Reference,
  keys?: SealingKeys,
): Promise<NameRun[]> {
  const { bytes, children } = await openNames(p, source, index, keys)
  return decodeIndex(bytes, children)
}

/** Opens one object of type names; throws `names_missing` and what opening throws. */
export async function openNames(
  p: Primitives,
  source: ObjectSource,
  reference: Reference,
  keys?: SealingKeys,
) {
  for await (const { stored } of source.get([reference.id])) {
    if (stored !== undefined) return openObject(p, reference, 'names', stored, keys)
  }
  throw new Failure('names_missing', `the list of names ${reference.id} is not in the store`, {
    remedy: 'repair',
    hint: 'browse the snapshots instead; the next backup of the device lists its names anew',
  })
}
