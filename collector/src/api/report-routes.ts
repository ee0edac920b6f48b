/** Reports on the page, as CSV and as PDF, and their schedules. */
import { reportKinds, reportRoutes } from '@backstay/proto/rest/reports'
import type { Schedule, SetUp } from '../alerts/set-up.ts'
import type { Audit } from '../audit/audit.ts'
import type { Reports } from '../reports/reports.ts'
import { nextDue } from '../reports/schedule.ts'
import { type Answering, answering } from './answer.ts'
import { defined } from './defined.ts'

export interface ReportParts {
  readonly reports: Reports
  readonly setUp: Pick<SetUp, 'schedules'>
  readonly audit: Pick<Audit, 'note'>
  readonly clock: { now(): number }
}

export function reportRoutesOf({ reports, setUp, audit, clock }: ReportParts): Answering[] {
  const { schedules } = setUp
  const note = (actor: string, action: string, target: string) => audit.note({ actor, action, target })
  const shown = (schedule: Schedule) => ({
    ...{ ...schedule, to: [...schedule.to] },
    ...(schedule.enabled && { nextAtMs: nextDue(schedule, clock.now()) }),
  })

  return [
    answering(reportRoutes.list, async () => ({
      items: await Promise.all(
        reportKinds.map(async kind => {
          const { title, summary, rows } = await reports.one(kind)
          return { kind, title, summary, rows: rows.length }
        }),
      ),
    })),
    // In this order: the path of the last would match the first two.
    answering(reportRoutes.csv, async ({ params, response }) => {
      response.setHeader('content-disposition', `attachment; filename="${params.kind}.csv"`)
      response.type('text/csv').send(reports.csv(await reports.one(params.kind)))
      return undefined
    }),
    answering(reportRoutes.pdf, async ({ params, response }) => {
      response.setHeader('content-disposition', `attachment; filename="${params.kind}.pdf"`)
      const bytes = await reports.pdf(await reports.one(params.kind))
      response.type('application/pdf').send(Buffer.from(bytes))
      return undefined
    }),
    answering(reportRoutes.one, async ({ params }) => reports.one(params.kind)),

    answering(reportRoutes.schedules, async () => ({ items: (await schedules.all()).map(shown) })),
    answering(reportRoutes.addSchedule, async ({ body, caller }) => {
      // The first comes at its next hour, not at once.
      const kept = await schedules.write({ id: schedules.newId(), ...body, lastSentAtMs: clock.now() })
      await note(caller.actor, 'report-schedule-added', kept.id)
      return shown(kept)
    }),
    answering(reportRoutes.changeSchedule, async ({ params, body, caller }) => {
      const before = await schedules.one(params.id)
      const kept = await schedules.write({ ...before, ...defined(body) })
      await note(caller.actor, 'report-schedule-changed', kept.id)
      return shown(kept)
    }),
    answering(reportRoutes.removeSchedule, async ({ params, caller }) => {
      await schedules.remove(params.id)
      await note(caller.actor, 'report-schedule-removed', params.id)
      return undefined
    }),
  ]
}
