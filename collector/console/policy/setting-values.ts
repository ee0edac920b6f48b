/** The value of each setting from what YAML holds, and back. A mistake says what would be right. */
import { fromHex, fromUtf8, hex, utf8 } from '@backstay/proto/bytes'
import { isFailure, unreachable } from '@backstay/proto/failure'
import { presets, rootFault, variableNames } from '@backstay/proto/policy/places'
import { continuous, type Rate, type Schedule } from '@backstay/proto/policy/schedule'
import { parseDuration, parseWindow } from '@backstay/proto/policy/schedule-text'
import { durationText, rateText, windowText } from '@backstay/proto/policy/setting-text'
import {
  type BackupSet,
  ceilingMsMax,
  everySecondsMax,
  everySecondsMin,
  hookName,
  keepMax,
  objectiveHoursMax,
  pauseMinutesMax,
  quietMsMax,
  quietMsMin,
  type Retention,
  rateMin,
  reconcileHoursMax,
  releaseVersion,
  type Setting,
} from '@backstay/proto/policy/settings'

export class Mistake extends Error {}

export const settingNames = [
  'sets.NAME',
  ...['excludes', 'retention', 'schedule', 'rates', 'battery', 'metered', 'hooks', 'pause', 'restore'],
  ...['objective', 'reconcile', 'version'],
] as const

const dayMs = 86_400_000
const hourMs = 3_600_000
const minuteMs = 60_000

/** Throws Mistake. */
export function readValue(key: string, value: unknown): Setting {
  if (key.startsWith('sets.')) return { kind: 'backupSet', value: readSet(key.slice('sets.'.length), value) }
  switch (key) {
    case 'excludes':
      return { kind: 'excludes', value: patterns(key, value) }
    case 'retention':
      return { kind: 'retention', value: readRetention(value) }
    case 'schedule':
      return { kind: 'schedule', value: readSchedule(value) }
    case 'rates':
      return { kind: 'rates', value: texts(key, value).map(readRate) }
    case 'battery':
      return { kind: 'battery', value: whole(key, value, 0, 100) }
    case 'metered':
      return { kind: 'metered', value: yesNo(key, value) }
    case 'hooks':
      return { kind: 'hooks', value: readHooks(value) }
    case 'pause':
      if (value === false || value === 'no') return { kind: 'pause', value: 0 }
      return {
        kind: 'pause',
        value: duration(key, value, minuteMs, 0, pauseMinutesMax * minuteMs) / minuteMs,
      }
    case 'restore':
      return { kind: 'restore', value: yesNo(key, value) }
    case 'objective':
      return { kind: 'objective', value: readObjective(value) }
    case 'reconcile':
      return {
        kind: 'reconcile',
        value: duration(key, value, hourMs, hourMs, reconcileHoursMax * hourMs) / hourMs,
      }
    case 'version':
      if (value === false || value === 'no') return { kind: 'version', value: '' }
      if (typeof value === 'string' && releaseVersion.test(value)) return { kind: 'version', value }
      throw new Mistake('version is three numbers, such as 1.4.0, or: no')
    default:
      throw new Mistake(`"${key}" is no setting; settings are ${settingNames.join(', ')}, and lock`)
  }
}

export function writeValue(setting: Setting): unknown {
  switch (setting.kind) {
    case 'backupSet': {
      const { roots, presets, excludes, shareSegments } = setting.value
      return {
        ...(presets.length > 0 && { presets: [...presets] }),
        roots: roots.map(rootText),
        ...(excludes.length > 0 && { excludes: [...excludes] }),
        ...(!shareSegments && { share: false }),
      }
    }
    case 'excludes':
      return [...setting.value]
    case 'retention':
      return writeRetention(setting.value)
    case 'schedule':
      return writeSchedule(setting.value)
    case 'rates':
      return setting.value.map(rateText)
    case 'battery':
    case 'metered':
    case 'restore':
      return setting.value
    case 'hooks':
      return Object.fromEntries(Object.entries(setting.value).filter(([, name]) => name !== ''))
    case 'pause':
      return setting.value === 0 ? false : durationText(setting.value * minuteMs)
    case 'objective': {
      const { atRiskHours, unprotectedHours } = setting.value
      return { 'at-risk': `${atRiskHours}h`, unprotected: `${unprotectedHours}h` }
    }
    case 'reconcile':
      return durationText(setting.value * hourMs)
    case 'version':
      return setting.value === '' ? false : setting.value
    default:
      return unreachable(setting)
  }
}

