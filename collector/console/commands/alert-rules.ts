/** `backstay alerts add-rule`, `change-rule`, `remove-rule`: when an alert is raised. */
import { Failure } from '@backstay/proto/failure'
import { type AlertRule, alertKinds, type ChannelItem, severity } from '@backstay/proto/rest/alerts'
import { Command, Option } from 'commander'
import { collect } from '../backup-set.ts'
import type { CollectorRest } from '../collector-rest.ts'
import { groupIds } from '../named-groups.ts'
import { type CommonOptions, wholeNumber, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { findChannel, within } from './alerts.ts'

interface RuleOptions extends CommonOptions {
  readonly kind?: string
  readonly name?: string
  readonly severity?: string
  readonly threshold?: string
  readonly forHours?: string
  readonly repeatHours?: string
  readonly channel?: readonly string[]
  readonly group?: readonly string[]
  readonly everyChannel?: boolean
  readonly quietEnd?: boolean
  readonly on?: boolean
  readonly off?: boolean
}

const hourMs = 3_600_000
const hoursMax = 400 * 24
const thresholdMax = 1_000_000_000

export function ruleCommands(around: Surroundings): Command[] {
  const add = withWords(new Command('add-rule').argument('<name>', 'what it is called'))
    .description('one more rule')
    .addOption(new Option('--kind <kind>', 'about what').choices([...alertKinds]).makeOptionMandatory())
    .action((name: string, options: RuleOptions) =>
      within(around, options, async rest => {
        const usual = {
          enabled: true,
          severity: 'warning',
          forMs: 0,
          repeatMs: 0,
          tellRecovery: true,
          channels: [],
        }
        const body = { ...usual, kind: options.kind, name, ...(await changesOf(rest, options)) }
        const rule = await rest.send<AlertRule>('POST', '/alert-rules', body)
        return [rule, `"${rule.name}" is on; rule ${rule.id.slice(0, 8)}`]
      }),
    )
  const change = withWords(
    new Command('change-rule').argument('<rule>', 'its name, or the beginning of its id'),
  )
    .description('what is left out stays')
    .option('--name <text>', 'another name')
    .action((name: string, options: RuleOptions) =>
      within(around, options, async rest => {
        const { id } = await findRule(rest, name)
        const named = options.name !== undefined && { name: options.name }
        const body = { ...named, ...(await changesOf(rest, options)) }
        const rule = await rest.send<AlertRule>('PATCH', `/alert-rules/${id}`, body)
        return [rule, `changed: ${rule.name}, ${rule.enabled ? 'on' : 'off'}`]
      }),
    )
  const remove = withCommonOptions(
    new Command('remove-rule').argument('<rule>', 'its name, or the beginning of its id'),
  )
    .description('its alerts end with it')
    .action((name: string, options: CommonOptions) =>
      within(around, options, async rest => {
        const rule = await findRule(rest, name)
        await rest.send('DELETE', `/alert-rules/${rule.id}`)
        return [{ removed: rule.id }, `removed: ${rule.name}`]
      }),
    )
  return [add, change, remove]
}

function withWords(command: Command): Command {
  return withCommonOptions(command)
    .addOption(new Option('--severity <word>', 'how grave').choices([...severity.options]))
    .option('--threshold <number>', 'silent: days; unread: files; coverage_drop, storage_low: percent')
    .option('--for-hours <number>', 'it must have been so for this long')
    .option('--repeat-hours <number>', 'told again so often while it lasts; 0: once')
    .option('--channel <name>', 'told through this channel alone; may be given several times', collect)
    .option('--every-channel', 'told through all of them')
    .option('--group <name>', 'about devices of this group alone; may be given several times', collect)
    .option('--quiet-end', 'do not tell when it is over')
    .option('--on', 'raise alerts')
    .option('--off', 'raise none, and keep the rule')
}

async function changesOf(rest: CollectorRest, options: RuleOptions): Promise<object> {
  const { threshold, forHours, repeatHours, channel, group } = options
  const hours = (what: string, text: string) => wholeNumber(what, text, 0, hoursMax) * hourMs
  const channels: ChannelItem[] = []
  for (const name of channel ?? []) channels.push(await findChannel(rest, name))
  return {
    ...(options.severity !== undefined && { severity: options.severity }),
    ...(threshold !== undefined && { threshold: wholeNumber('--threshold', threshold, 0, thresholdMax) }),
    ...(forHours !== undefined && { forMs: hours('--for-hours', forHours) }),
    ...(repeatHours !== undefined && { repeatMs: hours('--repeat-hours', repeatHours) }),
    ...(group !== undefined && { groups: await groupIds(rest, group) }),
    ...(channels.length > 0 && { channels: channels.map(({ id }) => id) }),
    ...(options.everyChannel && { channels: [] }),
    ...(options.quietEnd && { tellRecovery: false }),
    ...(options.on && { enabled: true }),
    ...(options.off && { enabled: false }),
  }
}

async function findRule(rest: CollectorRest, name: string): Promise<AlertRule> {
  const { items } = await rest.get<{ readonly items: readonly AlertRule[] }>('/alert-rules')
  const [found, another] = items.filter(one => one.name === name || one.id.startsWith(name.toLowerCase()))
  if (found !== undefined && another === undefined) return found
  const message = found === undefined ? `there is no rule "${name}"` : `several rules are "${name}"`
  throw new Failure('unknown_rule', message, { hint: 'see them with: backstay alerts rules' })
}
