/** `backstay people`: who may sign in to the collector's page, and what he may there. The owner's key of the kit decides. */
import { agoText, tableText } from '@backstay/agent/commands/text'
import { Failure } from '@backstay/proto/failure'
import type { Person } from '@backstay/proto/rest/people'
import { type PersonRole, personRoles } from '@backstay/proto/rest/shapes'
import { Command } from 'commander'
import { collect } from '../backup-set.ts'
import { type CollectorRest, openCollectorRest } from '../collector-rest.ts'
import { groupIds } from '../named-groups.ts'
import { type CommonOptions, type KitOption, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'

interface PeopleOptions extends CommonOptions, KitOption {
  readonly name?: string
  readonly role?: readonly string[]
  readonly group?: readonly string[]
  readonly allGroups?: boolean
  readonly disable?: boolean
  readonly enable?: boolean
  readonly newPassword?: boolean
  readonly withoutSecondFactors?: boolean
}

export function peopleCommand(around: Surroundings): Command {
  const command = new Command('people').description('say who may sign in to the page of the collector')
  withKit(command.command('list', { isDefault: true }).description('who may sign in')).action(
    (options: PeopleOptions) => list(around, options),
  )
  withRights(withKit(command.command('add').argument('<account>', 'an address of mail, or a word')))
    .description('let somebody sign in; his first password is printed once')
    .action((account: string, options: PeopleOptions) => add(around, account, options))
  withRights(withKit(command.command('change').argument('<account>')))
    .description('other roles, groups or name; all sessions of the person end')
    .option('--all-groups', 'he sees the whole fleet')
    .option('--disable', 'he may not sign in')
    .option('--enable', 'he may again')
    .option('--new-password', 'print a new first password')
    .option('--without-second-factors', 'forget his six digits and passkeys')
    .action((account: string, options: PeopleOptions) => change(around, account, options))
  withKit(command.command('remove').argument('<account>'))
    .description('nobody signs in as this person any more')
    .action((account: string, options: PeopleOptions) => remove(around, account, options))
  return command
}

export function withKit(command: Command): Command {
  return withCommonOptions(command).option(
    '--kit <file>',
    'the saved kit page, or a text file with its lines: its owner key decides about people',
  )
}

function withRights(command: Command): Command {
  return command
    .option('--name <text>', 'what he is called')
    .option('--role <role>', `${personRoles.join(', ')}; may be given several times`, collect)
    .option('--group <name>', 'he sees this group of devices alone; may be given several times', collect)
}

async function list(around: Surroundings, options: PeopleOptions): Promise<void> {
  await using rest = await openCollectorRest(around, options)
  const { items } = await rest.get<{ readonly items: readonly Person[] }>('/people')
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify(items))
  if (items.length === 0) {
    return terminal.print(
      'nobody yet; open the page with the code that the collector printed when it started',
    )
  }
  const nowMs = around.clock.now()
  const rows = items.map(one => [
    ...[one.account, one.name, one.roles.join(' '), one.groups?.join(' ') ?? 'all', factorsText(one)],
    one.disabled
      ? 'disabled'
      : one.lastSignInAtMs === undefined
        ? 'never'
        : agoText(one.lastSignInAtMs, nowMs),
  ])
  terminal.print(tableText(['account', 'name', 'roles', 'groups', 'proves himself by', 'signed in'], rows))
}

async function add(around: Surroundings, account: string, options: PeopleOptions): Promise<void> {
  const roles = rolesOf(options.role)
  if (roles === undefined) throw new Failure('bad_role', 'say what he may: --role ROLE')
  if (!/^\S+$/.test(account)) {
    throw new Failure('bad_account', `"${account}" is no account`, {
      hint: 'take an address of mail, or one word: backstay people add ada@example.org --role viewer',
    })
  }
  await using rest = await openCollectorRest(around, options)
  const body = {
    account,
    name: options.name ?? account,
    roles,
    ...(options.group && { groups: await groupIds(rest, options.group) }),
  }
  tell(around, options, await rest.send<Told>('POST', '/people', body))
}

async function change(around: Surroundings, account: string, options: PeopleOptions): Promise<void> {
  const roles = rolesOf(options.role)
  await using rest = await openCollectorRest(around, options)
  const { id } = await find(rest, account)
  const body = {
    ...(options.name !== undefined && { name: options.name }),
    ...(roles && { roles }),
    ...(options.group && { groups: await groupIds(rest, options.group) }),
    ...(options.allGroups && { groups: null }),
    ...(options.disable && { disabled: true }),
    ...(options.enable && { disabled: false }),
    ...(options.newPassword && { resetPassword: true }),
    ...(options.withoutSecondFactors && { resetSecondFactors: true }),
  }
  tell(around, options, await rest.send<Told>('PATCH', `/people/${id}`, body))
}

async function remove(around: Surroundings, account: string, options: PeopleOptions): Promise<void> {
  await using rest = await openCollectorRest(around, options)
  const { id } = await find(rest, account)
  await rest.send('DELETE', `/people/${id}`)
  around.terminal.print(options.json ? JSON.stringify({ removed: account }) : `${account} is removed`)
}

interface Told {
  readonly person: Person
  readonly firstPassword?: string
}

function tell({ terminal }: Surroundings, { json }: PeopleOptions, told: Told): void {
  if (json) {
    terminal.print(JSON.stringify(told))
    return
  }
  const { account, roles, disabled, groups } = told.person
  const where = groups === undefined ? 'the whole fleet' : `${groups.length} group(s)`
  terminal.print(`${account}: ${roles.join(', ')}, sees ${where}${disabled ? ', disabled' : ''}`)
  if (told.firstPassword === undefined) return
  terminal.say('his first password, shown once; he changes it on the page:')
  terminal.print(told.firstPassword)
}

async function find(rest: CollectorRest, account: string): Promise<Person> {
  const { items } = await rest.get<{ readonly items: readonly Person[] }>('/people')
  const found = items.find(one => one.account === account.toLowerCase() || one.id === account)
  if (found !== undefined) return found
  throw new Failure('unknown_person', `nobody is called "${account}"`, { hint: 'see: backstay people' })
}

/** Throws `bad_role`. */
export function rolesOf(texts: readonly string[] | undefined): PersonRole[] | undefined {
  return texts?.map(text => {
    const role = personRoles.find(one => one === text)
    if (role !== undefined) return role
    throw new Failure('bad_role', `--role must be one of ${personRoles.join(', ')}, not "${text}"`)
  })
}

function factorsText({ password, totp, passkeys, oidc }: Person): string {
  const ways = [
    ...(password ? ['password'] : []),
    ...(totp ? ['six digits'] : []),
    ...(passkeys > 0 ? [`${passkeys} passkey(s)`] : []),
    ...(oidc ? ['organisation'] : []),
  ]
  return ways.join(', ')
}
