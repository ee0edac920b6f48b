/**
 * What an order will do before anybody signs it: which settings change for which devices, and what stays as it is because a
 * layer locked it. Devices for which the same changes are one class.
 */
import { hex } from '@backstay/proto/bytes'
import { type EffectivePolicy, effectivePolicy, type PolicyValues } from '@backstay/proto/policy/effective'
import { settingText } from '@backstay/proto/policy/setting-text'
import type { Retention } from '@backstay/proto/policy/settings'
import { type Standing, type StandingOrder, standingOf } from '@backstay/proto/policy/standing'
import type { FleetView, ViewedDevice } from './fleet-view.ts'

export interface SettingChange {
  readonly setting: string
  /** Undefined: not set, the default holds. */
  readonly before: string | undefined
  readonly after: string | undefined
}

export interface ChangedClass {
  readonly devices: readonly ChangedDevice[]
  readonly changes: readonly SettingChange[]
}

export interface ChangedDevice {
  readonly viewed: ViewedDevice
  readonly before: EffectivePolicy
  readonly after: EffectivePolicy
}

export interface Change {
  readonly standing: Standing
  readonly classes: readonly ChangedClass[]
  /** Devices for which nothing changes, though the order is for them: something is locked, or set further in. */
  readonly untouched: number
  /** Settings of the new layer that some device does not take, by the key, and how many devices. */
  readonly resisted: ReadonlyMap<string, number>
}

export function changeOf(view: FleetView, added: readonly StandingOrder[]): Change {
  const standing = standingOf([...view.orders.map(one => one.order), ...added])
  const classes = new Map<string, { devices: ChangedDevice[]; changes: SettingChange[] }>()
  const resisted = new Map<string, number>()
  let untouched = 0
  for (const viewed of view.devices) {
    const before = effectivePolicy(view.standing, viewed.place)
    const after = effectivePolicy(standing, viewed.place)
    for (const [key, { heldBack }] of after.settings) {
      const more = heldBack.length > (before.settings.get(key)?.heldBack.length ?? 0)
      if (more) resisted.set(key, (resisted.get(key) ?? 0) + 1)
    }
    const changes = changesBetween(before, after)
    if (changes.length === 0) {
      untouched++
      continue
    }
    const key = JSON.stringify(changes)
    const own = classes.get(key) ?? { devices: [], changes }
    own.devices.push({ viewed, before, after })
    classes.set(key, own)
  }
  const sorted = [...classes.values()].sort((a, b) => b.devices.length - a.devices.length)
  return { standing, classes: sorted, untouched, resisted }
}

export function changesBetween(before: EffectivePolicy, after: EffectivePolicy): SettingChange[] {
  const keys = [...new Set([...before.settings.keys(), ...after.settings.keys()])].sort()
  return keys.flatMap(setting => {
    const [a, b] = [textOf(before, setting), textOf(after, setting)]
    return a === b ? [] : [{ setting, before: a, after: b }]
  })
}

function textOf({ settings }: EffectivePolicy, key: string): string | undefined {
  const found = settings.get(key)
  return found && settingText(found.setting) + (found.setting.locked ? ' (locked)' : '')
}

/** Whether snapshots may go that would stay today. */
export function keepsLess(before: Retention, after: Retention): boolean {
  const sum = (one: Retention) => Object.values(one).reduce((total, value) => total + value, 0)
  if (sum(after) === 0) return false
  if (sum(before) === 0) return true
  return (Object.keys(before) as (keyof Retention)[]).some(key => after[key] < before[key])
}

/** Whether roots, presets or excludes are others: then files may leave the backup, or come. */
export function changesFiles(before: PolicyValues, after: PolicyValues): boolean {
  const textOf = ({ backupSets, excludes }: PolicyValues) =>
    JSON.stringify([excludes, backupSets.map(set => [set.presets, set.excludes, set.roots.map(hex)])])
  return textOf(before) !== textOf(after)
}
