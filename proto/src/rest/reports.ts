/** Reports: lists for people who do not open the console, as tables, CSV and pages to print. */
import { z } from 'zod'
import { mailAddress } from './alerts.ts'
import { everyRole, route } from './route.ts'
import { atMs, count, itemsOf, label, shortId } from './shapes.ts'

export const reportKinds = ['never-backed-up', 'stale', 'failing', 'storage', 'coverage'] as const
export const reportKind = z.enum(reportKinds)
export type ReportKind = z.infer<typeof reportKind>

/** Cells are ready to be read; their order is that of the columns. */
export const report = z.object({
  kind: reportKind,
  title: z.string(),
  asOfMs: atMs,
  /** What it says in one sentence. */
  summary: z.string(),
  columns: z.array(z.object({ name: z.string(), align: z.enum(['left', 'right']) })),
  rows: z.array(z.array(z.string())),
})
export type Report = z.infer<typeof report>

export const scheduleBody = z.object({
  name: label,
  report: reportKind,
  format: z.enum(['csv', 'pdf']),
  /** The day of a week is Monday, of a month the first; by the clock of the collector's machine. */
  every: z.enum(['day', 'week', 'month']),
  hour: z.int().min(0).max(23),
  to: z.array(mailAddress).min(1).max(50),
  enabled: z.boolean(),
})
export type ScheduleBody = z.infer<typeof scheduleBody>
export const reportSchedule = scheduleBody.extend({
  id: shortId,
  nextAtMs: atMs.optional(),
  lastSentAtMs: atMs.optional(),
})
export type ReportSchedule = z.infer<typeof reportSchedule>

const tag = 'reports'
const read = { tag, access: everyRole, scope: 'fleet' } as const
const change = { tag, access: ['policy', 'owner'] as const, scope: 'fleet' } as const
const byKind = z.object({ kind: reportKind })
const byId = z.object({ id: shortId })

export const reportRoutes = {
  list: route('GET', '/reports', {
    ...read,
    summary: 'which there are, and how many rows each has now',
    answer: itemsOf(z.object({ kind: reportKind, title: z.string(), summary: z.string(), rows: count })),
  }),
  csv: route('GET', '/reports/{kind}.csv', {
    ...read,
    kind: 'csv',
    summary: 'the same as CSV',
    params: byKind,
  }),
  pdf: route('GET', '/reports/{kind}.pdf', {
    ...read,
    kind: 'pdf',
    summary: 'the same to print',
    params: byKind,
  }),
  /** Behind the two above: its path would match theirs. */
  one: route('GET', '/reports/{kind}', { ...read, summary: 'one of them', params: byKind, answer: report }),
  schedules: route('GET', '/report-schedules', {
    ...change,
    summary: 'which go out by mail, and when',
    answer: itemsOf(reportSchedule),
  }),
  addSchedule: route('POST', '/report-schedules', {
    ...{ ...change, status: 201, body: scheduleBody, answer: reportSchedule },
    summary: 'one more',
  }),
  changeSchedule: route('PATCH', '/report-schedules/{id}', {
    ...{ ...change, params: byId, body: scheduleBody.partial(), answer: reportSchedule },
    summary: 'what is left out stays',
  }),
  removeSchedule: route('DELETE', '/report-schedules/{id}', {
    ...{ ...change, kind: 'none', params: byId },
    summary: 'it is sent no more',
  }),
} as const
