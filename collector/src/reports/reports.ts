/** The door of this room: reports of now, and those that go out by mail on a schedule. */
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import type { Report, ReportKind } from '@backstay/proto/rest/reports'
import { type Message, oneLine } from '../alerts/message.ts'
import { mailChannel, type Outbox } from '../alerts/outbox.ts'
import type { Schedule, SetUp } from '../alerts/set-up.ts'
import { csv } from '../api/csv.ts'
import { writeDocument } from '../catalog/documents.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Log } from '../log.ts'
import { reportPdf } from './pdf.ts'
import { type ReportFacts, reportOf } from './report.ts'
import { lastDue } from './schedule.ts'

export interface Reports {
  readonly name: string
  run(signal: AbortSignal): Promise<void>
  /** Throws `not_looked_yet` in the first minute. */
  one(kind: ReportKind): Promise<Report>
  csv(report: Report): string
  pdf(report: Report): Promise<Uint8Array>
  /** Puts what is due into the outbox; returns how many. */
  sendDue(): Promise<number>
}

export interface ReportsOptions {
  readonly sql: Sql
  readonly clock: Clock
  readonly fleet: () => { readonly id: FleetId; readonly name: string } | undefined
  readonly facts: () => Promise<ReportFacts | undefined>
  readonly setUp: Pick<SetUp, 'schedules'>
  readonly outbox: Pick<Outbox, 'put'>
  readonly log: Log
}

const lookMs = 60_000

export function openReports(options: ReportsOptions): Reports {
  const { sql, clock, fleet, facts, setUp, outbox, log } = options

  async function one(kind: ReportKind): Promise<Report> {
    const now = await facts()
    if (now !== undefined) return reportOf(kind, now, clock.now())
    throw new Failure('not_looked_yet', 'the collector has just started and looks at the fleet first', {
      remedy: 'retry',
    })
  }

  async function messageOf(schedule: Schedule, fleetName: string): Promise<Message> {
    const report = await one(schedule.report)
    const bytes = schedule.format === 'csv' ? Buffer.from(csvOf(report)) : await reportPdf(report, fleetName)
    const day = new Date(report.asOfMs).toISOString().slice(0, 10)
    return {
      ...{ kind: 'report', severity: 'note', atMs: clock.now(), events: [], to: schedule.to },
      title: `[${oneLine(fleetName)}] ${report.title}, ${day}`,
      text: `${report.summary}\n\nThe table is attached.`,
      attachment: {
        name: `${schedule.report}-${day}.${schedule.format}`,
        type: schedule.format === 'csv' ? 'text/csv' : 'application/pdf',
        base64: Buffer.from(bytes).toString('base64'),
      },
    }
  }

  const self: Reports = {
    name: 'reports',
    one,
    csv: csvOf,
    pdf: report => reportPdf(report, fleet()?.name ?? ''),
    async sendDue() {
      const own = fleet()
      if (own === undefined) return 0
      let sent = 0
      for (const schedule of await setUp.schedules.all()) {
        const dueMs = lastDue(schedule, clock.now())
        if (!schedule.enabled || (schedule.lastSentAtMs ?? 0) >= dueMs) continue
        // Together with the note that it was sent, or a crash in between would send it twice.
        const message = await messageOf(schedule, own.name)
        const changedAtMs = clock.now()
        const body = JSON.stringify({ ...schedule, lastSentAtMs: changedAtMs })
        await sql.transaction(async tx => {
          await outbox.put(tx, own.id, mailChannel, message)
          await writeDocument(tx, own.id, 'report-schedule', { id: schedule.id, body, changedAtMs })
        })
        sent++
      }
      return sent
    },
    async run(signal) {
      for (;;) {
        await clock.sleep(lookMs, signal)
        await self.sendDue().catch(error => log.warn({ error }, 'reports not made; it is tried again'))
      }
    },
  }
  return self
}

function csvOf({ columns, rows }: Report): string {
  return csv(
    columns.map(({ name }) => name),
    rows,
  )
}
