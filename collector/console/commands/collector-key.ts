/** `backstay collector-key`: the keys by which devices know the collector, and others in their place. */
import { readGiven } from '@backstay/agent/commands/named-file'
import { shownText, tableText, timeText } from '@backstay/agent/commands/text'
import { Failure, isFailure } from '@backstay/proto/failure'
import { writeInvitation } from '@backstay/proto/trust/invitation'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import { Command } from 'commander'
import { type AdminSession, openAdminSession } from '../admin.ts'
import type { KnownFleet } from '../admin-folder.ts'
import { type CollectorKeyStanding, collectorKeyStanding } from '../collector-key-standing.ts'
import { readOwnerFile } from '../kit-file.ts'
import { type CommonOptions, withCommonOptions, withOwnerPaper } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { sayChanged, signTrustChange } from '../trust/sign-trust-change.ts'

interface ChangeOptions extends CommonOptions {
  readonly kit: string
  readonly yes?: boolean
  readonly leaveBehind?: boolean
}

export function collectorKeyCommand(around: Surroundings): Command {
  const command = new Command('collector-key').description('the keys of the collector; others in their place')
  const show = new Command('show').description('which there are, and which devices know those that come')
  withCommonOptions(show).action((options: CommonOptions) => showKeys(around, options))
  const replace = withOwnerPaper(new Command('replace'))
    .description('announce other keys, which devices accept from now on beside those of today')
    .argument('<keys>', 'file with what `backstay-collector next-keys` printed; - for standard input')
    .action((file: string, options: ChangeOptions) => announce(around, file, options))
  const finish = withOwnerPaper(new Command('finish'))
    .description('have the collector use the keys that were announced, and those alone')
    .option('--leave-behind', 'although devices do not know them yet')
    .action((options: ChangeOptions) => switchKeys(around, options))
  const line = new Command('line').description('what a device or an admin needs that was left behind')
  withCommonOptions(line).action((options: CommonOptions) => printLine(around, options))
  command.addCommand(show, { isDefault: true })
  for (const one of [replace, finish, line]) command.addCommand(one)
  return command
}

async function showKeys(around: Surroundings, options: CommonOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const standing = await collectorKeyStanding(session.primitives, session.link, session.history)
  if (options.json) return around.terminal.print(JSON.stringify(standing))
  printStanding(around, standing)
}

async function announce(around: Surroundings, file: string, options: ChangeOptions): Promise<void> {
  const kit = await readOwnerFile(options.kit)
  const keys = await readGiven(file)
  await using session = await openAdminSession(around, options)
  const change = { kind: 'announce', keys } as const
  const changed = await signTrustChange(around, session, { ...options, change, kit })
  const { version, isProposed, history } = changed
  const standing = await collectorKeyStanding(session.primitives, session.link, history)
  if (options.json) return around.terminal.print(JSON.stringify({ version, isProposed, ...standing }))
  sayChanged(around, changed)
  printStanding(around, standing)
}

async function switchKeys(around: Surroundings, options: ChangeOptions): Promise<void> {
  const { terminal } = around
  const kit = await readOwnerFile(options.kit)
  await using session = await openAdminSession(around, options)
  const { waiting } = await collectorKeyStanding(session.primitives, session.link, session.history)
  if (waiting.length > 0 && !options.leaveBehind) {
    const names = waiting.slice(0, 5).map(({ name }) => `"${shownText(name)}"`)
    throw new Failure(
      'devices_behind',
      `${waiting.length} device(s) do not know the new keys yet, and could not come back by themselves: ${names.join(', ')}${waiting.length > 5 ? ' …' : ''}`,
      {
        hint: 'wait until they connect (backstay collector-key lists them), or retire them, or add --leave-behind',
      },
    )
  }
  const change = { kind: 'switch' } as const
  const changed = await signTrustChange(around, session, { ...options, change, kit })
  const { version, isProposed, known } = changed
  if (!options.json) sayChanged(around, changed)
  const isBack = isProposed ? undefined : await comesBack(around, session, known, changed.history)
  const line = writeInvitation(known)
  const leftBehind = waiting.map(({ name, device }) => ({ name, device }))
  if (options.json) return terminal.print(JSON.stringify({ version, isProposed, isBack, leftBehind, line }))
  if (isProposed) return
  terminal.say(
    isBack === true
      ? 'the collector runs with its new keys; copy its folder identity/ anew'
      : 'the collector has not come back with its new keys yet: look at its log, and start it if it does not run',
  )
  if (leftBehind.length === 0) return
  terminal.say(
    `${leftBehind.length} device(s) were left behind; on each, with the agent stopped: backstay-agent trust FILE, with`,
  )
  terminal.print(line)
}

const comesBackTries = 30

/** It says farewell to everybody and starts again with the new keys, which takes some seconds. */
async function comesBack(
  { connecting, signal, clock }: Surroundings,
  { admin }: AdminSession,
  { urls }: KnownFleet,
  history: readonly VerifiedTrust[],
): Promise<boolean> {
  const trust = history.at(-1)
  for (let tries = 0; trust !== undefined && tries < comesBackTries; tries++) {
    try {
      await using _link = await connecting.admin({ urls, trust, signingKey: admin.signingKey, signal })
      return true
    } catch (error) {
      if (!isFailure(error)) throw error
      await clock.sleep(1_000, signal)
    }
  }
  return false
}

async function printLine(around: Surroundings, options: CommonOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const line = writeInvitation(session.known)
  if (options.json) return around.terminal.print(JSON.stringify({ line }))
  around.terminal.say('it is no secret. On a device, with the agent stopped: backstay-agent trust FILE')
  around.terminal.say('on the machine of an admin: backstay admins join FILE')
  around.terminal.print(line)
}

function printStanding({ terminal }: Surroundings, standing: CollectorKeyStanding): void {
  const { keys, announced, knowing, waiting } = standing
  const rows = keys.map(({ key, pins, isUsed }) => [
    key.slice(0, 16),
    pins.map(pin => pin.slice(0, 16)).join(' '),
    isUsed ? 'in use' : 'announced',
  ])
  terminal.print(tableText(['key', 'TLS pin', ''], rows))
  if (announced === undefined) return
  terminal.say(
    `${knowing} of ${knowing + waiting.length} device(s) know the keys of version ${announced} of Trust`,
  )
  if (waiting.length > 0) {
    const names = waiting.map(({ name, lastSeenMs }) => [shownText(name), timeText(lastSeenMs)])
    terminal.print(tableText(['does not know them yet', 'last seen'], names))
  }
  terminal.say(
    waiting.length === 0
      ? 'next: backstay collector-key finish --kit FILE'
      : 'a device knows them a minute after it connects; then: backstay collector-key finish --kit FILE',
  )
}
