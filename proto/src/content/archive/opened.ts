/**
 * A device's archive with its keys, wherever it is opened: in a browser, by a command, or for an employee's page. What it reads comes
 * from an ObjectSource, and nothing of that is believed.
 *
 *     snapshots → folder → entry → versions
 *     names → search
 */
import { Failure } from '../../failure.ts'
import type { ObjectId } from '../../object/id.ts'
import type { Primitives } from '../../primitives.ts'
import type { Reference } from '../entry.ts'
import { keyOf, type Path } from '../map/key.ts'
import type { Page, Tree } from '../map/page.ts'
import { type LostPage, lookup, type PageSource } from '../map/read.ts'
import type { SealingKeys } from '../seal.ts'
import type { ObjectSource } from './object-pages.ts'
import { objectPages } from './object-pages.ts'
import type { Snapshot } from './snapshots.ts'

export interface OpenedArchive {
  readonly primitives: Primitives
  readonly source: ObjectSource
  /** Of all epochs that could be opened, oldest first. */
  readonly keys: readonly SealingKeys[]
  readonly pages: PageSource
  /** Newest first; every signature was checked. */
  readonly snapshots: readonly Snapshot[]
}

/** Pages that are opened again and again while a person looks around: of 64 entries each. */
const pagesKept = 2048

export function openedArchive(given: Omit<OpenedArchive, 'pages'>): OpenedArchive {
  const { primitives, source, keys } = given
  return { ...given, pages: keptPages(objectPages(primitives, source, keys)) }
}

/** Throws `no_snapshot`. */
export function snapshotNumbered({ snapshots }: OpenedArchive, sequence: number): Snapshot {
  const found = snapshots.find(one => one.commit.sequence === sequence)
  if (found !== undefined) return found
  throw new Failure('no_snapshot', `there is no snapshot #${sequence}`, {
    hint: 'it may have gone by the rule of retention; choose another moment',
  })
}

/** Throws `not_in_snapshot`. */
export async function entryAt({ pages }: OpenedArchive, { commit, root }: Snapshot, path: Path) {
  const entry = await lookup(pages, root, keyOf(path))
  if (entry !== undefined) return entry
  throw new Failure('not_in_snapshot', `this path is not in snapshot #${commit.sequence}`, {
    hint: 'choose another moment',
  })
}

/** Remembers pages by their ids, which never change their meaning. What is lost is asked for again. */
export function keptPages(source: PageSource, most = pagesKept): PageSource {
  const kept = new Map<ObjectId, Page>()
  return {
    async *pages(tree: Tree, references: readonly Reference[]): AsyncGenerator<Page | LostPage> {
      const known = references.map(({ id }) => {
        const page = kept.get(id)
        if (page !== undefined) {
          kept.delete(id)
          kept.set(id, page)
        }
        return page
      })
      const absent = references.filter((_, index) => known[index] === undefined)
      const coming = source.pages(tree, absent)[Symbol.asyncIterator]()
      for (const [index, { id }] of references.entries()) {
        const page = known[index]
        if (page !== undefined) {
          yield page
          continue
        }
        const next = await coming.next()
        if (next.done) return
        if (next.value.kind !== 'lost') {
          kept.set(id, next.value)
          const [oldest] = kept.keys()
          if (kept.size > most && oldest !== undefined) kept.delete(oldest)
        }
        yield next.value
      }
    },
  }
}