function readSet(name: string, value: unknown): BackupSet {
  if (name === '') throw new Mistake('a backup set needs a name, such as home')
  const fields = fieldsOf(`sets.${name}`, value, ['roots', 'presets', 'excludes', 'share'])
  return {
    name,
    roots: texts(`roots of ${name}`, fields.roots).map(readRoot),
    presets: texts(`presets of ${name}`, fields.presets).map(preset => {
      if (Object.hasOwn(presets, preset)) return preset
      throw new Mistake(`"${preset}" is no preset; presets are ${Object.keys(presets).join(', ')}`)
    }),
    excludes: patterns(`excludes of ${name}`, fields.excludes),
    shareSegments: fields.share === undefined ? true : yesNo(`share of ${name}`, fields.share),
  }
}

/** Names that are not UTF-8 are written as hex:2f… */
function readRoot(text: string): Uint8Array {
  const bytes = text.startsWith('hex:') ? fromHex(text.slice(4)) : utf8(text)
  const fault = bytes === undefined ? 'is not hexadecimal' : rootFault(bytes)
  if (bytes !== undefined && fault === undefined) return bytes
  const names = [...variableNames].join(', ')
  throw new Mistake(
    `root "${text}" ${fault}; a root is an absolute path, or begins with ~ or %NAME% of ${names}`,
  )
}

function rootText(root: Uint8Array): string {
  try {
    return fromUtf8(root)
  } catch {
    return `hex:${hex(root)}`
  }
}

const keepNames = {
  within: 'keepWithinDays',
  daily: 'keepDaily',
  weekly: 'keepWeekly',
  monthly: 'keepMonthly',
  yearly: 'keepYearly',
} as const

function readRetention(value: unknown): Retention {
  const none: Retention = { keepWithinDays: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 }
  if (value === 'forever') return none
  const fields = fieldsOf('retention', value, Object.keys(keepNames), ', or the word forever')
  const { within, ...counts } = fields
  const found: Record<string, number> = {}
  if (within !== undefined) {
    found.keepWithinDays = duration('within', within, dayMs, dayMs, keepMax * dayMs) / dayMs
  }
  for (const [name, count] of Object.entries(counts)) {
    found[keepNames[name as keyof typeof keepNames]] = whole(name, count, 0, keepMax)
  }
  return { ...none, ...found }
}

function writeRetention(retention: Retention): unknown {
  const named = Object.entries(keepNames).flatMap(([name, key]) => {
    const count = retention[key]
    return count === 0 ? [] : [[name, name === 'within' ? `${count}d` : count] as const]
  })
  return named.length === 0 ? 'forever' : Object.fromEntries(named)
}

const scheduleHint =
  'a schedule is continuous, "every 4h", { quiet: 1s, ceiling: 30s }, or { windows: ["Mon-Fri 20:00-06:00"], catch-up: true }'

function readSchedule(value: unknown): Schedule {
  if (value === 'continuous') return continuous
  if (typeof value === 'string') {
    const [, time = ''] = /^every\s+(\S+)$/.exec(value) ?? []
    if (time === '') throw new Mistake(scheduleHint)
    return {
      kind: 'every',
      everyMs: duration('schedule', time, 1000, everySecondsMin * 1000, everySecondsMax * 1000),
    }
  }
  const fields = fieldsOf('schedule', value, ['windows', 'catch-up', 'quiet', 'ceiling'], `: ${scheduleHint}`)
  if (fields.windows !== undefined) {
    const windows = texts('windows', fields.windows).map(text => understood(() => parseWindow(text)))
    if (windows.length === 0) throw new Mistake(`there is no window; ${scheduleHint}`)
    const catchUp = fields['catch-up'] === undefined ? true : yesNo('catch-up', fields['catch-up'])
    return { kind: 'windows', windows, catchUp }
  }
  const time = (name: string, usual: number, min: number, max: number) =>
    fields[name] === undefined ? usual : duration(name, fields[name], 1, min, max)
  const quietMs = time('quiet', continuous.quietMs, quietMsMin, quietMsMax)
  const ceilingMs = time('ceiling', Math.max(quietMs, continuous.ceilingMs), quietMs, ceilingMsMax)
  return { kind: 'continuous', quietMs, ceilingMs }
}

