/** Settings as people read and type them: one line each. What is printed here, the console's policy files take back. */
import { unreachable } from '../failure.ts'
import { visible } from './places.ts'
import type { Rate, Schedule, Window } from './schedule.ts'
import type { Retention, Setting } from './settings.ts'

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const

export function settingText(setting: Setting): string {
  switch (setting.kind) {
    case 'backupSet': {
      const { roots, presets, excludes, shareSegments } = setting.value
      const named = [...presets.map(name => `preset ${name}`), ...roots.map(visible)]
      if (named.length === 0) return 'nothing'
      const without = excludes.length === 0 ? '' : ` without ${excludes.join(', ')}`
      return `${named.join(', ')}${without}${shareSegments ? '' : ' (segments not shared)'}`
    }
    case 'excludes':
      return setting.value.length === 0 ? 'none' : setting.value.join(', ')
    case 'retention':
      return retentionText(setting.value)
    case 'schedule':
      return scheduleText(setting.value)
    case 'rates':
      return setting.value.length === 0 ? 'as fast as it goes' : setting.value.map(rateText).join(', ')
    case 'battery':
      return setting.value === 0 ? 'never mind' : `${setting.value} %`
    case 'metered':
    case 'restore':
      return setting.value ? 'yes' : 'no'
    case 'hooks': {
      const { before, after } = setting.value
      const named = [before && `before: ${before}`, after && `after: ${after}`].filter(one => one !== '')
      return named.length === 0 ? 'none' : named.join(', ')
    }
    case 'pause':
      return setting.value === 0 ? 'no' : durationText(setting.value * 60_000)
    case 'objective':
      return `at risk after ${setting.value.atRiskHours}h, unprotected after ${setting.value.unprotectedHours}h`
    case 'reconcile':
      return durationText(setting.value * 3_600_000)
    case 'version':
      return setting.value === '' ? 'whatever is installed' : setting.value
    default:
      return unreachable(setting)
  }
}

/** `90s`, `30m`, `1h`, `2d`: what parseDuration takes. */
export function durationText(ms: number): string {
  const [unitMs, unit] = units.find(([unitMs]) => ms % unitMs === 0 && ms >= unitMs) ?? [1, 'ms']
  return `${ms / unitMs}${unit}`
}

/** What parseWindow takes. */
export function windowText({ days, fromMinute, toMinute }: Window): string {
  const clock = (minute: number) =>
    [Math.floor(minute / 60), minute % 60].map(part => String(part).padStart(2, '0')).join(':')
  const times = `${clock(fromMinute)}-${clock(toMinute)}`
  return days.length === 7 ? times : `${days.map(day => dayNames[day]).join(',')} ${times}`
}

export function retentionText({ keepWithinDays, ...counts }: Retention): string {
  const { keepDaily, keepWeekly, keepMonthly, keepYearly } = counts
  const parts = [
    keepWithinDays > 0 && `everything ${keepWithinDays}d`,
    keepDaily > 0 && `${keepDaily} daily`,
    keepWeekly > 0 && `${keepWeekly} weekly`,
    keepMonthly > 0 && `${keepMonthly} monthly`,
    keepYearly > 0 && `${keepYearly} yearly`,
  ].filter(part => part !== false)
  return parts.length === 0 ? 'forever' : parts.join(', ')
}

function scheduleText(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'continuous':
      return `continuous, ${durationText(schedule.quietMs)} after the last change, ${durationText(schedule.ceilingMs)} after the first`
    case 'every':
      return `every ${durationText(schedule.everyMs)}`
    case 'windows': {
      const missed = schedule.catchUp ? 'missed ones are caught up' : 'missed ones are left out'
      return `once in ${schedule.windows.map(windowText).join('; ')} (${missed})`
    }
    default:
      return unreachable(schedule)
  }
}

/** `500 KiB/s`, `500 KiB/s Mon,Tue 08:00-18:00`. */
export function rateText({ bytesPerSecond, window }: Rate): string {
  const kib = bytesPerSecond % 1024 === 0 ? `${bytesPerSecond / 1024} KiB/s` : `${bytesPerSecond} B/s`
  return window === undefined ? kib : `${kib} ${windowText(window)}`
}
