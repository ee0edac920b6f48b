import type { Command } from 'commander'
import { requireIdentity, surroundings } from '../agent.ts'
import type { RunStatus } from '../service/status.ts'
import { isRun, toldStatus } from '../service/told-status.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'
import type { Terminal } from './program.ts'
import { bytesText } from './text.ts'

export function addStatus(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('status'))
    .description('say how this device is protected, without asking the collector')
    .action(async (options: CommonOptions) => {
      const state = stateOf(options)
      const around = surroundings(state)
      const identity = await requireIdentity(around)
      const { sentence, working, head } = await toldStatus(around)
      if (options.json) {
        const { device, fleet, urls } = identity
        const told = { device, fleet, urls, state, snapshot: head.sequence, sentence, working }
        terminal.print(JSON.stringify(told))
        return
      }
      terminal.print(sentence)
      terminal.print(`device ${identity.device}, collector ${identity.urls.join(', ')}`)
      if (head.sequence > 0) terminal.print(`last acknowledged snapshot: #${head.sequence}`)
      for (const line of isRun(working) ? runLines(working) : []) terminal.print(line)
      if (working?.entries !== undefined) {
        const sent = bytesText(working.sentBytes ?? 0)
        terminal.print(`backup under way (process ${working.pid}): ${working.entries} entries, ${sent} sent`)
      }
    })
}

function runLines({ watch, unread, overflows, alarms, pid }: RunStatus): string[] {
  const lines = [`agent runs (process ${pid})`]
  for (const { path, state, unwatched } of watch) {
    const blind = unwatched > 0 ? `, ${unwatched} folders by rescans only` : ''
    lines.push(`${path}: ${state}${blind}`)
  }
  if (overflows > 0)
    lines.push(`changes came faster than they were told ${overflows} times; everything was read again`)
  if (unread > 0) lines.push(`${unread} files could not be read: backstay-agent ls --unread`)
  for (const alarm of alarms) lines.push(`warning: ${alarm}`)
  return lines
}
