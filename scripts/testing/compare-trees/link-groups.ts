/** Whether the names of one inode in A are the names of one inode in B. */
import type { Stat } from '@backstay/agent/system/system'
import type { Found, Pair } from '../compare-trees.ts'

export interface LinkGroups {
  add(pair: Pair): Found | undefined
}

export function linkGroups(): LinkGroups {
  const firstA = new Map<string, string>()
  const firstB = new Map<string, string>()
  return {
    add({ path, a, b }) {
      if (a.stat.kind === 'folder' || b.stat.kind === 'folder') return undefined
      const before = firstName(firstA, a.stat, path)
      const after = firstName(firstB, b.stat, path)
      if (before === after) return undefined
      return { kind: 'link_group', detail: `with ${before} → with ${after}` }
    },
  }
}

/** The first name seen of the same inode: this one when there is only one. */
function firstName(names: Map<string, string>, stat: Stat, path: string): string {
  if (stat.links === 1) return path
  const inode = `${stat.deviceMajor}:${stat.deviceMinor}:${stat.inode}`
  const first = names.get(inode)
  if (first === undefined) names.set(inode, path)
  return first ?? path
}
