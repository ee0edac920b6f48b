/** `backstay alerts`: what is wrong, who takes care of it; rules and channels. */
import { readGiven, readNamedFile } from '@backstay/agent/commands/named-file'
import { tableText, timeText } from '@backstay/agent/commands/text'
import { Failure } from '@backstay/proto/failure'
import { type AlertItem, type AlertRule, type ChannelItem, channelKinds } from '@backstay/proto/rest/alerts'
import { readDigest } from '@backstay/proto/trust/digest'
import { Command, Option } from 'commander'
import { collect } from '../backup-set.ts'
import { type CollectorRest, openCollectorRest } from '../collector-rest.ts'
import { genuineKeys } from '../genuine-keys.ts'
import { type CommonOptions, wholeNumber, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { ruleCommands } from './alert-rules.ts'

interface ListOptions extends CommonOptions {
  readonly all?: boolean
}

interface MuteOptions extends CommonOptions {
  readonly hours: string
}

interface ChannelOptions extends CommonOptions {
  readonly kind: ChannelItem['kind']
  readonly to?: readonly string[]
  readonly urlFile?: string
  readonly keyFile?: string
  readonly allowPrivate?: boolean
}

interface ChannelChangeOptions extends CommonOptions {
  readonly name?: string
  readonly to?: readonly string[]
  readonly urlFile?: string
  readonly keyFile?: string
  readonly on?: boolean
  readonly off?: boolean
}

interface Items<T> {
  readonly items: readonly T[]
}

const shownMax = 500
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const hoursMax = 90 * 24
/** Ids are shown and taken by their beginning. */
const shownDigits = 8

export function alertsCommand(around: Surroundings): Command {
  const command = new Command('alerts')
    .alias('alert')
    .description('what is wrong with the fleet, and whom it is told')
  const list = new Command('list')
    .description('alerts that last, the newest first')
    .option('--all', 'those that are over as well')
  const acknowledge = new Command('acknowledge')
    .description('take care of one: it is not told again until it ended')
    .argument('<alert>', 'the beginning of its id')
  const mute = new Command('mute')
    .description('be not told of one for a while')
    .argument('<alert>', 'the beginning of its id')
    .option('--hours <number>', `how long, at most ${hoursMax}; 0 ends it`, '24')
  const rules = new Command('rules').description('when an alert is raised')
  const channels = new Command('channels').description('where alerts go, and whether they arrived')
  const test = new Command('test')
    .description('send a word through a channel now')
    .argument('<channel>', 'its name or id')
  withCommonOptions(list).action((options: ListOptions) => within(around, options, listAlerts))
  withCommonOptions(acknowledge).action((id: string, options: CommonOptions) =>
    within(around, options, async session => {
      const alert = await findAlert(session, id)
      const now = await session.send<AlertItem>('POST', `/alerts/${alert.id}/acknowledge`, {})
      return [now, `you take care of: ${now.what}`]
    }),
  )
  withCommonOptions(mute).action((id: string, options: MuteOptions) =>
    within(around, options, async session => {
      const hours = wholeNumber('the hours', options.hours, 0, hoursMax)
      const alert = await findAlert(session, id)
      const untilMs = around.clock.now() + hours * hourMs
      const now = await session.send<AlertItem>('POST', `/alerts/${alert.id}/mute`, { untilMs })
      const until =
        now.mutedUntilMs === undefined
          ? 'told again from now on'
          : `muted until ${timeText(now.mutedUntilMs)}`
      return [now, `${until}: ${now.what}`]
    }),
  )
  withCommonOptions(rules).action((options: CommonOptions) => within(around, options, listRules))
  withCommonOptions(channels).action((options: CommonOptions) => within(around, options, listChannels))
  withCommonOptions(test).action((name: string, options: CommonOptions) =>
    within(around, options, session => testChannel(session, name)),
  )
  const add = new Command('add-channel')
    .description('tell alerts somewhere: by mail (--to), or to an address (--url-file)')
    .argument('<name>', 'what it is called')
    .addOption(new Option('--kind <kind>', 'how').choices([...channelKinds]).makeOptionMandatory())
    .option('--to <address>', 'of mail; may be given several times', collect)
    .option('--url-file <file>', 'its first line is the address: secret, as whoever knows it can write there')
    .option('--key-file <file>', 'its first line: of a webhook the key that signs, of ntfy an access token')
    .option('--allow-private', 'the address may lie in a private network; only an owner may say so')
  withCommonOptions(add).action((name: string, options: ChannelOptions) =>
    within(around, options, session => addChannel(session, name, options)),
  )
  const change = new Command('change-channel')
    .description('what is left out stays, secrets too')
    .argument('<channel>', 'its name or id')
    .option('--name <text>', 'another name')
    .option('--to <address>', 'of mail, instead of those before; may be given several times', collect)
    .option('--url-file <file>', 'its first line is another address; a key stays with its address')
    .option('--key-file <file>', 'its first line is another key')
    .option('--on', 'tell alerts there')
    .option('--off', 'tell none there, and keep it')
  withCommonOptions(change).action((name: string, options: ChannelChangeOptions) =>
    within(around, options, session => changeChannel(session, name, options)),
  )
  const remove = new Command('remove-channel')
    .description('tell nothing there any more; what waits is dropped')
    .argument('<channel>', 'its name or id')
  withCommonOptions(remove).action((name: string, options: CommonOptions) =>
    within(around, options, async session => {
      const channel = await findChannel(session, name)
      await session.send('DELETE', `/channels/${channel.id}`)
      return [{ removed: channel.id }, `removed: ${channel.name}`]
    }),
  )
  const verify = new Command('verify')
    .description('say whether a collector of this fleet wrote a digest that came by mail')
    .argument('<file>', 'the text of the mail; - for standard input')
  withCommonOptions(verify).action((file: string, options: CommonOptions) =>
    verifyDigest(around, file, options),
  )
  const rulings = ruleCommands(around)
  for (const one of [list, acknowledge, mute, rules, ...rulings, channels, add, change, remove, test, verify])
    command.addCommand(one, { isDefault: one === list })
  return command
}

/** Prints the first as JSON, or the second for people. */
export async function within<O extends CommonOptions>(
  around: Surroundings,
  options: O,
  work: (session: CollectorRest, options: O) => Promise<readonly [json: unknown, text: string]>,
): Promise<void> {
  await using session = await openCollectorRest(around, options)
  const [json, text] = await work(session, options)
  around.terminal.print(options.json ? JSON.stringify(json) : text)
}

/** Asks nobody: the collectors' keys are in the Trust that this folder knows. */
async function verifyDigest(around: Surroundings, file: string, options: CommonOptions): Promise<void> {
  const text = await readGiven(file)
  const { primitives: p, terminal } = around
  const { keys } = await genuineKeys(around, options)
  const lines = await readDigest(p, text, keys)
  if (lines === undefined) {
    throw new Failure(
      'not_genuine',
      'no collector of this fleet wrote this digest, or it was changed since',
      {
        hint: 'look at the fleet yourself: backstay devices',
      },
    )
  }
  terminal.print(options.json ? JSON.stringify({ lines }) : lines.join('\n'))
  terminal.say('genuine: signed by a collector of this fleet')
}

async function listAlerts(session: CollectorRest, { all }: ListOptions): Promise<[unknown, string]> {
  const { items } = await session.get<Items<AlertItem>>('/alerts', { limit: shownMax })
  const shown = items.filter(({ state }) => all === true || state !== 'recovered')
  if (shown.length === 0) return [shown, 'nothing is wrong that a rule knows of']
  const rows = shown.map(({ id, severity, state, sinceMs, what, remedy }) => [
    ...[
      id.slice(0, shownDigits),
      severity,
      state,
      timeText(sinceMs),
      what,
      state === 'recovered' ? '' : remedy,
    ],
  ])
  return [shown, tableText(['alert', 'severity', 'state', 'since', 'what', 'what to do'], rows)]
}

async function findAlert(session: CollectorRest, id: string): Promise<AlertItem> {
  const { items } = await session.get<Items<AlertItem>>('/alerts', { limit: shownMax })
  const [found, another] = items.filter(one => one.id.startsWith(id.toLowerCase()))
  if (found !== undefined && another === undefined) return found
  const message = found === undefined ? `there is no alert "${id}"` : `several alerts begin with "${id}"`
  throw new Failure('unknown_alert', message, { hint: 'see them with: backstay alerts' })
}

async function listRules(session: CollectorRest): Promise<[unknown, string]> {
  const { items } = await session.get<Items<AlertRule>>('/alert-rules')
  const rows = items.map(({ id, name, enabled, severity, threshold, forMs, settleMs, channels }) => [
    ...[
      id.slice(0, shownDigits),
      enabled ? 'on' : 'off',
      name,
      severity,
      threshold === undefined ? '-' : String(threshold),
    ],
    ...[`${forMs / hourMs} h`, `${settleMs / minuteMs} min`],
    channels.length === 0 ? 'all channels' : `${channels.length} channel(s)`,
  ])
  return [
    items,
    tableText(['rule', '', 'name', 'severity', 'threshold', 'after', 'over after', 'told'], rows),
  ]
}

async function listChannels(session: CollectorRest): Promise<[unknown, string]> {
  const { items } = await session.get<Items<ChannelItem>>('/channels')
  if (items.length === 0) return [items, 'no channel yet: alerts are seen in the console alone']
  const rows = items.map(({ name, kind, enabled, to, host, delivery }) => {
    const { waiting, lastDeliveredAtMs, lastFailure } = delivery
    const last = lastDeliveredAtMs === undefined ? '-' : timeText(lastDeliveredAtMs)
    return [
      name,
      kind,
      enabled ? 'on' : 'off',
      to?.join(' ') ?? host ?? '-',
      String(waiting),
      last,
      lastFailure?.what ?? '',
    ]
  })
  return [items, tableText(['channel', 'kind', '', 'to', 'waiting', 'delivered', 'trouble'], rows)]
}

async function addChannel(
  session: CollectorRest,
  name: string,
  { kind, to, urlFile, keyFile, allowPrivate }: ChannelOptions,
): Promise<[unknown, string]> {
  const channel = await session.send<ChannelItem>('POST', '/channels', {
    ...{ kind, name, enabled: true, allowPrivate: allowPrivate === true },
    ...(to !== undefined && { to }),
    ...(urlFile !== undefined && { url: await firstLine(urlFile) }),
    ...(keyFile !== undefined && { secret: await firstLine(keyFile) }),
  })
  return [channel, `alerts go to "${name}" from now on; try it: backstay alerts test ${name}`]
}

async function changeChannel(
  session: CollectorRest,
  called: string,
  { name, to, urlFile, keyFile, on, off }: ChannelChangeOptions,
): Promise<[unknown, string]> {
  const { id } = await findChannel(session, called)
  const now = await session.send<ChannelItem>('PATCH', `/channels/${id}`, {
    ...(name !== undefined && { name }),
    ...(to !== undefined && { to }),
    ...(urlFile !== undefined && { url: await firstLine(urlFile) }),
    ...(keyFile !== undefined && { secret: await firstLine(keyFile) }),
    ...(on && { enabled: true }),
    ...(off && { enabled: false }),
  })
  return [now, `changed: ${now.name}, ${now.enabled ? 'on' : 'off'}`]
}

/** Secrets come in files: a command line is seen by everybody on the machine. */
export async function firstLine(file: string): Promise<string> {
  return (await readNamedFile(file, 'file')).split(/\r?\n/)[0]?.trim() ?? ''
}

export async function findChannel(session: CollectorRest, name: string): Promise<ChannelItem> {
  const { items } = await session.get<Items<ChannelItem>>('/channels')
  const channel = items.find(one => one.name === name || one.id === name)
  if (channel !== undefined) return channel
  throw new Failure('unknown_channel', `there is no channel "${name}"`, {
    hint: 'see: backstay alerts channels',
  })
}

async function testChannel(session: CollectorRest, name: string): Promise<[unknown, string]> {
  const channel = await findChannel(session, name)
  const path = `/channels/${channel.id}/test`
  const result = await session.send<{ delivered: boolean; what?: string }>('POST', path, {})
  return [
    result,
    result.delivered ? `"${channel.name}" took it` : `"${channel.name}" did not take it: ${result.what}`,
  ]
}
