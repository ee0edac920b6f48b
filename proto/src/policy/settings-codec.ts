/** Settings to protobuf and back. What makes no sense is refused on both ends: by the console before it signs, by the device. */
import { utf8 } from '../bytes.ts'
import { unreachable } from '../failure.ts'
import type { Fields } from '../trust/fields.ts'
import { nameBytesMax } from '../trust/key-fields.ts'
import { presets, rootFault, visible } from './places.ts'
import type { backstay } from './policy.pb.js'
import type { Schedule, Window } from './schedule.ts'
import {
  type BackupSet,
  ceilingMsMax,
  everySecondsMax,
  everySecondsMin,
  excludeBytesMax,
  excludesMax,
  type Hooks,
  hookName,
  keepMax,
  type LayerSetting,
  type Objective,
  objectiveHoursMax,
  pauseMinutesMax,
  presetsMax,
  quietMsMax,
  quietMsMin,
  type Retention,
  rateMax,
  rateMin,
  reconcileHoursMax,
  releaseVersion,
  rootBytesMax,
  rootsMax,
  type Setting,
  windowsMax,
} from './settings.ts'

type Message = backstay.policy.Setting.$Properties
const dayMinutes = 24 * 60

export function writeSetting(setting: LayerSetting): Message {
  return { locked: setting.locked, ...writeValue(setting) }
}

/** Undefined for a setting whose number this version does not know. */
export function readSetting(fields: Fields, message: Message): LayerSetting | undefined {
  const setting = readValue(fields, message)
  return setting && { ...setting, locked: message.locked ?? false }
}

function writeValue(setting: Setting): Message {
  switch (setting.kind) {
    case 'backupSet': {
      const { roots, excludes, presets, ...rest } = setting.value
      return {
        backupSet: { ...rest, roots: [...roots], excludes: [...excludes], presets: [...presets] },
      }
    }
    case 'excludes':
      return { excludes: { patterns: [...setting.value] } }
    case 'retention':
      return { retention: { ...setting.value } }
    case 'schedule':
      return { schedule: writeSchedule(setting.value) }
    case 'rates':
      return {
        rates: {
          rates: setting.value.map(({ bytesPerSecond, window }) => ({
            bytesPerSecond,
            window: window === undefined ? null : writeWindow(window),
          })),
        },
      }
    case 'battery':
      return { batteryPercentMin: setting.value }
    case 'metered':
      return { onMetered: setting.value }
    case 'hooks':
      return { hooks: { ...setting.value } }
    case 'pause':
      return { pauseMinutesMax: setting.value }
    case 'restore':
      return { mayRestore: setting.value }
    case 'objective':
      return { objective: { ...setting.value } }
    case 'reconcile':
      return { reconcileHours: setting.value }
    case 'version':
      return { agentVersion: setting.value }
    default:
      return unreachable(setting)
  }
}

function readValue(fields: Fields, message: Message): Setting | undefined {
  const whole = (name: string, value: number | null | undefined, min: number, max: number) => {
    const number = fields.integer(name, value, max)
    if (number < min) throw fields.bad(`its ${name} is below ${min}`)
    return number
  }
  if (message.backupSet) return { kind: 'backupSet', value: readSet(fields, message.backupSet) }
  if (message.excludes) return { kind: 'excludes', value: readExcludes(fields, message.excludes.patterns) }
  if (message.retention) return { kind: 'retention', value: readRetention(fields, message.retention) }
  if (message.schedule) return { kind: 'schedule', value: readSchedule(fields, message.schedule) }
  if (message.rates) {
    const value = fields.list('rates', message.rates.rates, { max: windowsMax }, rate => ({
      bytesPerSecond: whole('rate', rate.bytesPerSecond, rateMin, rateMax),
      window: rate.window ? readWindow(fields, rate.window) : undefined,
    }))
    return { kind: 'rates', value }
  }
  if (isSet(message.batteryPercentMin)) {
    return { kind: 'battery', value: whole('battery percent', message.batteryPercentMin, 0, 100) }
  }
  if (isSet(message.onMetered)) return { kind: 'metered', value: message.onMetered }
  if (message.hooks) return { kind: 'hooks', value: readHooks(fields, message.hooks) }
  if (isSet(message.pauseMinutesMax)) {
    return { kind: 'pause', value: whole('longest pause', message.pauseMinutesMax, 0, pauseMinutesMax) }
  }
  if (isSet(message.mayRestore)) return { kind: 'restore', value: message.mayRestore }
  if (message.objective) return { kind: 'objective', value: readObjective(fields, message.objective) }
  if (isSet(message.reconcileHours)) {
    return {
      kind: 'reconcile',
      value: whole('reconcile hours', message.reconcileHours, 1, reconcileHoursMax),
    }
  }
  if (isSet(message.agentVersion)) {
    const value = fields.text('version', message.agentVersion, 32)
    if (value === '' || releaseVersion.test(value)) return { kind: 'version', value }
    throw fields.bad(`its version "${value}" is not three numbers`)
  }
  return undefined
}

function isSet<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined
}

