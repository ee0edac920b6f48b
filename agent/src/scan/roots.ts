/** The roots of a backup set as trees of names, from each volume down: what the walk follows to reach each root. */
import { type Bytes, compareBytes, hex } from '@backstay/proto/bytes'
import type { Path } from '@backstay/proto/content/map/key'
import { Failure } from '@backstay/proto/failure'
import type { Excludes } from './excludes.ts'

export interface Root {
  /** Absolute path as bytes. */
  readonly path: Bytes
  readonly excludes: Excludes | undefined
  /** Its files share no segment with files of other roots. */
  readonly apart?: boolean
}

export interface RootNode {
  readonly name: Bytes
  /** Set where a root begins. */
  readonly root: Root | undefined
  readonly visit: Visit
  /** Names to follow, sorted; empty where everything is walked. */
  readonly below: readonly RootNode[]
}

/**
 * What a walk does in a folder. `follow`: only the names that lead on are looked at. `children`: its direct children are
 * listed; into which subfolders it goes is told as they are found. `all`: everything below is walked. `none`: nothing.
 */
export type Visit = 'follow' | 'children' | 'all' | 'none'

const slash = 0x2f
const backslash = 0x5c
const colon = 0x3a

/**
 * Components of an absolute path, the volume first: `/`, or `C:` of a Windows path, in which both slashes divide. Throws
 * `bad_root` when it is not absolute or leads through `..`.
 */
export function componentsOf(path: Bytes): Path {
  const volume = volumeOf(path)
  if (volume === undefined || path.includes(0)) throw badRoot(path, 'it is not an absolute path')
  const isDivider = (byte: number) => byte === slash || (byte === backslash && volume.length > 1)
  const components: Bytes[] = [volume]
  for (let start = volume.length; start <= path.length; ) {
    const found = path.subarray(start).findIndex(isDivider)
    const end = found < 0 ? path.length : start + found
    const component = path.subarray(start, end)
    if (isDots(component, 2)) throw badRoot(path, 'it leads through ".."')
    if (component.length > 0 && !isDots(component, 1)) components.push(component)
    start = end + 1
  }
  return components
}

/** `/`, or a drive with its letter in upper case, as Windows shows it; undefined of a relative path. */
function volumeOf(path: Bytes): Bytes | undefined {
  const [first = 0, second, third = slash] = path
  if (first === slash) return path.subarray(0, 1)
  const letter = first & ~0x20
  const isDrive = letter >= 0x41 && letter <= 0x5a && second === colon
  return isDrive && (third === slash || third === backslash) ? Uint8Array.of(letter, colon) : undefined
}

interface Growing {
  readonly name: Bytes
  root: Root | undefined
  visit: Visit
  readonly below: Map<string, Growing>
}

/** A root within another is walked with the other; the outer one's excludes hold. */
export function rootTree(roots: readonly Root[]): RootNode[] {
  return frozenAll(treeOf(roots, 'all'))
}

/** Only these folders below the roots are looked at, and what is found to be new in them. Paths elsewhere are ignored. */
export function treeOfFolders(roots: readonly Root[], folders: readonly Bytes[]): RootNode[] {
  const volumes = treeOf(roots, 'none')
  for (const folder of folders) {
    const [volume, ...names] = componentsOf(folder)
    const top = volume && volumes.get(hex(volume))
    if (top !== undefined) lookAt(top, names)
  }
  return frozenAll(volumes)
}

type Volumes = Map<string, Growing>

function treeOf(roots: readonly Root[], visit: Visit): Volumes {
  const volumes: Volumes = new Map()
  for (const root of roots) {
    let below = volumes
    let node: Growing | undefined
    for (const name of componentsOf(root.path)) {
      if (node?.root !== undefined) break
      node = childOf(below, name)
      below = node.below
    }
    if (node === undefined) continue
    if (node.root !== undefined) continue
    node.root = root
    node.visit = visit
    // What was below it is walked with it.
    node.below.clear()
  }
  return volumes
}

function lookAt(top: Growing, names: readonly Bytes[]): void {
  const way: Growing[] = [top]
  let node = top
  for (const name of names) {
    const isBelowRoot = way.some(one => one.root !== undefined)
    const next = isBelowRoot ? childOf(node.below, name) : node.below.get(hex(name))
    if (next === undefined) return
    way.push(next)
    node = next
  }
  if (!way.some(one => one.root !== undefined)) return
  for (const one of way) if (one.visit === 'none') one.visit = 'follow'
  node.visit = 'children'
}

function growing(name: Bytes): Growing {
  return { name, root: undefined, visit: 'follow', below: new Map() }
}

function childOf(below: Map<string, Growing>, name: Bytes): Growing {
  const known = below.get(hex(name)) ?? growing(name)
  below.set(hex(name), known)
  return known
}

const frozenAll = (nodes: Volumes): RootNode[] => [...nodes.values()].map(frozen).sort(byName)
const byName = (a: RootNode, b: RootNode): number => compareBytes(a.name, b.name)

function frozen({ name, root, visit, below }: Growing): RootNode {
  const nodes = [...below.values()].map(frozen).filter(node => node.visit !== 'none')
  nodes.sort(byName)
  return { name, root, visit, below: nodes }
}

function isDots(component: Bytes, count: number): boolean {
  return component.length === count && component.every(byte => byte === 0x2e)
}

function badRoot(path: Bytes, why: string): Failure {
  const shown = JSON.stringify(new TextDecoder().decode(path))
  return new Failure('bad_root', `${shown} cannot be backed up: ${why}`, {
    hint: 'name a folder by its absolute path',
  })
}
