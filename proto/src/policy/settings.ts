/**
 * What a layer of policy may say, setting by setting. A setting is absent, set, or set and locked; a backup set is a
 * setting by its name, so that a group can add one and a device can replace it. Limits are those of both ends: what a
 * console would not sign, a device does not obey.
 */
import type { Bytes } from '../bytes.ts'
import type { Rate, Schedule } from './schedule.ts'

export type Setting =
  | { readonly kind: 'backupSet'; readonly value: BackupSet }
  /** gitignore patterns, left out of every backup set. */
  | { readonly kind: 'excludes'; readonly value: readonly string[] }
  | { readonly kind: 'retention'; readonly value: Retention }
  | { readonly kind: 'schedule'; readonly value: Schedule }
  | { readonly kind: 'rates'; readonly value: readonly Rate[] }
  /** On battery below this many percent nothing starts; 0: never mind. */
  | { readonly kind: 'battery'; readonly value: number }
  /** Whether backups run over links that are paid by the byte. */
  | { readonly kind: 'metered'; readonly value: boolean }
  | { readonly kind: 'hooks'; readonly value: Hooks }
  /** Minutes that an employee may pause at most; 0: not at all. */
  | { readonly kind: 'pause'; readonly value: number }
  /** Whether an employee may restore on the device. */
  | { readonly kind: 'restore'; readonly value: boolean }
  | { readonly kind: 'objective'; readonly value: Objective }
  /** Hours after which everything is read again at the latest. */
  | { readonly kind: 'reconcile'; readonly value: number }
  /** The release that devices are to run, as `1.4.0`. Empty: whatever is installed. */
  | { readonly kind: 'version'; readonly value: string }

export type SettingKind = Setting['kind']
export type ValueOf<K extends SettingKind> = Extract<Setting, { readonly kind: K }>['value']

export type LayerSetting = Setting & { readonly locked: boolean }

export interface BackupSet {
  readonly name: string
  /** Absolute paths as bytes (names need not be UTF-8), or beginning with `~` or a variable: places.ts. */
  readonly roots: readonly Bytes[]
  /** gitignore patterns, relative to each root. */
  readonly excludes: readonly string[]
  /** False: files of different roots never share a segment. */
  readonly shareSegments: boolean
  /** Names of presets: places.ts. */
  readonly presets: readonly string[]
}

/** How long snapshots are kept; all zero: forever. */
export interface Retention {
  readonly keepWithinDays: number
  readonly keepDaily: number
  readonly keepWeekly: number
  readonly keepMonthly: number
  readonly keepYearly: number
}

/** Names of files that root put on the device (docs/operations.md). Empty: none. */
export interface Hooks {
  readonly before: string
  readonly after: string
}

/** Hours without a complete snapshot. */
export interface Objective {
  readonly atRiskHours: number
  readonly unprotectedHours: number
}

export const backupSetsMax = 64
export const rootsMax = 256
export const presetsMax = 16
export const excludesMax = 4096
/** The longest path that a snapshot holds. */
export const rootBytesMax = 32 * 1024
export const excludeBytesMax = 4096
/** A hundred years of days. */
export const keepMax = 36_525
export const windowsMax = 64
/** Below a minute every device would do nothing else. */
export const everySecondsMin = 60
export const everySecondsMax = 31 * 86_400
export const quietMsMin = 100
export const quietMsMax = 3_600_000
export const ceilingMsMax = 86_400_000
/** Below this a first backup would never end. */
export const rateMin = 1024
export const rateMax = 10 ** 12
/** Longer than anybody pauses by mistake and forgets. */
export const pauseMinutesMax = 7 * 24 * 60
/** A year: beyond it an objective is none. */
export const objectiveHoursMax = 366 * 24
/** What watchers miss is found within a month at the latest. */
export const reconcileHoursMax = 31 * 24
/** Three numbers, the first the greatest. */
export const releaseVersion = /^(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})$/
export const hookName = /^[a-z0-9-]{1,64}$/

/** What makes two settings the same one: its kind, and the name of a backup set. */
export function keyOf(setting: Setting): string {
  return setting.kind === 'backupSet' ? `sets.${setting.value.name}` : setting.kind
}

/** Nothing is named: such a set takes one away that an earlier layer set. */
export function isEmptySet({ roots, presets }: BackupSet): boolean {
  return roots.length + presets.length === 0
}