function readSet(fields: Fields, set: backstay.policy.BackupSet.$Properties): BackupSet {
  const name = fields.text('backup set name', set.name, nameBytesMax)
  if (name === '') throw fields.bad('a backup set has no name')
  return {
    name,
    roots: fields.list('roots of one backup set', set.roots, { max: rootsMax }, root => {
      const path = fields.bytes('root', root, { min: 1, max: rootBytesMax })
      const fault = rootFault(path)
      if (fault !== undefined)
        throw fields.bad(`root "${JSON.stringify(visible(path)).slice(1, -1)}" ${fault}`)
      return path
    }),
    excludes: readExcludes(fields, set.excludes),
    shareSegments: set.shareSegments ?? false,
    presets: fields.list('presets of one backup set', set.presets, { max: presetsMax }, preset => {
      if (!Object.hasOwn(presets, preset)) throw fields.bad('it names a preset that does not exist')
      return preset
    }),
  }
}

function readExcludes(fields: Fields, patterns: readonly string[] | null | undefined): readonly string[] {
  return fields.list('excludes', patterns, { max: excludesMax }, pattern => {
    if (pattern.trim() === '' || utf8(pattern).length > excludeBytesMax || /[\0\n]/.test(pattern)) {
      throw fields.bad('an exclude is not one pattern')
    }
    return pattern
  })
}

function readRetention(fields: Fields, retention: backstay.policy.Retention.$Properties): Retention {
  const keep = (value: number | null | undefined) => fields.integer('retention', value, keepMax)
  return {
    keepWithinDays: keep(retention.keepWithinDays),
    keepDaily: keep(retention.keepDaily),
    keepWeekly: keep(retention.keepWeekly),
    keepMonthly: keep(retention.keepMonthly),
    keepYearly: keep(retention.keepYearly),
  }
}

function writeSchedule(schedule: Schedule): backstay.policy.Schedule.$Properties {
  switch (schedule.kind) {
    case 'continuous':
      return { continuous: { quietMs: schedule.quietMs, ceilingMs: schedule.ceilingMs } }
    case 'every':
      return { everySeconds: schedule.everyMs / 1000 }
    case 'windows':
      return { windows: { windows: schedule.windows.map(writeWindow), catchUp: schedule.catchUp } }
    default:
      return unreachable(schedule)
  }
}

function readSchedule(fields: Fields, message: backstay.policy.Schedule.$Properties): Schedule {
  if (message.continuous) {
    const quietMs = fields.integer('quiet time', message.continuous.quietMs, quietMsMax)
    const ceilingMs = fields.integer('ceiling', message.continuous.ceilingMs, ceilingMsMax)
    if (quietMs < quietMsMin) throw fields.bad(`its quiet time is below ${quietMsMin} ms`)
    if (ceilingMs < quietMs) throw fields.bad('its ceiling is below its quiet time')
    return { kind: 'continuous', quietMs, ceilingMs }
  }
  if (message.windows) {
    const windows = fields.list('windows', message.windows.windows, { min: 1, max: windowsMax }, one =>
      readWindow(fields, one),
    )
    return { kind: 'windows', windows, catchUp: message.windows.catchUp ?? false }
  }
  const seconds = fields.integer('interval', message.everySeconds, everySecondsMax)
  if (seconds < everySecondsMin) throw fields.bad('its schedule names no time')
  return { kind: 'every', everyMs: seconds * 1000 }
}

function writeWindow({ days, fromMinute, toMinute }: Window): backstay.policy.Window.$Properties {
  return { days: days.reduce((sum, day) => sum | (1 << day), 0), fromMinute, toMinute }
}

function readWindow(fields: Fields, window: backstay.policy.Window.$Properties): Window {
  const bits = fields.integer('days of a window', window.days, 127)
  const fromMinute = fields.integer('begin of a window', window.fromMinute, dayMinutes - 1)
  const toMinute = fields.integer('end of a window', window.toMinute, dayMinutes)
  if (bits === 0) throw fields.bad('a window has no day')
  if (fromMinute === toMinute) throw fields.bad('a window has no length')
  return { days: [0, 1, 2, 3, 4, 5, 6].filter(day => (bits & (1 << day)) !== 0), fromMinute, toMinute }
}

function readHooks(fields: Fields, hooks: backstay.policy.Hooks.$Properties): Hooks {
  const name = (value: string | null | undefined) => {
    const text = value ?? ''
    if (text !== '' && !hookName.test(text)) throw fields.bad('a hook is not named by a-z, 0-9 and - alone')
    return text
  }
  return { before: name(hooks.before), after: name(hooks.after) }
}

function readObjective(fields: Fields, objective: backstay.policy.Objective.$Properties): Objective {
  const atRiskHours = fields.integer('objective', objective.atRiskHours, objectiveHoursMax)
  const unprotectedHours = fields.integer('objective', objective.unprotectedHours, objectiveHoursMax)
  if (atRiskHours < 1) throw fields.bad('its objective is below an hour')
  if (unprotectedHours < atRiskHours) throw fields.bad('unprotected would come before at risk')
  return { atRiskHours, unprotectedHours }
}
