/**
 * The walk beside the agent's memory of the last snapshot, both in the order of the map: what was not touched is taken
 * over without a look at it, all else is passed on together with where the last snapshot has an entry under its key.
 */
import { type Bytes, compareBytes } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'
import type { Found, Left, Step, Wait } from '../scan/walk.ts'
import { type Cursor, keptSubtrees, type Place, type TracedLeaf } from './previous.ts'

type Kinds<Kind extends Step['kind']> = Extract<Step, { readonly kind: Kind }>

export type Merged =
  | { readonly kind: 'same'; readonly leaf: TracedLeaf }
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

/** Its `stat` stays as it is; `early` is what was read ahead. */
export type ToRead = { readonly kind: 'read'; early: EarlyRead | undefined } & Found & Before

/** A small file that was read already, and did not change between being found and being read. */
export interface EarlyRead {
  /** Valid until the next entry. */
  readonly bytes: Bytes
  readonly sha256: Bytes
  readonly attributes: readonly Attribute[]
}

export function* merge(steps: Iterable<Step | Left | Wait>, cursor: Cursor): Generator<Merged> {
  const kept = keptSubtrees()
  for (const step of steps) {
    if ('prefix' in step) kept.add(step.prefix)
    if (!('key' in step)) {
      yield step
      continue
    }
    let order = orderOf(step.key)
    for (; order < 0; order = orderOf(step.key)) yield* pass()
    const known = order === 0
    if (known && step.kind === 'found' && cursor.matches(step.stat)) {
      yield { kind: 'same', leaf: cursor.asLeaf(step.key) }
    } else {
      const before = known ? cursor.place() : undefined
      if (step.kind === 'found') yield toRead(step, before)
      else if (step.kind === 'blocked') yield { ...step, stat: { ...step.stat }, before }
      else yield { ...step, before }
    }
    if (known) cursor.next()
  }
  while (!cursor.ended) yield* pass()

  function orderOf(key: Bytes): number {
    return cursor.ended ? 1 : compareBytes(cursor.key, key)
  }

  /** What the last snapshot has and the walk did not come by: gone, unless it could not be looked at. */
  function* pass(): Generator<Merged> {
    if (kept.covers(cursor.key)) yield { kind: 'same', leaf: cursor.asLeaf(cursor.key.slice()) }
    cursor.next()
  }
}

function toRead({ key, folder, name, stat }: Found, before: Place | undefined): ToRead {
  return { kind: 'read', key, folder, name, stat: { ...stat }, before, early: undefined }
}
