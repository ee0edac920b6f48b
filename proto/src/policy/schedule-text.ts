/** Schedules, windows and durations as people type them. All mistakes are `bad_schedule`. */
import { Failure } from '../failure.ts'
import type { Window } from './schedule.ts'

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `30m`, `1h`, `2d`, `300ms`. */
export function parseDuration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,8})(ms|[smhd])$/.exec(text.trim().toLowerCase()) ?? []
  const ms = Number(count) * (unitMs[unit] ?? 0)
  if (ms > 0) return ms
  throw bad(`"${text}" is not a duration`, 'write for example 30m, 1h or 2d')
}

/** `Mon-Fri 20:00-06:00`, `Sat,Sun 00:00-24:00`, or without days for every day. */
export function parseWindow(text: string): Window {
  const words = text.trim().toLowerCase().split(/\s+/)
  const [daysText, timesText] = words.length === 1 ? [undefined, words[0]] : words
  if (words.length > 2 || timesText === undefined) throw notAWindow(text)
  const [, from = '', to = ''] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(timesText) ?? []
  const fromMinute = minuteOf(from, text)
  const toMinute = minuteOf(to, text)
  if (fromMinute === toMinute || fromMinute === dayMinutes) {
    throw bad(`the window "${text}" has no length`, 'a whole day is 00:00-24:00')
  }
  return {
    days: daysText === undefined ? [0, 1, 2, 3, 4, 5, 6] : parseDays(daysText, text),
    fromMinute,
    toMinute,
  }
}

const dayMinutes = 24 * 60

function minuteOf(text: string, window: string): number {
  const [hours = Number.NaN, minutes = Number.NaN] = text.split(':').map(Number)
  const minute = hours * 60 + minutes
  if (minutes < 60 && minute <= dayMinutes) return minute
  throw notAWindow(window)
}

function parseDays(text: string, window: string): number[] {
  const days = new Set<number>()
  for (const part of text.split(',')) {
    const [first = -1, last = first] = part.split('-').map(name => dayNames.indexOf(name.slice(0, 3)))
    if (first < 0 || last < 0 || part.split('-').length > 2) throw notAWindow(window)
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day)
      if (day === last) break
    }
  }
  return [...days].sort()
}

function notAWindow(text: string): Failure {
  return bad(`"${text}" is not a window of time`, 'write for example "Mon-Fri 20:00-06:00"')
}

function bad(message: string, hint: string): Failure {
  return new Failure('bad_schedule', message, { hint })
}
