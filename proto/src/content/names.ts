/**
 * Lists of names: which paths a device had, and in which of its snapshots they came and went. They make it possible to search
 * by name over all versions without opening a map. docs/format.md §8.4.
 *
 *     index ─┬─ run   all names of snapshot #1
 *            ├─ run   what came and went in #2 … #9
 *            └─ run   what came and went in #10
 *
 * A run is a list sorted by key and then by snapshot, front-coded: shared u, suffix length u, suffix, code u with
 * code = 2 × (snapshot − first snapshot of the run) + (1 when the name is gone), u being an unsigned LEB128.
 */
import { type Bytes, compareBytes, concat } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { idToBytes, objectId } from '../object/id.ts'
import { plain } from '../trust/fields.ts'
import { backstay } from './content.pb.js'
import type { Reference } from './entry.ts'
import { keyBytesMax } from './map/key.ts'
import { sortedChildren } from './seal.ts'

export interface NameEvent {
  /** As in the snapshot map. */
  readonly key: Bytes
  /** The commit from which on the name is there, or is not. */
  readonly sequence: number
  readonly isGone: boolean
}

/** What the index says of a run. */
export interface NameRun {
  readonly reference: Reference
  /** Commits that it tells of. */
  readonly firstSequence: number
  readonly lastSequence: number
  readonly names: number
  /** Every name of the snapshot `lastSequence`, or a part of them: nothing in it is gone. Else what came and went. */
  readonly isAll: boolean
  /** By the device's clock. */
  readonly endedAtMs: number
}

/** A run, or an index, before it is sealed as an object of type `names`. */
export interface PlainNames {
  readonly bytes: Bytes
  readonly children: readonly Bytes[]
}

/** Runs of one index: ten years of daily ones, never merged. */
export const runsMax = 4096
/** Front-coded bytes of a run: some 50,000 names. It is searched while the next is on its way. */
export const runBytes = 1024 * 1024
/** Of one run, written out: the longest names share nothing. */
const namesMax = 1024 * 1024

export interface RunWriter {
  /** In order of keys; the same key again only with a later snapshot. */
  add(key: Bytes, sequence: number, isGone: boolean): void
  readonly names: number
  /** Front-coded bytes so far. */
  readonly bytes: number
  /** The run so far; the writer begins anew. */
  take(): PlainNames
}

export function runWriter(firstSequence: number): RunWriter {
  let buffer = new Uint8Array(64 * 1024)
  let [length, names] = [0, 0]
  // Of its own: a key may lie in memory that its giver uses again.
  const before = new Uint8Array(keyBytesMax)
  let beforeBytes = 0

  function room(bytes: number): void {
    if (length + bytes <= buffer.length) return
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + bytes))
    larger.set(buffer.subarray(0, length))
    buffer = larger
  }

  function number(value: number): void {
    while (value >= 0x80) {
      buffer[length++] = (value % 0x80) | 0x80
      value = Math.floor(value / 0x80)
    }
    buffer[length++] = value
  }

  return {
    add(key, sequence, isGone) {
      if (key.length === 0 || key.length > keyBytesMax) throw damaged(`a key of ${key.length} bytes`)
      const shared = sharedLength(before, beforeBytes, key)
      room(32 + key.length - shared)
      number(shared)
      number(key.length - shared)
      buffer.set(key.subarray(shared), length)
      length += key.length - shared
      number(2 * (sequence - firstSequence) + (isGone ? 1 : 0))
      before.set(key.subarray(shared), shared)
      beforeBytes = key.length
      names++
    },
    get names() {
      return names
    },
    get bytes() {
      return length
    },
    take() {
      const bytes = plain(backstay.content.Names.encode({ packed: buffer.subarray(0, length) }).finish())
      beforeBytes = 0
      length = 0
      names = 0
      return { bytes, children: [] }
    },
  }
}

/** What a run says, name by name. `key` is valid until the next call. Throws `bad_names`. */
export type VisitName = (key: Bytes, sequence: number, isGone: boolean) => void

