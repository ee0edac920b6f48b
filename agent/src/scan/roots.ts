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
  /** Set where a root begins; below it everything is walked. */
  readonly root: Root | undefined
  /** On the way to roots: the names to follow, sorted. Empty at a root. */
  readonly below: readonly RootNode[]
}

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
  readonly below: Map<string, Growing>
}

/** A root within another is walked with the other; the outer one's excludes hold. */
export function rootTree(roots: readonly Root[]): RootNode {
  const top: Growing = { name: volume, root: undefined, below: new Map() }
  for (const root of roots) {
    let node = top
    for (const name of componentsOf(root.path).slice(1)) {
      const next = node.below.get(hex(name)) ?? { name, root: undefined, below: new Map() }
      node.below.set(hex(name), next)
      node = next
    }
    node.root ??= root
  }
  return frozen(top)
}

function frozen(node: Growing): RootNode {
  const below = node.root === undefined ? [...node.below.values()].map(frozen) : []
  below.sort((a, b) => compareBytes(a.name, b.name))
  return { name: node.name, root: node.root, below }
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
