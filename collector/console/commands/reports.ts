/** `backstay reports`: who is not protected, as tables, CSV or PDF. */
import { writeFile } from 'node:fs/promises'
import { tableText } from '@backstay/agent/commands/text'
import { Failure } from '@backstay/proto/failure'
import { type Report, reportKinds } from '@backstay/proto/rest/reports'
import { Command, Option } from 'commander'
import type { CollectorRest } from '../collector-rest.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { within } from './alerts.ts'
import { scheduleCommands } from './report-schedules.ts'

interface ReportOptions extends CommonOptions {
  readonly format: 'table' | 'csv' | 'pdf'
  readonly out?: string
}

export function reportsCommand(around: Surroundings): Command {
  const command = new Command('reports')
    .alias('report')
    .description('who was never backed up, is stale or failing; storage and coverage')
  const show = withCommonOptions(new Command('show'))
    .description('one of them, or all in a line each')
    .argument('[report]', `one of ${reportKinds.join(', ')}`)
    .addOption(new Option('--format <format>', 'how').choices(['table', 'csv', 'pdf']).default('table'))
    .option('--out <file>', 'into a file; a PDF needs one')
    .action((kind: string | undefined, options: ReportOptions) =>
      within(around, options, session => (kind === undefined ? list(session) : one(session, kind, options))),
    )
  command.addCommand(show, { isDefault: true })
  for (const one of scheduleCommands(around)) command.addCommand(one)
  return command
}

async function list(session: CollectorRest): Promise<[unknown, string]> {
  const { items } = await session.get<{ items: readonly { kind: string; summary: string; rows: number }[] }>(
    '/reports',
  )
  const rows = items.map(({ kind, rows, summary }) => [kind, String(rows), summary])
  return [items, tableText(['report', 'rows', ''], rows)]
}

async function one(
  session: CollectorRest,
  kind: string,
  { format, out }: ReportOptions,
): Promise<[unknown, string]> {
  if (!(reportKinds as readonly string[]).includes(kind)) {
    throw new Failure('unknown_report', `there is no report "${kind}"`, {
      hint: `there are: ${reportKinds.join(', ')}`,
    })
  }
  if (format !== 'table') {
    const bytes = await session.file(`/reports/${kind}.${format}`)
    if (out === undefined) {
      if (format === 'csv')
        return [{ csv: new TextDecoder().decode(bytes) }, new TextDecoder().decode(bytes).trimEnd()]
      throw new Failure('no_file', 'a PDF is no text', { hint: `say where it goes: --out ${kind}.pdf` })
    }
    await writeFile(out, bytes)
    return [{ file: out, bytes: bytes.length }, `written: ${out}`]
  }
  const report = await session.get<Report>(`/reports/${kind}`)
  const head = report.columns.map(({ name }) => name.toLowerCase())
  const table = report.rows.length === 0 ? '' : `\n\n${tableText(head, report.rows)}`
  return [report, `${report.summary}${table}`]
}
