/** The roots of a backup set as a tree of names, from the volume down: what the walk follows to reach each root. */
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
const volume = Uint8Array.of(slash)

/** Components of an absolute path, the volume `/` first; throws `bad_root` when it is not absolute or leads through `..`. */
export function componentsOf(path: Bytes): Path {
  if (path[0] !== slash || path.includes(0)) throw badRoot(path, 'it is not an absolute path')
  const components: Bytes[] = [volume]
  for (let start = 1; start <= path.length; ) {
    const found = path.indexOf(slash, start)
    const end = found < 0 ? path.length : found
    const component = path.subarray(start, end)
    if (isDots(component, 2)) throw badRoot(path, 'it leads through ".."')
    if (component.length > 0 && !isDots(component, 1)) components.push(component)
    start = end + 1
  }
  return components
}

interface Growing {
  readonly name: Bytes
  root: Root | undefined
  visit: Visit
  readonly below: Map<string, Growing>
}

/** A root within another is walked with the other; the outer one's excludes hold. */
export function rootTree(roots: readonly Root[]): RootNode {
  return frozen(treeOf(roots, 'all'))
}

/** Only these folders below the roots are looked at, and what is found to be new in them. Paths elsewhere are ignored. */
export function treeOfFolders(roots: readonly Root[], folders: readonly Bytes[]): RootNode {
  const top = treeOf(roots, 'none')
  for (const folder of folders) lookAt(top, componentsOf(folder).slice(1))
  return frozen(top)
}

function treeOf(roots: readonly Root[], visit: Visit): Growing {
  const top = growing(volume)
  for (const root of roots) {
    let node = top
    for (const name of componentsOf(root.path).slice(1)) {
      if (node.root !== undefined) break
      node = childOf(node, name)
    }
    if (node.root !== undefined) continue
    node.root = root
    node.visit = visit
    // What was below it is walked with it.
    node.below.clear()
  }
  return top
}

function lookAt(top: Growing, names: readonly Bytes[]): void {
  const way: Growing[] = [top]
  let node = top
  for (const name of names) {
    const isBelowRoot = way.some(one => one.root !== undefined)
    const next = isBelowRoot ? childOf(node, name) : node.below.get(hex(name))
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

function childOf(node: Growing, name: Bytes): Growing {
  const known = node.below.get(hex(name)) ?? growing(name)
  node.below.set(hex(name), known)
  return known
}

function frozen({ name, root, visit, below }: Growing): RootNode {
  const nodes = [...below.values()].map(frozen).filter(node => node.visit !== 'none')
  nodes.sort((a, b) => compareBytes(a.name, b.name))
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
