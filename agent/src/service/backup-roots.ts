/** The folders that a policy names, as they are watched and compared. */
import type { PolicyValues } from '@backstay/proto/policy/effective'
import { excludesOf } from '@backstay/proto/policy/excludes'
import type { PolicyRoot } from '@backstay/proto/policy/expanded-roots'
import { policyRoots } from '../policy/roots.ts'
import { pathCalls } from '../system/path-calls.ts'
import { pathKey } from '../system/path-key.ts'
import type { WatchedRoot } from '../watch/watcher.ts'
import type { Board } from './board.ts'
import { rememberedRoots } from './record.ts'

export function rootsNow({
  agent,
  record,
  obedience,
}: Pick<Board, 'agent' | 'record' | 'obedience'>): PolicyRoot[] {
  const { places: paths = pathCalls } = agent
  return policyRoots(obedience.policy.values, { paths, remembered: rememberedRoots(record) })
}

export function watchedRoots(roots: readonly PolicyRoot[]): WatchedRoot[] {
  return roots.map(({ path, excludes }) => ({ path, excludes: excludesOf(excludes) }))
}

/** Whether another watcher is needed. */
export function rootsKey(roots: readonly PolicyRoot[]): string {
  return JSON.stringify(roots.map(({ path, excludes }) => [pathKey(path), excludes]))
}

/** What a policy names, whatever of it is there. */
export function scopeOf({ backupSets, excludes }: PolicyValues): string {
  const sets = backupSets.map(set => ({ ...set, roots: set.roots.map(pathKey) }))
  return JSON.stringify([sets, excludes])
}
