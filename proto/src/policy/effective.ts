/**
 * What a device is to do: its layers added up, from the outermost to the device's own.
 *
 *     fleet        retention 1 year, locked    sets.home = ~
 *     ▼ Engineers  retention 30 days           sets.home = ~, without build/
 *     ▼ device                                 schedule = every 4 h
 *     = retention 1 year (fleet, locked; held back: Engineers)   sets.home (Engineers)   schedule (device)
 *
 * A later layer wins, unless an earlier one locked the setting. A pure function of the orders that stand: no arrival and
 * no clock changes it.
 */
import { hex } from '../bytes.ts'
import type { Policy } from './policy.ts'
import { continuous, type Manners, type Schedule, usualManners } from './schedule.ts'
import {
  type BackupSet,
  type Hooks,
  isEmptySet,
  keyOf,
  type LayerSetting,
  type Objective,
  pauseMinutesMax,
  type Retention,
  type SettingKind,
  type ValueOf,
} from './settings.ts'
import { groupChain, type Place, type Standing } from './standing.ts'

export interface Source {
  readonly layer: 'fleet' | 'group' | 'grant' | 'device'
  /** Of the group, grant or device, in hexadecimal digits; '' for the fleet. */
  readonly id: string
  /** Of the group, else of the policy. */
  readonly name: string
}

export interface EffectiveSetting {
  readonly setting: LayerSetting
  readonly source: Source
  /** Layers further in that would have it otherwise, and may not: the setting is locked. */
  readonly heldBack: readonly Source[]
}

/** With the defaults of what no layer sets. */
export interface PolicyValues {
  /** Those that name something. */
  readonly backupSets: readonly BackupSet[]
  readonly excludes: readonly string[]
  readonly retention: Retention
  readonly schedule: Schedule
  readonly manners: Manners
  readonly hooks: Hooks
  readonly pauseMinutesMax: number
  readonly mayRestore: boolean
  readonly objective: Objective
  readonly reconcileHours: number
  /** The release that the device is to run; empty: whatever is installed. */
  readonly agentVersion: string
}

export interface EffectivePolicy {
  /** By key (settings.ts), in the order of the keys. */
  readonly settings: ReadonlyMap<string, EffectiveSetting>
  readonly values: PolicyValues
  /** Outermost first, with those that say nothing left out. */
  readonly layers: readonly Source[]
  /** Some layer says more than this version understands. */
  readonly isNewer: boolean
}

export interface Layer {
  readonly source: Source
  readonly policy: Policy
}

export const forever: Retention = {
  keepWithinDays: 0,
  keepDaily: 0,
  keepWeekly: 0,
  keepMonthly: 0,
  keepYearly: 0,
}
export const usualObjective: Objective = { atRiskHours: 24, unprotectedHours: 72 }
/** What nobody hinted at waits this long: writes through mapped memory, and other names of a changed file (inotify(7)). */
const usualReconcileHours = 6

export function effectivePolicy(standing: Standing, place: Place): EffectivePolicy {
  return addUp(layersOf(standing, place))
}

/** Outermost first. The layer of a retired group counts no longer. */
export function layersOf(standing: Standing, { device, grantId }: Place): Layer[] {
  const groups = groupChain(standing, device).filter(group => !group.retired)
  const sources: Source[] = [
    { layer: 'fleet', id: '', name: '' },
    ...groups.map(({ id, name }) => ({ layer: 'group', id: hex(id), name }) as const),
    { layer: 'grant', id: hex(grantId), name: '' },
    { layer: 'device', id: device, name: '' },
  ]
  return sources.flatMap(source => {
    const policy = standing.policies.get(source.id)
    return policy === undefined ? [] : { policy, source: { ...source, name: source.name || policy.name } }
  })
}

export function addUp(layers: readonly Layer[]): EffectivePolicy {
  const found = new Map<string, EffectiveSetting>()
  for (const { source, policy } of layers) {
    for (const setting of policy.settings) {
      const key = keyOf(setting)
      const before = found.get(key)
      if (before?.setting.locked) {
        found.set(key, { ...before, heldBack: [...before.heldBack, source] })
      } else {
        found.set(key, { setting, source, heldBack: [] })
      }
    }
  }
  const settings = new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    settings,
    values: valuesOf(settings),
    layers: layers.filter(({ policy }) => policy.settings.length > 0).map(({ source }) => source),
    isNewer: layers.some(({ policy }) => policy.isNewer),
  }
}

/** Of a device that no layer reaches. */
export const noPolicy: EffectivePolicy = addUp([])

function valuesOf(settings: ReadonlyMap<string, EffectiveSetting>): PolicyValues {
  const chosen = <K extends SettingKind>(kind: K, usual: ValueOf<K>): ValueOf<K> => {
    const found = settings.get(kind)?.setting
    return found?.kind === kind ? (found.value as ValueOf<K>) : usual
  }
  const sets = [...settings.values()].flatMap(({ setting }) =>
    setting.kind === 'backupSet' && !isEmptySet(setting.value) ? setting.value : [],
  )
  return {
    backupSets: sets,
    excludes: chosen('excludes', []),
    retention: chosen('retention', forever),
    schedule: chosen('schedule', continuous),
    manners: {
      batteryPercentMin: chosen('battery', usualManners.batteryPercentMin),
      onMetered: chosen('metered', usualManners.onMetered),
      rates: chosen('rates', usualManners.rates),
    },
    hooks: chosen('hooks', { before: '', after: '' }),
    pauseMinutesMax: chosen('pause', pauseMinutesMax),
    mayRestore: chosen('restore', true),
    objective: chosen('objective', usualObjective),
    reconcileHours: chosen('reconcile', usualReconcileHours),
    agentVersion: chosen('version', ''),
  }
}