function writeSchedule(schedule: Schedule): unknown {
  switch (schedule.kind) {
    case 'continuous':
      return { quiet: durationText(schedule.quietMs), ceiling: durationText(schedule.ceilingMs) }
    case 'every':
      return `every ${durationText(schedule.everyMs)}`
    case 'windows':
      return { windows: schedule.windows.map(windowText), 'catch-up': schedule.catchUp }
    default:
      return unreachable(schedule)
  }
}

function readRate(text: string): Rate {
  const [, count = '', unit = '', rest = ''] =
    /^(\d{1,12})\s*(B|KiB|MiB)\/s(?:\s+(.+))?$/.exec(text.trim()) ?? []
  const factor = { B: 1, KiB: 1024, MiB: 1024 ** 2 }[unit]
  if (factor === undefined)
    throw new Mistake(`rate "${text}" is not of the form "500 KiB/s" or "500 KiB/s Mon-Fri 08:00-18:00"`)
  const bytesPerSecond = Number(count) * factor
  if (bytesPerSecond < rateMin) throw new Mistake(`rate "${text}" is below ${rateMin / 1024} KiB/s`)
  return { bytesPerSecond, window: rest === '' ? undefined : understood(() => parseWindow(rest)) }
}

function readHooks(value: unknown) {
  const fields = fieldsOf('hooks', value, ['before', 'after'])
  const name = (said: unknown) => {
    if (said === undefined || said === null || said === '') return ''
    if (typeof said === 'string' && hookName.test(said)) return said
    throw new Mistake(
      `hook ${JSON.stringify(said)} is not a name of a-z, 0-9 and -: the name of a file in the device's hooks.d, no path and no command`,
    )
  }
  return { before: name(fields.before), after: name(fields.after) }
}

function readObjective(value: unknown) {
  const fields = fieldsOf('objective', value, ['at-risk', 'unprotected'])
  const hours = (name: string, usual: number) =>
    fields[name] === undefined
      ? usual
      : duration(name, fields[name], hourMs, hourMs, objectiveHoursMax * hourMs) / hourMs
  const objective = { atRiskHours: hours('at-risk', 24), unprotectedHours: hours('unprotected', 72) }
  if (objective.unprotectedHours >= objective.atRiskHours) return objective
  throw new Mistake('"unprotected" must not come before "at-risk"')
}

function fieldsOf(key: string, value: unknown, allowed: readonly string[], or = ''): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Mistake(`"${key}" takes { ${allowed.join(', ')} }${or}`)
  }
  const unknown = Object.keys(value).find(name => !allowed.includes(name))
  if (unknown === undefined) return value as Record<string, unknown>
  throw new Mistake(`"${key}" has no "${unknown}"; it takes ${allowed.join(', ')}${or}`)
}

function texts(key: string, value: unknown): string[] {
  if (value === undefined || value === null) return []
  const list = Array.isArray(value) ? value : [value]
  if (list.every(one => typeof one === 'string')) return list
  throw new Mistake(`"${key}" takes a list of texts; put patterns that begin with * or % in quotes`)
}

function patterns(key: string, value: unknown): string[] {
  const list = texts(key, value)
  if (list.every(pattern => pattern.trim() !== '' && !/[\0\n]/.test(pattern))) return list
  throw new Mistake(`"${key}" has an empty pattern; patterns are written as in .gitignore`)
}

function whole(key: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw new Mistake(`"${key}" takes a whole number from ${min} to ${max}, not ${JSON.stringify(value)}`)
}

function yesNo(key: string, value: unknown): boolean {
  if (value === true || value === 'yes') return true
  if (value === false || value === 'no') return false
  throw new Mistake(`"${key}" takes yes or no, not ${JSON.stringify(value)}`)
}

/** In milliseconds, a whole number of `unitMs`. */
function duration(key: string, value: unknown, unitMs: number, min: number, max: number): number {
  const ms = typeof value === 'string' ? understood(() => parseDuration(value)) : Number.NaN
  if (ms >= min && ms <= max && ms % unitMs === 0) return ms
  const whole = unitMs > 1 ? `, in whole ${durationText(unitMs).replace(/^1/, '')}` : ''
  throw new Mistake(
    `"${key}" takes a duration from ${durationText(Math.max(min, unitMs))} to ${durationText(max)}${whole}, not ${JSON.stringify(value)}`,
  )
}

function understood<T>(deed: () => T): T {
  try {
    return deed()
  } catch (error) {
    if (isFailure(error)) throw new Mistake(`${error.message}; ${error.hint}`)
    throw error
  }
}
