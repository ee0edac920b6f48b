/** The folders that a policy names, where they really lie, and how they look before a backup. */
import { lstatSync, readdirSync, realpathSync } from 'node:fs'
import type { Policy } from '@backstay/proto/policy/policy'
import { excludesOf } from '../scan/excludes.ts'
import { pathText } from '../watch/hint-box.ts'
import type { WatchedRoot } from '../watch/watcher.ts'
import type { RootFacts } from './root-guard.ts'

export function policyRoots(policy: Policy | undefined): WatchedRoot[] {
  return (policy?.backupSets ?? []).flatMap(({ roots, excludes }) => {
    const patterns = excludesOf(excludes)
    return roots.map(path => ({ path: realOf(path), excludes: patterns }))
  })
}

/** Undefined: it is not there, or no folder. */
export function rootFacts({ path }: WatchedRoot): RootFacts | undefined {
  const place = Buffer.from(path)
  try {
    const stat = lstatSync(place)
    return { device: String(stat.dev), names: stat.isDirectory() ? readdirSync(place, 'buffer').length : 1 }
  } catch {
    return undefined
  }
}

/** Whether another watcher is needed. */
export function rootsKey(policy: Policy | undefined): string {
  const sets = policy?.backupSets ?? []
  return JSON.stringify(sets.map(({ roots, excludes }) => [roots.map(pathText), excludes]))
}

function realOf(path: WatchedRoot['path']): WatchedRoot['path'] {
  try {
    return new Uint8Array(realpathSync(Buffer.from(path), { encoding: 'buffer' }))
  } catch {
    return path
  }
}
