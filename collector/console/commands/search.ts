/** `backstay search`: where a file was, by a part of its name, over all snapshots of a device. */
import { tableText } from '@backstay/agent/commands/text'
import { openedArchive } from '@backstay/proto/content/archive/opened'
import { type Found, openSearch } from '@backstay/proto/content/archive/search'
import { pathText } from '@backstay/proto/content/archive/shown-text'
import { snapshotsOf } from '@backstay/proto/content/archive/snapshots'
import { Failure } from '@backstay/proto/failure'
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { openArchive } from '../device-archive.ts'
import { type CommonOptions, type KitOption, wholeNumber, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'

interface SearchOptions extends CommonOptions, KitOption {
  readonly limit: string
}

const limitMax = 100_000

export function searchCommand(around: Surroundings): Command {
  const command = new Command('search')
    .description('find files of a device by name, in all its snapshots')
    .argument('<device>', 'its name or id')
    .argument('<words...>', 'parts of the path; capitals do not matter')
    .option('--limit <count>', 'at most so many', '200')
  command.option('--kit <file>', 'unlock with the recovery kit instead of your own key')
  return withCommonOptions(command).action((device: string, words: string[], options: SearchOptions) =>
    search(around, device, words.join(' '), options),
  )
}

async function search(
  around: Surroundings,
  device: string,
  words: string,
  options: SearchOptions,
): Promise<void> {
  const { terminal } = around
  const most = wholeNumber('--limit', options.limit, 1, limitMax)
  if (words.trim() === '') {
    throw new Failure('bad_words', 'say what to look for', {
      hint: 'for example: backstay search laptop invoice',
    })
  }
  await using session = await openAdminSession(around, options)
  const { primitives, source, keys, reader, records } = await openArchive(session, device, options.kit)
  const snapshots = await Array.fromAsync(snapshotsOf(reader, records()))
  const archive = openedArchive({ primitives, source, keys, snapshots })
  const opened = await openSearch(archive, undefined, around.signal)
  const { found, isCut } = opened.find(words, most)
  if (opened.lost > 0)
    terminal.say(
      `warning: ${opened.lost} list(s) of names could not be read; what only they tell is not found`,
    )
  if (options.json) return terminal.print(JSON.stringify(found.map(foundJson)))
  if (found.length === 0) return terminal.say(`no name holds "${words}", among ${opened.names}`)
  terminal.print(tableText(['PATH', 'STATE', 'SNAPSHOTS'], found.map(foundRow)))
  if (isCut) terminal.say(`there are more; say more of the name, or --limit ${most * 10}`)
  terminal.say('get one back: backstay restore DEVICE PATH --at "#NUMBER" --to DIR')
}

function foundRow({ path, events }: Found): string[] {
  const last = events.at(-1)
  const state = last?.isGone ? `gone since #${last.sequence}` : 'there'
  return [pathText(path), state, spans(events)]
}

/** `#3–#7, #12–` */
function spans(events: Found['events']): string {
  const parts: string[] = []
  let from: number | undefined
  for (const { sequence, isGone } of events) {
    if (!isGone) from ??= sequence
    else {
      parts.push(`#${from ?? '…'}–#${sequence - 1}`)
      from = undefined
    }
  }
  if (from !== undefined) parts.push(`#${from}–`)
  return parts.join(', ')
}

function foundJson({ path, events }: Found): unknown {
  return { path: pathText(path), isThere: events.at(-1)?.isGone === false, events }
}
