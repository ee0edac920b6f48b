/** `backstay intents`: what people without keys asked for. Whoever has one does it, or says no. */
import { shownText, tableText, timeText } from '@backstay/agent/commands/text'
import { fromUtf8 } from '@backstay/proto/bytes'
import type { Identity } from '@backstay/proto/content/age'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { Intent } from '@backstay/proto/rest/intents'
import { verifyTrustHistory } from '@backstay/proto/trust/trust'
import { Command } from 'commander'
import { openAdmin, requireFleet } from '../admin.ts'
import { adminFolder, adminFolderPath } from '../admin-folder.ts'
import { restWithKey } from '../collector-rest.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { openWishedPath } from '../wished-path.ts'
import { within } from './alerts.ts'

interface ListOptions extends CommonOptions {
  readonly all?: boolean
}

interface DeclineOptions extends CommonOptions {
  readonly reason?: string
}

type Shown = Omit<Intent, 'sealed'> & { readonly path?: string }

const shownMax = 500

export function intentsCommand(around: Surroundings): Command {
  const command = new Command('intents')
    .alias('intent')
    .description('what people without keys asked for: a backup, or a restore')
  const list = new Command('list')
    .description('wishes that wait for a key holder, the newest first')
    .option('--all', 'those that were answered as well')
  withCommonOptions(list).action((options: ListOptions) => listIntents(around, options))
  const done = new Command('done')
    .description('say that a wish was fulfilled, after you did it')
    .argument('<wish>', 'its number')
  withCommonOptions(done).action((id: string, options: CommonOptions) =>
    within(around, options, async session => {
      const now = await session.send<Intent>('POST', `/intents/${numberOf(id)}/done`, {})
      return [
        now,
        `done: the ${now.kind} for ${shownText(now.deviceName)} that ${shownText(now.by)} asked for`,
      ]
    }),
  )
  const decline = new Command('decline')
    .description('say no to a wish')
    .argument('<wish>', 'its number')
    .option('--reason <text>', 'why; shown to whoever asked')
  withCommonOptions(decline).action((id: string, options: DeclineOptions) =>
    within(around, options, async (session, { reason }) => {
      const now = await session.send<Intent>('POST', `/intents/${numberOf(id)}/decline`, { reason })
      return [now, `declined: the ${now.kind} for ${shownText(now.deviceName)}`]
    }),
  )
  return command.addCommand(list, { isDefault: true }).addCommand(done).addCommand(decline)
}

/** It stands in an address. */
function numberOf(id: string): string {
  if (/^\d{1,15}$/.test(id)) return id
  throw new Failure('bad_id', `"${id}" is no number of a wish`, { hint: 'see them with: backstay intents' })
}

async function listIntents(around: Surroundings, options: ListOptions): Promise<void> {
  const { primitives: p, terminal } = around
  const folder = adminFolder(p, adminFolderPath(around, options.admin))
  const known = await requireFleet(folder)
  const history = await verifyTrustHistory(p, known.chain, known.fleet)
  const { signingKey, identity } = await openAdmin(around, folder, options)
  await using session = await restWithKey(around, { known, history, signingKey })
  const words = { limit: shownMax, ...(options.all !== true && { state: 'open' }) }
  const { items } = await session.get<{ readonly items: readonly Intent[] }>('/intents', words)
  const shown: Shown[] = []
  for (const { sealed, ...intent } of items) {
    const path = sealed === undefined ? undefined : await pathOf(identity, sealed)
    shown.push({ ...intent, ...(path !== undefined && { path }) })
  }
  if (options.json) return terminal.print(JSON.stringify(shown))
  if (shown.length === 0) return terminal.print('nobody waits for anything')
  const head = ['wish', 'state', 'asked', 'by', 'note', 'to do']
  terminal.print(tableText(head, shown.map(rowOf)))
}

/** Undefined: it is sealed for other admins, or no wish of ours. */
async function pathOf(identity: Identity, sealed: string): Promise<string | undefined> {
  try {
    return fromUtf8(await openWishedPath(identity, sealed))
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}

function rowOf({ id, kind, state, atMs, by, note = '', deviceName, path }: Shown): string[] {
  const what =
    kind === 'backup' ? 'backup' : `restore ${path === undefined ? '(sealed for others)' : shownText(path)}`
  const command = `backstay job run ${shownText(deviceName)} ${what}`
  return [id, state, timeText(atMs), shownText(by), shownText(note), command]
}
