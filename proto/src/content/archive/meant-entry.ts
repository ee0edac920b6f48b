/** What lies in a snapshot under a path that somebody typed. */
import type { Entry, Reference } from '../entry.ts'
import { keyOf, type Path } from '../map/key.ts'
import { lookup, type PageSource } from '../map/read.ts'
import { meaningsOf } from './shown-text.ts'

export interface MeantEntry {
  readonly path: Path
  readonly entry: Entry
}

/** By its path, or by the path as it is shown, of a name that nobody can type. Throws what a lost page throws. */
export async function meantEntry(
  pages: PageSource,
  root: Reference,
  typed: Path,
): Promise<MeantEntry | undefined> {
  for (const path of meaningsOf(typed)) {
    const entry = await lookup(pages, root, keyOf(path))
    if (entry !== undefined) return { path, entry }
  }
  return undefined
}