/** Reads a run from front to back; throws `bad_names` at the first thing that is wrong. */
export function eachName(bytes: Bytes, firstSequence: number, visit: VisitName): void {
  const { packed, runs, keys } = decoded(bytes)
  if (runs.length > 0 || keys.length > 0) throw damaged('an index stands where a run belongs')
  const key = new Uint8Array(keyBytesMax)
  let [at, length, names] = [0, 0, 0]
  let lastSequence = -1

  function number(): number {
    let [value, scale] = [0, 1]
    for (;;) {
      const byte = packed[at++]
      if (byte === undefined) throw damaged('it is cut short')
      value += (byte & 0x7f) * scale
      if (value > Number.MAX_SAFE_INTEGER) throw damaged('a number is too large')
      if (byte < 0x80) return value
      scale *= 0x80
    }
  }

  while (at < packed.length) {
    const shared = number()
    const more = number()
    if (shared > length || shared + more > keyBytesMax || shared + more === 0)
      throw damaged('a name is too long')
    if (at + more > packed.length) throw damaged('it is cut short')
    const isSame = shared === length && more === 0
    // Sorted, and all that is shared is said to be: what follows is larger than what stood there before.
    if (!isSame && shared < length && (more === 0 || (packed[at] as number) <= (key[shared] as number)))
      throw damaged('its names are not sorted')
    key.set(packed.subarray(at, at + more), shared)
    at += more
    length = shared + more
    const code = number()
    const sequence = firstSequence + Math.floor(code / 2)
    if (isSame && sequence < lastSequence) throw damaged('its snapshots are not sorted')
    lastSequence = sequence
    if (++names > namesMax) throw damaged('it has too many names')
    visit(key.subarray(0, length), sequence, code % 2 === 1)
  }
}

export function encodeIndex(runs: readonly NameRun[]): PlainNames {
  if (runs.length > runsMax) throw damaged(`${runs.length} runs are too many`)
  const children = sortedChildren(runs.map(run => idToBytes(run.reference.id)))
  const keyOf = new Map(runs.map(run => [run.reference.id, run.reference.key]))
  const ids = children.map(objectId)
  const message = {
    keys: concat(...ids.map(id => keyOf.get(id) as Bytes)),
    runs: runs.map(({ reference, isAll, ...run }) => ({
      ...run,
      child: ids.indexOf(reference.id),
      all: isAll,
    })),
  }
  return { bytes: plain(backstay.content.Names.encode(message).finish()), children }
}

/** `children`: the ids in the object's header. Throws `bad_names`. */
export function decodeIndex(bytes: Bytes, children: readonly Bytes[]): NameRun[] {
  const { runs, keys, packed } = decoded(bytes)
  if (packed.length > 0) throw damaged('a run stands where an index belongs')
  if (runs.length > runsMax) throw damaged(`${runs.length} runs are too many`)
  if (keys.length !== 32 * children.length) throw damaged('its keys do not fit its children')
  const used = new Set<number>()
  const found = runs.map(run => {
    const child = children[run.child ?? 0]
    if (child === undefined) throw damaged(`it names child ${run.child} of ${children.length}`)
    used.add(run.child ?? 0)
    const at = 32 * (run.child ?? 0)
    const [firstSequence, lastSequence] = [Number(run.firstSequence ?? 0), Number(run.lastSequence ?? 0)]
    if (!Number.isSafeInteger(lastSequence) || firstSequence > lastSequence)
      throw damaged('a run ends before it begins')
    const endedAtMs = Number(run.endedAtMs ?? 0)
    if (!Number.isSafeInteger(endedAtMs)) throw damaged('a time is out of range')
    return {
      reference: { id: objectId(child), key: keys.slice(at, at + 32) },
      ...{ firstSequence, lastSequence, endedAtMs },
      names: run.names ?? 0,
      isAll: run.all ?? false,
    }
  })
  if (used.size !== children.length) throw damaged('it has children that no run names')
  return found
}

/** The events of several runs as one list, in order of keys and then of snapshots. */
export function mergedEvents(lists: readonly (readonly NameEvent[])[]): NameEvent[] {
  return lists.flat().sort((a, b) => compareBytes(a.key, b.key) || a.sequence - b.sequence)
}

function decoded(bytes: Bytes) {
  try {
    const { runs, keys, packed } = backstay.content.Names.decode(Uint8Array.from(bytes))
    return { runs: runs ?? [], keys: keys ?? new Uint8Array(), packed: packed ?? new Uint8Array() }
  } catch (cause) {
    throw damaged('it cannot be read', cause)
  }
}

function sharedLength(a: Bytes, aBytes: number, b: Bytes): number {
  const most = Math.min(aBytes, b.length)
  let length = 0
  while (length < most && a[length] === b[length]) length++
  return length
}

function damaged(why: string, cause?: unknown): Failure {
  return new Failure('bad_names', `not a list of names: ${why}`, { remedy: 'repair', cause })
}
