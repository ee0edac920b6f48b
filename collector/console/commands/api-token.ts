/** `backstay api-token`: tokens with which programs ask the collector's REST API. Devices enrol with `backstay token`. */
import { tableText } from '@backstay/agent/commands/text'
import { Failure } from '@backstay/proto/failure'
import { type ApiToken, tokenDaysMax } from '@backstay/proto/rest/people'
import { Command } from 'commander'
import { collect } from '../backup-set.ts'
import { openCollectorRest } from '../collector-rest.ts'
import { groupIds } from '../named-groups.ts'
import { type CommonOptions, type KitOption, wholeNumber } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { rolesOf, withKit } from './people.ts'

interface TokenOptions extends CommonOptions, KitOption {
  readonly role?: readonly string[]
  readonly group?: readonly string[]
  readonly days: string
}

export function apiTokenCommand(around: Surroundings): Command {
  const command = new Command('api-token').description('let programs ask the REST API of the collector')
  withKit(command.command('list', { isDefault: true }).description('tokens that are good now')).action(
    (options: TokenOptions) => list(around, options),
  )
  withKit(command.command('add').argument('<name>', 'which program it is for'))
    .description('print a token once; the collector keeps its hash')
    .option('--role <role>', 'what it may; may be given several times (default: viewer)', collect)
    .option('--group <name>', 'it sees this group of devices alone; may be given several times', collect)
    .option('--days <count>', 'how long it is good for', '90')
    .action((name: string, options: TokenOptions) => add(around, name, options))
  withKit(command.command('remove').argument('<id>', 'as list shows it'))
    .description('end a token at once')
    .action((id: string, options: TokenOptions) => remove(around, id, options))
  return command
}

async function list(around: Surroundings, options: TokenOptions): Promise<void> {
  await using rest = await openCollectorRest(around, options)
  const { items } = await rest.get<{ readonly items: readonly ApiToken[] }>('/tokens')
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify(items))
  if (items.length === 0)
    return terminal.print('no program has a token; make one with: backstay api-token add')
  const day = (atMs: number) => new Date(atMs).toISOString().slice(0, 10)
  const rows = items.map(one => [
    ...[one.id, one.name, one.roles.join(' '), one.groups?.join(' ') ?? 'all', day(one.expiresAtMs)],
    one.lastUsedAtMs === undefined ? 'never' : day(one.lastUsedAtMs),
  ])
  terminal.print(tableText(['id', 'name', 'roles', 'groups', 'good until', 'used'], rows))
}

async function add(around: Surroundings, name: string, options: TokenOptions): Promise<void> {
  const roles = rolesOf(options.role) ?? ['viewer']
  const days = wholeNumber('--days', options.days, 1, tokenDaysMax)
  if (roles.includes('owner')) throw new Failure('bad_role', 'no program may be an owner')
  await using rest = await openCollectorRest(around, options)
  const body = { name, roles, days, ...(options.group && { groups: await groupIds(rest, options.group) }) }
  const made = await rest.send<{ readonly token: string; readonly item: ApiToken }>('POST', '/tokens', body)
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify(made))
  terminal.say(
    `good for ${roles.join(', ')} until ${new Date(made.item.expiresAtMs).toISOString()}; shown once:`,
  )
  terminal.print(made.token)
}

async function remove(around: Surroundings, id: string, options: TokenOptions): Promise<void> {
  await using rest = await openCollectorRest(around, options)
  const { items } = await rest.get<{ readonly items: readonly ApiToken[] }>('/tokens')
  if (items.every(one => one.id !== id)) {
    throw new Failure('unknown_token', `there is no token "${id}"`, {
      hint: 'see them with: backstay api-token',
    })
  }
  await rest.send('DELETE', `/tokens/${id}`)
  around.terminal.print(
    options.json ? JSON.stringify({ removed: id }) : 'the token is good for nothing any more',
  )
}
