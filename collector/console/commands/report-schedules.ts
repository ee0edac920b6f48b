/** `backstay reports schedules`, `add-schedule`, `change-schedule`, `remove-schedule`: reports that go out by mail. */
import { tableText, timeText } from '@backstay/agent/commands/text'
import { Failure } from '@backstay/proto/failure'
import { type ReportSchedule, reportKinds, scheduleBody } from '@backstay/proto/rest/reports'
import { Command, Option } from 'commander'
import { collect } from '../backup-set.ts'
import type { CollectorRest } from '../collector-rest.ts'
import { type CommonOptions, wholeNumber, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { within } from './alerts.ts'

interface ScheduleOptions extends CommonOptions {
  readonly report?: string
  readonly name?: string
  readonly format?: string
  readonly every?: string
  readonly hour?: string
  readonly to?: readonly string[]
  readonly on?: boolean
  readonly off?: boolean
}

const { every, format } = scheduleBody.shape

export function scheduleCommands(around: Surroundings): Command[] {
  const list = withCommonOptions(new Command('schedules'))
    .description('which reports go out by mail, and when')
    .action((options: CommonOptions) => within(around, options, listSchedules))
  const add = withWords(new Command('add-schedule').argument('<name>', 'what it is called'))
    .description('mail a report from now on')
    .action((name: string, options: ScheduleOptions) =>
      within(around, options, async rest => {
        if (options.report === undefined || options.to === undefined)
          throw new Failure('bad_choice', 'say which report goes to whom: --report and --to')
        const body = { format: 'pdf', every: 'week', hour: 7, enabled: true, name, ...changesOf(options) }
        const made = await rest.send<ReportSchedule>('POST', '/report-schedules', body)
        return [made, `"${made.name}" goes out first on ${timeText(made.nextAtMs ?? 0)}`]
      }),
    )
  const change = withWords(new Command('change-schedule').argument('<schedule>', 'its name or id'))
    .description('what is left out stays')
    .option('--name <text>', 'another name')
    .option('--on', 'send it')
    .option('--off', 'send it no more, and keep it')
    .action((name: string, options: ScheduleOptions) =>
      within(around, options, async rest => {
        const { id } = await findSchedule(rest, name)
        const now = await rest.send<ReportSchedule>('PATCH', `/report-schedules/${id}`, changesOf(options))
        return [now, `changed: ${now.name}, ${now.enabled ? 'on' : 'off'}`]
      }),
    )
  const remove = withCommonOptions(new Command('remove-schedule').argument('<schedule>', 'its name or id'))
    .description('it is sent no more')
    .action((name: string, options: CommonOptions) =>
      within(around, options, async rest => {
        const { id, name: called } = await findSchedule(rest, name)
        await rest.send('DELETE', `/report-schedules/${id}`)
        return [{ removed: id }, `removed: ${called}`]
      }),
    )
  return [list, add, change, remove]
}

function withWords(command: Command): Command {
  return withCommonOptions(command)
    .addOption(new Option('--report <kind>', 'which').choices([...reportKinds]))
    .addOption(new Option('--format <format>', 'as what (a new one: pdf)').choices([...format.options]))
    .addOption(new Option('--every <span>', 'how often (a new one: week)').choices([...every.options]))
    .option('--hour <number>', "by the collector's clock (a new one: 7)")
    .option('--to <address>', 'of mail; may be given several times', collect)
}

function changesOf({ report, name, format, every, hour, to, on, off }: ScheduleOptions): object {
  return {
    ...(report !== undefined && { report }),
    ...(name !== undefined && { name }),
    ...(format !== undefined && { format }),
    ...(every !== undefined && { every }),
    ...(hour !== undefined && { hour: wholeNumber('--hour', hour, 0, 23) }),
    ...(to !== undefined && { to }),
    ...(on && { enabled: true }),
    ...(off && { enabled: false }),
  }
}

async function listSchedules(rest: CollectorRest): Promise<[unknown, string]> {
  const items = await schedulesOf(rest)
  if (items.length === 0) return [items, 'no report goes out by mail; add one: backstay reports add-schedule']
  const rows = items.map(({ name, report, format, every, hour, to, enabled, nextAtMs }) => [
    ...[name, report, format, `every ${every} at ${hour}`, to.join(' ')],
    enabled ? timeText(nextAtMs ?? 0) : 'off',
  ])
  return [items, tableText(['schedule', 'report', 'format', 'when', 'to', 'next'], rows)]
}

async function schedulesOf(rest: CollectorRest): Promise<readonly ReportSchedule[]> {
  return (await rest.get<{ readonly items: readonly ReportSchedule[] }>('/report-schedules')).items
}

async function findSchedule(rest: CollectorRest, name: string): Promise<ReportSchedule> {
  const [found, another] = (await schedulesOf(rest)).filter(one => one.name === name || one.id === name)
  if (found !== undefined && another === undefined) return found
  const message = found === undefined ? `there is no schedule "${name}"` : `several are called "${name}"`
  throw new Failure('unknown_schedule', message, { hint: 'see them with: backstay reports schedules' })
}
