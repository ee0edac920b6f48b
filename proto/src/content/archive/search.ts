/**
 * Search by name over all snapshots of a device, from its lists of names. The lists are opened once; then each question
 * runs over text in memory: a million paths take some fifty milliseconds.
 *
 * What came since the newest list, at most a day, is found by comparing two maps.
 */
import { type Bytes, compareBytes } from '../../bytes.ts'
import type { Reference } from '../entry.ts'
import { pathOf, wholeMap } from '../map/key.ts'
import { scanMap } from '../map/read.ts'
import { eachName, type NameRun } from '../names.ts'
import { openObject } from '../seal.ts'
import { readNameIndex } from './names-of.ts'
import type { OpenedArchive } from './opened.ts'
import { pathText } from './shown-text.ts'
import { changesBelow } from './versions.ts'

export interface Found {
  readonly path: readonly Bytes[]
  /** Snapshots in which it came and went, oldest first. */
  readonly events: readonly { readonly sequence: number; readonly isGone: boolean }[]
}

export interface Search {
  /** Names that can be found; one that came and went counts for each time. */
  readonly names: number
  /** Lists that could not be read: the search does not know what they say. */
  readonly lost: number
  /** Paths that hold all words, in any case of letters, whose last part holds one; at most `most` of them. */
  find(words: string, most?: number): { readonly found: readonly Found[]; readonly isCut: boolean }
}

export interface SearchProgress {
  readonly runs: number
  readonly of: number
}

/** A part of the names: one line of text for each, lower case, and what it says. */
interface Shard {
  readonly text: string
  /** Where each line begins, and one more. */
  readonly starts: Uint32Array
  /** Snapshot × 2, + 1 when gone. */
  readonly codes: Float64Array
  /** Keys, one after another, and where each begins. */
  readonly keys: Bytes
  readonly keyStarts: Uint32Array
}

const foundMax = 500
/** Lists fetched together: 16 MiB sealed at most. */
const fetchMax = 16

/** Throws what opening the index throws. Of an archive without lists the newest map is read, whole. */
export async function openSearch(
  archive: OpenedArchive,
  onProgress?: (progress: SearchProgress) => void,
  signal?: AbortSignal,
): Promise<Search> {
  const { primitives: p, source, keys } = archive
  const newest = archive.snapshots.find(one => one.commit.complete) ?? archive.snapshots[0]
  const listed = archive.snapshots.find(one => one.names !== undefined)
  const shards: Shard[] = []
  let lost = 0
  if (listed?.names !== undefined) await readRuns(listed.names)
  else if (newest !== undefined) await readMap()
  const names = shards.reduce((sum, shard) => sum + shard.codes.length, 0)
  return { names, lost, find: (words, most = foundMax) => findIn(shards, words, most) }

  async function readRuns(index: Reference): Promise<void> {
    const runs = await readNameIndex(p, source, index)
    for (let start = 0; start < runs.length; start += fetchMax) {
      signal?.throwIfAborted()
      const some = runs.slice(start, start + fetchMax)
      let next = 0
      for await (const { stored } of source.get(some.map(run => run.reference.id))) {
        const run = some[next++] as NameRun
        const shard = stored && (await readRun(run, stored))
        if (shard === undefined) lost++
        else shards.push(shard)
        onProgress?.({ runs: start + next, of: runs.length })
      }
    }
    await readSince(Math.max(...runs.map(run => run.lastSequence)))
  }

  async function readRun(run: NameRun, stored: Bytes): Promise<Shard | undefined> {
    try {
      const { bytes } = await openObject(p, run.reference, 'names', stored, keys.at(-1))
      const building = shardBuilder(run.names)
      eachName(bytes, run.firstSequence, building.add)
      return building.done()
    } catch {
      return undefined
    }
  }

  async function readSince(last: number): Promise<void> {
    const before = archive.snapshots.find(one => one.commit.sequence === last)
    if (before === undefined || newest === undefined || newest.commit.sequence <= last) return
    const building = shardBuilder(64)
    for await (const { key, before: was, after: is } of changesBelow(archive, before, newest, undefined)) {
      if (was === undefined) building.add(key, newest.commit.sequence, false)
      else if (is === undefined) building.add(key, newest.commit.sequence, true)
    }
    shards.push(building.done())
  }

  async function readMap(): Promise<void> {
    if (newest === undefined) return
    let building = shardBuilder(1024)
    for await (const items of scanMap(archive.pages, newest.root, wholeMap, () => lost++)) {
      signal?.throwIfAborted()
      for (const { key } of items) building.add(key, newest.commit.sequence, false)
      if (building.size < 50_000) continue
      shards.push(building.done())
      building = shardBuilder(1024)
    }
    shards.push(building.done())
  }
}

