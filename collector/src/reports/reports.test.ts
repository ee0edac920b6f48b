import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { reportKinds } from '@backstay/proto/rest/reports'
import type { DeviceView } from '../alerts/facts.ts'
import { openOutbox } from '../alerts/outbox.ts'
import { setUp } from '../alerts/set-up.ts'
import { dueDeliveries } from '../catalog/alerts.ts'
import { silentLog } from '../log.ts'
import { sampleFleet, sampleVault } from '../testing/sample-vault.ts'
import { printable } from './pdf.ts'
import { type ReportFacts, reportOf } from './report.ts'
import { openReports } from './reports.ts'
import { lastDue, nextDue } from './schedule.ts'

const dayMs = 86_400_000
const t0 = Date.UTC(2026, 5, 15, 12)
const device = (name: string, changes: Partial<DeviceView> = {}): DeviceView => ({
  ...{ device: 'aa', name, platform: 'linux x64', groups: ['g1'], state: 'protected', stateSinceMs: t0 },
  ...{
    lastContactMs: t0,
    enrolledAtMs: t0 - 90 * dayMs,
    lastCompleteAtMs: t0,
    storedBytes: 2 ** 30,
    unread: 0,
  },
  reasons: [],
  ...changes,
})
const facts = (devices: readonly DeviceView[]): ReportFacts => ({
  fleet: {
    devices,
    storage: { diskBytes: 1e12, freeBytes: 5e11, fullAtMs: undefined },
    damagedObjects: 0,
    logFork: undefined,
    erasures: [],
    haltedReleases: [],
    ...{ floods: [], clockHaltedUntilMs: undefined },
  },
  forecast: { kind: 'not_enough_history', days: 2 },
  groupNames: new Map([['g1', 'Design']]),
})
const fleet = facts([
  device('calm'),
  device('old', {
    state: 'unprotected',
    lastCompleteAtMs: t0 - 30 * dayMs,
    stateSinceMs: t0 - 29 * dayMs,
    unread: 12345,
  }),
  device('new', { state: 'never_backed_up', lastCompleteAtMs: undefined, storedBytes: 0, groups: [] }),
  device('gone', { state: 'retired', lastCompleteAtMs: t0 - 300 * dayMs }),
])
const names = (kind: (typeof reportKinds)[number]) => reportOf(kind, fleet, t0).rows.map(([first]) => first)

test('each report has the devices that it is named for, the worst first', () => {
  assert.deepEqual(names('never-backed-up'), ['new'])
  assert.deepEqual(names('stale'), ['old'])
  assert.deepEqual(names('failing'), ['new', 'old'])
  assert.deepEqual(names('storage').slice(-1), ['new'])
  assert.deepEqual(names('coverage'), ['(no group)', 'Design'])
  const coverage = reportOf('coverage', fleet, t0)
  assert.match(coverage.summary, /33\.3 %/)
  assert.match(reportOf('storage', fleet, t0).summary, /3\.0 GiB are stored.*not enough history/)
  assert.ok(reportOf('failing', fleet, t0).rows.flat().includes('12 345'))
})

test('a report of an empty fleet says so and is a table without rows', () => {
  for (const kind of reportKinds) {
    const { rows, columns, summary } = reportOf(kind, facts([]), t0)
    assert.deepEqual(rows, [])
    assert.ok(columns.length > 2 && summary.length > 10)
  }
})

async function room(read: () => ReportFacts | undefined = () => fleet) {
  const { sql, clock } = await sampleVault()
  const own = { id: sampleFleet.trust.fleet, name: 'Example' }
  const kept = setUp({ p, sql, clock, fleet: () => own.id })
  const outbox = openOutbox({ p, sql, clock, fleet: () => own.id, setUp: kept, log: silentLog })
  const reports = openReports({
    sql,
    clock,
    outbox,
    setUp: kept,
    fleet: () => own,
    facts: async () => read(),
    log: silentLog,
  })
  return { reports, kept, clock, sql, due: () => dueDeliveries(sql, own.id, clock.now(), 10) }
}

test('a name that a spreadsheet would take for a formula is text in the CSV', async () => {
  const { reports } = await room(() => facts([device('=HYPERLINK("http://evil")', { state: 'unprotected' })]))
  const table = reports.csv(await reports.one('failing'))
  assert.match(table, /^Device,Group,State/)
  assert.ok(table.includes(`"'=HYPERLINK(""http://evil"")"`), table)
})

test('a PDF has all pages of a long report and survives every name', async () => {
  const many = Array.from({ length: 300 }, (_, n) =>
    device(`${'Ж'.repeat(n % 40)} laptop ${n}\u202e\0`, { state: 'unprotected' }),
  )
  const { reports } = await room(() => facts(many))
  const bytes = Buffer.from(await reports.pdf(await reports.one('failing')))
  const text = bytes.toString('latin1')
  assert.ok(text.startsWith('%PDF-1.') && text.trimEnd().endsWith('%%EOF'))
  assert.equal(Number(/\/Count (\d+)/.exec(text)?.[1]), 10)
  assert.equal(printable('Zoë Ж\u202e\0'), 'Zoë ???')
})

test('a schedule is due at its hour, once, on Mondays or the first of a month', () => {
  const local = (...at: [number, number, number, number]) => new Date(...at).getTime()
  const wednesday = local(2026, 5, 17, 9)
  assert.equal(lastDue({ every: 'day', hour: 7 }, wednesday), local(2026, 5, 17, 7))
  assert.equal(lastDue({ every: 'day', hour: 10 }, wednesday), local(2026, 5, 16, 10))
  assert.equal(lastDue({ every: 'week', hour: 7 }, wednesday), local(2026, 5, 15, 7))
  assert.equal(nextDue({ every: 'week', hour: 7 }, wednesday), local(2026, 5, 22, 7))
  assert.equal(lastDue({ every: 'month', hour: 7 }, wednesday), local(2026, 5, 1, 7))
  assert.equal(nextDue({ every: 'month', hour: 7 }, local(2026, 11, 20, 9)), local(2027, 0, 1, 7))
})

test('a scheduled report goes out once, with its table, to its own readers', async () => {
  const { reports, kept, clock, due } = await room()
  const id = kept.schedules.newId()
  const schedule = {
    id,
    name: 'weekly',
    report: 'failing',
    format: 'pdf',
    every: 'day',
    hour: 7,
    enabled: true,
  } as const
  await kept.schedules.write({ ...schedule, to: ['boss@example.org'], lastSentAtMs: clock.now() - 3 * dayMs })
  assert.equal(await reports.sendDue(), 1)
  assert.equal(await reports.sendDue(), 0)
  const [mail] = await due()
  const message = JSON.parse(mail?.body ?? '{}')
  assert.deepEqual(message.to, ['boss@example.org'])
  assert.ok(Buffer.from(message.attachment.base64, 'base64').toString('latin1').startsWith('%PDF'))
  clock.nowMs += dayMs
  assert.equal(await reports.sendDue(), 1)
})
