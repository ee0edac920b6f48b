/** The folders that a policy names on this device: homes, variables and presets filled in (proto/policy/places.ts). */
import { lstatSync } from 'node:fs'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import type { PolicyValues } from '@backstay/proto/policy/effective'
import { isAbsoluteRoot, placeholderOf, presets, variables } from '@backstay/proto/policy/places'
import type { BackupSet } from '@backstay/proto/policy/settings'
import { realPath } from '../system/real-path.ts'
import { type Machine, thisMachine } from './machine.ts'

export interface PolicyRoot {
  /** Where it really lies. */
  readonly path: Bytes
  /** gitignore patterns. */
  readonly excludes: readonly string[]
  /** Its files share no segment with files of other roots. */
  readonly apart: boolean
}

/** So many of one device: homes of a large server times the folders of a policy. A commit lists them all. */
export const expandedMax = 4096

export interface ExpandOptions {
  readonly machine?: Machine
  readonly isThere?: (path: Bytes) => boolean
  /** Roots of filled-in names that were there lately: gone, they are reported and not left out. One character a byte. */
  readonly remembered?: ReadonlySet<string>
}

export function policyRoots(values: PolicyValues, options: ExpandOptions = {}): PolicyRoot[] {
  const { machine = thisMachine() } = options
  const roots = values.backupSets.flatMap(set => rootsOfSet(set, values.excludes, machine, options))
  return roots.slice(0, expandedMax)
}

function rootsOfSet(
  { roots, presets: names, excludes, shareSegments }: BackupSet,
  everywhere: readonly string[],
  machine: Machine,
  options: ExpandOptions,
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
  return [...named, ...preset].flatMap(({ root, excludes }) =>
    pathsOf(root, machine, options).map(path => ({ path: realPath(path), excludes, apart: !shareSegments })),
  )
}

function pathsOf(root: Bytes, machine: Machine, options: ExpandOptions): Bytes[] {
  const place = placeholderOf(root)
  // What another system calls a root is none here.
  if (place === undefined) return isAbsoluteRoot(root) && isOfSystem(root, machine) ? [root] : []
  const begin = variables[machine.system][place.name]
  if (begin === undefined) return []
  const begins = begin.startsWith('~') ? machine.homes.map(home => home + begin.slice(1)) : [begin]
  const { isThere = exists, remembered } = options
  // Not everybody has every folder; but one that was there must not be left out without a word.
  return begins
    .map(path => utf8(path + place.rest))
    .filter(path => isThere(path) || remembered?.has(Buffer.from(path).toString('latin1')) === true)
}

function isOfSystem(root: Bytes, { system }: Machine): boolean {
  return (root[0] === 0x2f) === (system !== 'windows')
}

function exists(path: Bytes): boolean {
  return lstatSync(Buffer.from(path), { throwIfNoEntry: false }) !== undefined
}