const decoder = new TextDecoder()

function shardBuilder(expected: number) {
  const texts: string[] = []
  const starts: number[] = []
  const codes: number[] = []
  const keyStarts: number[] = []
  let keys = new Uint8Array(Math.max(1024, expected * 48))
  let [textLength, keyLength] = [0, 0]
  return {
    get size() {
      return codes.length
    },
    add(key: Bytes, sequence: number, isGone: boolean): void {
      if (keyLength + key.length > keys.length) {
        const larger = new Uint8Array(2 * (keys.length + key.length))
        larger.set(keys.subarray(0, keyLength))
        keys = larger
      }
      keys.set(key, keyLength)
      keyStarts.push(keyLength)
      keyLength += key.length
      // A key is its components with zeros between: nearly the path already, and cheap to search.
      const text = decoder.decode(key).toLowerCase()
      starts.push(textLength)
      texts.push(text)
      textLength += text.length + 1
      codes.push(2 * sequence + (isGone ? 1 : 0))
    },
    done(): Shard {
      const text = texts.length === 0 ? '' : `${texts.join('\n')}\n`
      return {
        text,
        starts: Uint32Array.from([...starts, text.length]),
        codes: Float64Array.from(codes),
        keys: keys.slice(0, keyLength),
        keyStarts: Uint32Array.from([...keyStarts, keyLength]),
      }
    },
  }
}

/** Lines are found by their rarest word first, as the machine searches text; then looked at one by one. */
function findIn(shards: readonly Shard[], wanted: string, most: number): ReturnType<Search['find']> {
  const words = wanted
    .toLowerCase()
    .split(/[\s/]+/)
    .filter(word => word !== '')
  const longest = words.toSorted((a, b) => b.length - a.length)[0]
  if (longest === undefined) return { found: [], isCut: false }
  const hits: { key: Bytes; sequence: number; isGone: boolean }[] = []
  const paths = new Set<string>()
  let isCut = false
  for (const { text, starts, codes, keys, keyStarts } of shards) {
    for (let at = text.indexOf(longest); at >= 0; ) {
      const line = lineAt(starts, at)
      const end = (starts[line + 1] as number) - 1
      const whole = text.slice(starts[line], end)
      if (isMatch(whole, words)) {
        if (paths.size >= most && !paths.has(whole)) isCut = true
        else {
          paths.add(whole)
          const key = keys.slice(keyStarts[line], keyStarts[line + 1])
          const code = codes[line] as number
          hits.push({ key, sequence: Math.floor(code / 2), isGone: code % 2 === 1 })
        }
      }
      at = text.indexOf(longest, end)
    }
    if (isCut && paths.size >= most) break
  }
  return { found: together(hits), isCut }
}

/** All words are in the path, one of them in its last part: a folder that fits is found, and not all that lies in it. */
function isMatch(line: string, words: readonly string[]): boolean {
  if (!words.every(word => line.includes(word))) return false
  const name = line.slice(line.lastIndexOf('\0') + 1)
  return words.some(word => name.includes(word))
}

function lineAt(starts: Uint32Array, at: number): number {
  let [low, high] = [0, starts.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] as number) <= at) low = middle
    else high = middle
  }
  return low
}

function together(hits: readonly { key: Bytes; sequence: number; isGone: boolean }[]): Found[] {
  const sorted = hits.toSorted((a, b) => compareBytes(a.key, b.key) || a.sequence - b.sequence)
  const found: { key: Bytes; events: { sequence: number; isGone: boolean }[] }[] = []
  for (const { key, sequence, isGone } of sorted) {
    const last = found.at(-1)
    if (last !== undefined && compareBytes(last.key, key) === 0) last.events.push({ sequence, isGone })
    else found.push({ key, events: [{ sequence, isGone }] })
  }
  return found.map(({ key, events }) => ({ path: pathOf(key), events }))
}

export function foundText({ path }: Found): string {
  return pathText(path)
}
