/** The folders that a policy names on one machine: homes, variables and presets filled in (places.ts). */
import { type Bytes, utf8 } from '../bytes.ts'
import type { PolicyValues } from './effective.ts'
import { isAbsoluteRoot, type OperatingSystem, placeholderOf, presets, variables } from './places.ts'
import type { BackupSet } from './settings.ts'

export interface Machine {
  readonly system: OperatingSystem
  /** Absolute, each once. */
  readonly homes: readonly string[]
}

export interface PolicyRoot {
  readonly path: Bytes
  /** gitignore patterns. */
  readonly excludes: readonly string[]
  /** Its files share no segment with files of other roots. */
  readonly apart: boolean
}

/** So many of one device: homes of a large server times the folders of a policy. A commit lists them all. */
export const expandedMax = 4096

/** `isThere`: of a filled-in name, since not everybody has every folder; what is named outright is a root in any case. */
export function expandedRoots(
  values: Pick<PolicyValues, 'backupSets' | 'excludes'>,
  machine: Machine,
  isThere: (path: Bytes) => boolean,
): PolicyRoot[] {
  const roots = values.backupSets.flatMap(set => rootsOfSet(set, values.excludes, machine, isThere))
  return roots.slice(0, expandedMax)
}

function rootsOfSet(
  { roots, presets: names, excludes, shareSegments }: BackupSet,
  everywhere: readonly string[],
  machine: Machine,
  isThere: (path: Bytes) => boolean,
): PolicyRoot[] {
  const own = [...excludes, ...everywhere]
  const named = roots.map(root => ({ root, excludes: own }))
  const preset = names.flatMap(name => {
    const found = presets[name]?.[machine.system]
    return (found?.roots ?? []).map(root => ({
      root: utf8(root),
      excludes: [...own, ...(found?.excludes ?? [])],
    }))
  })
  return [...named, ...preset].flatMap(({ root, excludes: patterns }) =>
    pathsOf(root, machine, isThere).map(path => ({ path, excludes: patterns, apart: !shareSegments })),
  )
}

function pathsOf(root: Bytes, machine: Machine, isThere: (path: Bytes) => boolean): Bytes[] {
  const place = placeholderOf(root)
  // What another system calls a root is none here.
  if (place === undefined) return isAbsoluteRoot(root) && isOfSystem(root, machine) ? [root] : []
  const begin = variables[machine.system][place.name]
  if (begin === undefined) return []
  const begins = begin.startsWith('~') ? machine.homes.map(home => home + begin.slice(1)) : [begin]
  return begins.map(path => utf8(path + place.rest)).filter(isThere)
}

function isOfSystem(root: Bytes, { system }: Machine): boolean {
  return (root[0] === 0x2f) === (system !== 'windows')
}
