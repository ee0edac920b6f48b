/**
 * Which paths of a device a policy protects, told without the device: by the roots and patterns that it would walk with, in the
 * same way (agent/src/scan/walk.ts). A root within another is walked with the other; what lies in an excluded folder is excluded.
 */
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { type Path, prefixOf } from '@backstay/proto/content/map/key'
import { type Excludes, excludesOf, nameText } from '@backstay/proto/policy/excludes'
import type { PolicyRoot } from '@backstay/proto/policy/expanded-roots'

export interface Coverage {
  /** Whether a walk finds what has this path. */
  covers(path: Path, isFolder: boolean): boolean
  /** How many components name the outermost folder of this path that no walk enters; undefined: all are entered. */
  outsideAt(path: Path): number | undefined
}

type FolderState =
  /** On the way to a root. */
  | { readonly kind: 'above'; readonly below: ReadonlyMap<string, Node> }
  /** `path`: names below the root, each followed by a slash. */
  | { readonly kind: 'inside'; readonly excludes: Excludes | undefined; readonly path: string }
  | { readonly kind: 'outside' }

interface Node {
  root: { readonly excludes: Excludes | undefined } | undefined
  readonly below: Map<string, Node>
}

const outside: FolderState = { kind: 'outside' }

/** Throws `bad_exclude`, `bad_root`. */
export function coverageOf(roots: readonly Pick<PolicyRoot, 'path' | 'excludes'>[]): Coverage {
  const top: FolderState = { kind: 'above', below: treeOf(roots) }
  // A folder is asked about once for each of its files.
  const known = new Map<string, FolderState>([['', top]])

  function stateOf(folder: Path): FolderState {
    const key = latin1(prefixOf(folder))
    const found = known.get(key)
    if (found !== undefined) return found
    const state = entered(stateOf(folder.slice(0, -1)), nameOf(folder), true)
    known.set(key, state)
    return state
  }

  return {
    covers: (path, isFolder) => entered(stateOf(path.slice(0, -1)), nameOf(path), isFolder).kind === 'inside',
    outsideAt(path) {
      if (stateOf(path).kind !== 'outside') return undefined
      let count = path.length
      while (count > 1 && stateOf(path.slice(0, count - 1)).kind === 'outside') count--
      return count
    },
  }
}

function entered(parent: FolderState, name: Uint8Array, isFolder: boolean): FolderState {
  if (parent.kind === 'outside') return outside
  if (parent.kind === 'above') {
    const node = parent.below.get(latin1(name))
    if (node === undefined) return outside
    return node.root === undefined
      ? { kind: 'above', below: node.below }
      : { kind: 'inside', excludes: node.root.excludes, path: '' }
  }
  const path = `${parent.path}${nameText(name)}`
  if (parent.excludes?.excluded(path, isFolder)) return outside
  return { ...parent, path: `${path}/` }
}

/** From the volumes down; below a root nothing is followed. Of two roots in one place the first counts. */
function treeOf(roots: readonly Pick<PolicyRoot, 'path' | 'excludes'>[]): Map<string, Node> {
  const volumes = new Map<string, Node>()
  for (const { path, excludes } of roots) {
    let below = volumes
    let node: Node | undefined
    for (const name of componentsOf(path)) {
      node = below.get(latin1(name)) ?? { root: undefined, below: new Map() }
      below.set(latin1(name), node)
      below = node.below
    }
    if (node !== undefined) node.root ??= { excludes: excludesOf(excludes) }
  }
  return volumes
}

function nameOf(path: Path): Uint8Array {
  return path[path.length - 1] ?? new Uint8Array()
}

/** One character a byte: names need not be UTF-8. */
function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
