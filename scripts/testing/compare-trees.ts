/**
 * Compares two trees exactly: content and all metadata but access and change times. A folder that is on one side only
 * counts once, whatever is in it.
 *
 *     node scripts/testing/compare-trees.ts A B
 */
import { argv } from 'node:process'
import { folderChain } from '@backstay/agent/system/folder-chain'
import { loadSystem } from '@backstay/agent/system/load'
import { fromRoot, type Handle, type Stat, type System } from '@backstay/agent/system/system'
import { isSystemError } from '@backstay/agent/system/system-error'
import { type Bytes, compareBytes, utf8 } from '@backstay/proto/bytes'
import { attributeDifferences } from './compare-trees/attributes.ts'
import { contentDifference } from './compare-trees/content.ts'
import { linkGroups } from './compare-trees/link-groups.ts'
import { statDifferences } from './compare-trees/stats.ts'
import { sortedNames } from './walk-tree.ts'

export type DifferenceKind =
  | 'missing'
  | 'extra'
  | 'kind'
  | 'content'
  | 'target'
  | 'device'
  | 'mode'
  | 'owner'
  | 'time'
  | 'link_group'
  | 'sparse'
  | 'attributes'
  | 'acl'
  | 'unreadable'

export interface Difference {
  readonly kind: DifferenceKind
  /** Relative to the top, which is `.`; bytes that are not printable as in a URL. */
  readonly path: string
  readonly detail: string
}

export interface CompareOptions {
  /** Kinds that do not count. */
  readonly ignore?: readonly DifferenceKind[]
  /** False to leave out the metadata of the two tops. */
  readonly top?: boolean
}

/** One name that is on both sides. */
export interface Pair {
  readonly path: string
  readonly a: Side
  readonly b: Side
}

export interface Side {
  readonly folder: Handle
  readonly name: Bytes
  readonly stat: Stat
}

export type Found = Omit<Difference, 'path'>

const self = utf8('.')

export async function compareTrees(
  pathA: string,
  pathB: string,
  options: CompareOptions = {},
): Promise<Difference[]> {
  const system = await loadSystem()
  const topA = system.openFolder(fromRoot, utf8(pathA))
  const topB = system.openFolder(fromRoot, utf8(pathB))
  try {
    const differences = [...walkBoth(system, topA, topB, options.top ?? true)]
    return differences.filter(difference => !options.ignore?.includes(difference.kind))
  } finally {
    system.close(topA)
    system.close(topB)
  }
}

function* walkBoth(system: System, topA: Handle, topB: Handle, withTop: boolean): Generator<Difference> {
  using chainA = folderChain(system, topA)
  using chainB = folderChain(system, topB)
  const groups = linkGroups()
  const path: string[] = []
  const pending: Bytes[][] = []

  const at = (name: Bytes): string => [...path, printable(name)].join('/')
  const side = (folder: Handle, name: Bytes): Side => ({ folder, name, stat: system.statAt(folder, name) })

  function* pairDifferences(name: Bytes): Generator<Difference> {
    const pair = { path: at(name), a: side(chainA.handle, name), b: side(chainB.handle, name) }
    for (const found of differencesOf(system, pair)) yield { ...found, path: pair.path }
    const moved = groups.add(pair)
    if (moved !== undefined) yield { ...moved, path: pair.path }
    if (pair.a.stat.kind === 'folder' && pair.b.stat.kind === 'folder') pending.at(-1)?.push(name)
  }

  function* folderDifferences(): Generator<Difference> {
    pending.push([])
    const namesA = sortedNames(system, chainA.handle)
    const namesB = sortedNames(system, chainB.handle)
    for (const [name, where] of merged(namesA, namesB)) {
      if (where === 'both') yield* pairDifferences(name)
      else yield { kind: where, path: at(name), detail: '' }
    }
    pending.at(-1)?.reverse()
  }

  if (withTop) {
    const pair = { path: '.', a: side(topA, self), b: side(topB, self) }
    for (const found of differencesOf(system, pair)) yield { ...found, path: '.' }
  }
  yield* folderDifferences()
  while (pending.length > 0) {
    const name = pending.at(-1)?.pop()
    if (name === undefined) {
      pending.pop()
      path.pop()
      chainA.leave()
      chainB.leave()
      continue
    }
    try {
      chainA.enter(name)
      chainB.enter(name)
    } catch (error) {
      if (!isSystemError(error)) throw error
      yield { kind: 'unreadable', path: at(name), detail: error.message }
      if (chainA.depth > chainB.depth) chainA.leave()
      continue
    }
    path.push(printable(name))
    yield* folderDifferences()
  }
}

function differencesOf(system: System, pair: Pair): Found[] {
  const { a, b } = pair
  if (a.stat.kind !== b.stat.kind) return [{ kind: 'kind', detail: `${a.stat.kind} → ${b.stat.kind}` }]
  const found = statDifferences(a.stat, b.stat)
  try {
    if (a.stat.kind === 'file') found.push(...contentDifference(system, a, b))
    if (a.stat.kind === 'symlink') found.push(...targetDifference(system, a, b))
    found.push(...attributeDifferences(system, a, b))
  } catch (error) {
    if (!isSystemError(error)) throw error
    found.push({ kind: 'unreadable', detail: error.message })
  }
  return found
}

function targetDifference(system: System, a: Side, b: Side): Found[] {
  const targetA = system.readLink(a.folder, a.name)
  const targetB = system.readLink(b.folder, b.name)
  if (compareBytes(targetA, targetB) === 0) return []
  return [{ kind: 'target', detail: `${printable(targetA)} → ${printable(targetB)}` }]
}

/** Two sorted lists as one, each name with the side that has it; `missing` is only in A. */
function* merged(a: Bytes[], b: Bytes[]): Generator<readonly [Bytes, 'both' | 'missing' | 'extra']> {
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    const nameA = a[i]
    const nameB = b[j]
    const order = nameA === undefined ? 1 : nameB === undefined ? -1 : compareBytes(nameA, nameB)
    if (order <= 0) i++
    if (order >= 0) j++
    yield [(order <= 0 ? nameA : nameB) as Bytes, order === 0 ? 'both' : order < 0 ? 'missing' : 'extra']
  }
}

export function printable(bytes: Bytes): string {
  let text = ''
  for (const byte of bytes) {
    const isPlain = byte > 0x20 && byte < 0x7f && byte !== 0x25
    text += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`
  }
  return text
}

async function main(): Promise<void> {
  const [, , pathA, pathB] = argv
  if (pathA === undefined || pathB === undefined) {
    console.error('usage: node scripts/testing/compare-trees.ts A B')
    process.exitCode = 2
    return
  }
  const differences = await compareTrees(pathA, pathB)
  for (const { kind, path, detail } of differences) console.log(`${kind}\t${path}\t${detail}`)
  console.log(differences.length === 0 ? 'equal' : `${differences.length} differences`)
  process.exitCode = differences.length === 0 ? 0 : 1
}

if (import.meta.filename === argv[1]) await main()
