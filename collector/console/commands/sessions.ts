/** `backstay sessions`: where one's own key is signed in with the collector, page or command; each ends by itself after an hour. */
import { agoText, shownText, tableText } from '@backstay/agent/commands/text'
import { Failure } from '@backstay/proto/failure'
import type { SessionItem } from '@backstay/proto/rest/session'
import { Command } from 'commander'
import { type CollectorRest, openCollectorRest } from '../collector-rest.ts'
import type { CommonOptions, KitOption } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { withKit } from './people.ts'

interface SessionsOptions extends CommonOptions, KitOption {
  readonly others?: boolean
}

export function sessionsCommand(around: Surroundings): Command {
  const command = new Command('sessions').description('where your key is signed in, and its end there')
  withKit(
    command.command('list', { isDefault: true }).description('open pages and commands of your key'),
  ).action((options: SessionsOptions) => list(around, options))
  withKit(command.command('end').argument('[id]', 'as list shows it'))
    .description('sign out there at once; whoever has the key and its passphrase signs in again')
    .option('--others', 'everywhere but here')
    .action((id: string | undefined, options: SessionsOptions) => end(around, id, options))
  return command
}

const ownSessions = async (rest: CollectorRest) =>
  (await rest.get<{ readonly items: readonly SessionItem[] }>('/sessions')).items

async function list(around: Surroundings, options: SessionsOptions): Promise<void> {
  await using rest = await openCollectorRest(around, options)
  const items = await ownSessions(rest)
  const { terminal, clock } = around
  if (options.json) return terminal.print(JSON.stringify(items))
  const nowMs = clock.now()
  const rows = items.map(one => [
    ...[one.id, one.current ? 'this command' : shownText(one.software || 'unknown'), one.address],
    ...[agoText(one.startedAtMs, nowMs), agoText(one.lastSeenAtMs, nowMs)],
  ])
  terminal.print(tableText(['id', 'what', 'from', 'signed in', 'last seen'], rows))
}

async function end(around: Surroundings, id: string | undefined, options: SessionsOptions): Promise<void> {
  if ((id === undefined) === (options.others !== true)) {
    throw new Failure('bad_choice', 'say which one, or --others for all but this one', {
      hint: 'see them with: backstay sessions',
    })
  }
  if (id !== undefined && !/^[0-9a-f]{32}$/.test(id))
    throw new Failure('bad_id', `"${id}" is no id of a session`)
  await using rest = await openCollectorRest(around, options)
  const ended = id === undefined ? await others(rest) : [id]
  for (const one of ended) await rest.send('DELETE', `/sessions/${one}`)
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify({ ended }))
  terminal.print(ended.length === 0 ? 'your key is signed in nowhere else' : `signed out: ${ended.length}`)
}

async function others(rest: CollectorRest): Promise<readonly string[]> {
  return (await ownSessions(rest)).filter(({ current }) => !current).map(({ id }) => id)
}
