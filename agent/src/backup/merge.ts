/**
 * The walk beside the agent's memory of the last snapshot, both in the order of the map: what was not touched is taken
 * over without a look at it, by whole pages where it can, all else is passed on together with where the last snapshot has an
 * entry under its key.
 */
import { type Bytes, compareBytes, startsWith } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'
import type { EarlierLeaf } from '@backstay/proto/content/map/build'
import { type Found, forgetSize, type Left, type Run, type Step, type Wait } from '../scan/walk.ts'
import { emptyStat, type StatBuffer } from '../system/system.ts'
import type { Cursor, Place, TracedLeaf } from './previous.ts'
import type { Unmet } from './unmet.ts'

type Kinds<Kind extends Step['kind']> = Extract<Step, { readonly kind: Kind }>

export type Merged =
  | { readonly kind: 'same'; readonly leaf: TracedLeaf }
  /** All that stands on a page of the last snapshot. */
  | { readonly kind: 'same_page'; readonly page: EarlierLeaf }
  /** The last snapshot has it, and it is no more. */
  | { readonly kind: 'gone'; readonly key: Bytes }
  /** New, or touched: to be read. */
  | ToRead
  | (Kinds<'blocked' | 'unread' | 'missing_root'> & Before)
  | Kinds<'lost' | 'border'>
  | Left
  | Wait

export interface Before {
  /** What the last snapshot has under this key. */
  readonly before: Place | undefined
}

/**
 * Its `stat` stays as it is; `early` is what was read ahead; `isUntouched`: it is only to be laid elsewhere; `isAtRest`: before it
 * was read, its last change was so old that whatever changes it later has another time.
 */
export type ToRead = {
  readonly kind: 'read'
  readonly isAtRest: boolean
  early: EarlyRead | undefined
  readonly isUntouched: boolean
} & Found &
  Before

/** A small file that was read already, and did not change between being found and being read. */
export interface EarlyRead {
  /** Valid until the next entry. */
  readonly bytes: Bytes
  readonly sha256: Bytes
  readonly attributes: readonly Attribute[]
}

export function* merge(
  steps: Iterable<Step | Run | Left | Wait>,
  cursor: Cursor,
  unmet: Unmet,
  isAtRest: (stat: StatBuffer) => boolean,
): Generator<Merged> {
  /** Of the page that the cursor stands on, as many entries as were the same from its beginning; -1: not from there. */
  let same = 0
  const stat = emptyStat()
  for (const step of steps) {
    if (step.kind === 'left' || step.kind === 'wait') {
      yield step
      continue
    }
    if (step.kind === 'run') {
      yield* passSame(step)
      continue
    }
    unmet.see(step)
    if (step.kind === 'listed') continue
    if (!('key' in step)) {
      yield step
      continue
    }
    yield* passUntil(step.key)
    const known = !cursor.ended && compareBytes(cursor.key, step.key) === 0
    if (step.kind === 'found') judgeFolder(step, known)
    const isUntouched = known && step.kind === 'found' && cursor.matches(step.stat)
    if (isUntouched && !cursor.isWorn) {
      const taken = take(step.key)
      if (taken !== undefined) yield taken
      continue
    }
    yield* breakPage()
    const before = known ? cursor.place() : undefined
    if (step.kind === 'found') yield toRead(step, before, isUntouched, isAtRest(step.stat))
    else if (step.kind === 'blocked') yield { ...step, stat: { ...step.stat }, before }
    else yield { ...step, before }
    if (!known) continue
    if (step.kind === 'found' && step.stat.kind !== 'folder') leaveOut()
    advance()
  }
  yield* passUntil(undefined)

  /** What the last snapshot has before this key and the walk did not come by. */
  function* passUntil(key: Bytes | undefined): Generator<Merged> {
    while (!cursor.ended && (key === undefined || compareBytes(cursor.key, key) < 0)) {
      const { pageEnd } = cursor
      const isWhole = key === undefined || (pageEnd !== undefined && compareBytes(pageEnd, key) <= 0)
      if (cursor.index === 0 && isWhole && unmet.isRangeKept(cursor.key, pageEnd)) {
        const { page } = cursor
        cursor.nextPage()
        yield { kind: 'same_page', page }
      } else if (unmet.isKept(cursor.key)) {
        const taken = take(undefined)
        if (taken !== undefined) yield taken
      } else {
        yield* breakPage()
        yield { kind: 'gone', key: cursor.key.slice() }
        leaveOut()
        advance()
      }
    }
  }

  /** Files that follow here as there: nearly all of a tree that nobody touched, without the objects of a step each. */
  function* passSame(run: Run): Generator<Merged> {
    const { listing, prefix } = run
    while (run.next < listing.count && !cursor.ended) {
      if (!startsWith(cursor.key, prefix) || !listing.isNamed(run.next, cursor.key, prefix.length)) return
      if (listing.stat(run.next, stat) !== 0 || stat.kind === 'folder') return
      forgetSize(stat)
      if (!cursor.matches(stat) || cursor.isWorn || run.isExcluded(run.next)) return
      run.next++
      const taken = take(undefined)
      if (taken !== undefined) yield taken
    }
  }

  /** The current entry is taken over, under its key: `key` when that may be kept. What to hand on, if it is time. */
  function take(key: Bytes | undefined): Merged | undefined {
    if (same < 0) {
      const leaf = cursor.asLeaf(key ?? cursor.key.slice())
      advance()
      return { kind: 'same', leaf }
    }
    same++
    const { page } = cursor
    advance()
    if (!cursor.ended && cursor.page === page) return undefined
    same = 0
    return { kind: 'same_page', page }
  }

  /** Something changes on this page or between its entries: what was the same so far is handed on. */
  function* breakPage(): Generator<Merged> {
    if (cursor.ended || cursor.index === 0 || same < 0) return
    const leaves = cursor.page.items().slice(0, same)
    same = -1
    for (const leaf of leaves) yield { kind: 'same', leaf }
  }

  function leaveOut(): void {
    if (!cursor.isFile) unmet.dropped(cursor.key)
  }

  function advance(): void {
    cursor.next()
    if (!cursor.ended && cursor.index === 0) same = 0
    else if (same === 0) same = -1
  }

  /** Into which folders a walk of some folders goes: those that changed, and those that are new with all below. */
  function judgeFolder({ subfolder, stat }: Found, known: boolean): void {
    if (subfolder === undefined || subfolder.visit !== 'as_found') return
    if (!known || cursor.inode !== stat.inode) subfolder.visit = 'all'
    else subfolder.visit = cursor.matches(stat) ? 'none' : 'children'
  }
}

function toRead(
  { key, folder, name, stat }: Found,
  before: Place | undefined,
  isUntouched: boolean,
  isAtRest: boolean,
): ToRead {
  return {
    kind: 'read',
    key,
    folder,
    name,
    stat: { ...stat },
    before,
    early: undefined,
    isUntouched,
    isAtRest,
  }
}
