/** The roots of a backup set as trees of names, from each volume down: what the walk follows to reach each root. */
import { type Bytes, compareBytes, hex } from '@backstay/proto/bytes'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import type { Excludes } from '@backstay/proto/policy/excludes'

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
