/** Reports as tables: pure functions of the fleet's facts. Times are UTC to the minute, because a report is read elsewhere. */
import type { Report, ReportKind } from '@backstay/proto/rest/reports'
import { coverageOf, type DeviceView, type FleetFacts } from '../alerts/facts.ts'
import { bytesText } from '../amounts.ts'
import type { Forecast } from '../samples/forecast.ts'

export interface ReportFacts {
  readonly fleet: FleetFacts
  readonly forecast: Forecast
  /** Of groups, by id. */
  readonly groupNames: ReadonlyMap<string, string>
}

interface Column {
  readonly name: string
  readonly align?: 'right'
  of(device: DeviceView): string
}

const dayMs = 86_400_000
/** A device that protected nothing for so long is stale. */
const staleMs = 7 * dayMs

export const reportTitles: Readonly<Record<ReportKind, string>> = {
  'never-backed-up': 'Devices that were never backed up',
  stale: 'Devices without a complete backup for a week',
  failing: 'Devices that need somebody',
  storage: 'Storage by device',
  coverage: 'Coverage by group',
}

export function reportOf(kind: ReportKind, facts: ReportFacts, nowMs: number): Report {
  const made = reports[kind](facts, nowMs)
  return { kind, title: reportTitles[kind], asOfMs: nowMs, ...made }
}

type Made = Pick<Report, 'summary' | 'columns' | 'rows'>

const reports: Readonly<Record<ReportKind, (facts: ReportFacts, nowMs: number) => Made>> = {
  'never-backed-up'({ fleet, groupNames }) {
    const devices = alive(fleet).filter(({ state }) => state === 'never_backed_up')
    const summary = `${devices.length} of ${alive(fleet).length} devices were never backed up.`
    const columns = [
      name,
      groupOf(groupNames),
      platform,
      time('Enrolled', one => one.enrolledAtMs),
      lastContact,
    ]
    return { summary, ...table(devices.toSorted(by(one => one.enrolledAtMs)), columns) }
  },
  stale({ fleet, groupNames }, nowMs) {
    const devices = alive(fleet).filter(
      ({ lastCompleteAtMs }) => lastCompleteAtMs !== undefined && nowMs - lastCompleteAtMs >= staleMs,
    )
    const summary = `${devices.length} of ${alive(fleet).length} devices have no complete backup of the last seven days.`
    const columns = [name, groupOf(groupNames), stateColumn, lastComplete, lastContact]
    return { summary, ...table(devices.toSorted(by(one => one.lastCompleteAtMs ?? 0)), columns) }
  },
  failing({ fleet, groupNames }) {
    const wanting = ['at_risk', 'unprotected', 'never_backed_up']
    const devices = alive(fleet).filter(({ state }) => wanting.includes(state))
    const summary = `${devices.length} of ${alive(fleet).length} devices need somebody.`
    const columns = [
      ...[name, groupOf(groupNames), stateColumn, time('Since', one => one.stateSinceMs), why, lastComplete],
      { name: 'Not read', align: 'right', of: one => number(one.unread) } as const satisfies Column,
    ]
    const ordered = devices.toSorted(
      (a, b) => wanting.indexOf(b.state) - wanting.indexOf(a.state) || a.stateSinceMs - b.stateSinceMs,
    )
    return { summary, ...table(ordered, columns) }
  },
  storage({ fleet, forecast, groupNames }) {
    const devices = fleet.devices.toSorted((a, b) => b.storedBytes - a.storedBytes)
    const all = devices.reduce((sum, one) => sum + one.storedBytes, 0)
    const columns: Column[] = [
      ...[name, groupOf(groupNames), stateColumn],
      { name: 'Stored', align: 'right', of: one => bytesText(one.storedBytes) },
      { name: 'Bytes', align: 'right', of: one => String(one.storedBytes) },
      { name: 'Share', align: 'right', of: one => percent(all === 0 ? 0 : one.storedBytes / all) },
    ]
    const free = fleet.storage === undefined ? '' : ` ${bytesText(fleet.storage.freeBytes)} are free.`
    return {
      summary: `${bytesText(all)} are stored.${free} ${forecastWords(forecast)}`,
      ...table(devices, columns),
    }
  },
  coverage({ fleet, groupNames }) {
    const groups = Map.groupBy(alive(fleet), ({ groups }) => groups.at(-1) ?? '')
    const rows = [...groups].map(([group, devices]) => {
      const count = (...states: readonly string[]) =>
        devices.filter(({ state }) => states.includes(state)).length
      return [
        group === '' ? '(no group)' : (groupNames.get(group) ?? group),
        ...[number(devices.length), percent(coverageOf(devices) ?? 0)],
        ...[number(count('protected', 'offline_complete')), number(count('at_risk'))],
        ...[number(count('unprotected')), number(count('never_backed_up')), number(count('paused'))],
      ]
    })
    const right = ['Devices', 'Coverage', 'Protected', 'At risk', 'Unprotected', 'Never', 'Paused']
    const whole = coverageOf(fleet.devices)
    return {
      summary:
        whole === undefined ? 'There is no device yet.' : `${percent(whole)} of the devices are protected.`,
      columns: [
        { name: 'Group', align: 'left' as const },
        ...right.map(name => ({ name, align: 'right' as const })),
      ],
      rows: rows.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    }
  },
}

const name: Column = { name: 'Device', of: one => one.name }
const platform: Column = { name: 'Platform', of: one => one.platform }
const stateColumn: Column = { name: 'State', of: one => one.state.replaceAll('_', ' ') }
const why: Column = {
  name: 'Why',
  of: ({ reasons }) =>
    [...new Set(reasons.slice(0, 3).map(({ code }) => code.replaceAll('_', ' ')))].join(', '),
}
const lastContact = time('Last heard', one => one.lastContactMs)
const lastComplete = time('Last complete', one => one.lastCompleteAtMs)

function time(name: string, of: (device: DeviceView) => number | undefined): Column {
  return { name, of: device => timeText(of(device)) }
}

function groupOf(names: ReadonlyMap<string, string>): Column {
  return { name: 'Group', of: ({ groups }) => names.get(groups.at(-1) ?? '') ?? groups.at(-1) ?? '' }
}

export function timeText(atMs: number | undefined): string {
  return atMs === undefined ? '-' : new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')
}

export function forecastWords(known: Forecast): string {
  switch (known.kind) {
    case 'full':
      return `If it goes on like this the disk is full about ${new Date(known.atMs).toISOString().slice(0, 10)}.`
    case 'not_in_sight':
      return 'The disk does not fill up within ten years.'
    case 'not_enough_history':
      return 'There is not enough history yet to say when the disk is full.'
  }
}

function table(devices: readonly DeviceView[], columns: readonly Column[]): Pick<Report, 'columns' | 'rows'> {
  return {
    columns: columns.map(({ name, align }) => ({ name, align: align ?? ('left' as const) })),
    rows: devices.map(device => columns.map(column => column.of(device))),
  }
}

function alive({ devices }: FleetFacts): readonly DeviceView[] {
  return devices.filter(({ state }) => state !== 'retired')
}

function by(of: (device: DeviceView) => number) {
  return (a: DeviceView, b: DeviceView) => of(a) - of(b)
}

/** With spaces between thousands, as readers of every country know them. */
function number(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
}

function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`
}
