import type { Command } from 'commander'
import { requireIdentity, surroundings } from '../agent.ts'
import { askOwner } from '../local/ask-owner.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'
import type { Terminal } from './program.ts'
import { bytesText } from './text.ts'

interface Working {
  readonly pid?: number
  readonly doing?: string
  readonly entries?: number
  readonly sentBytes?: number
}

export function addStatus(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('status'))
    .description('say how this device is protected, without asking the collector')
    .action(async (options: CommonOptions) => {
      const state = stateOf(options)
      const around = surroundings(state)
      const identity = await requireIdentity(around)
      const head = await around.identities.readHead()
      const working = (await askOwner(state, { ask: 'status' })) as Working | undefined
      if (options.json) {
        const { device, fleet, urls } = identity
        terminal.print(JSON.stringify({ device, fleet, urls, state, snapshot: head.sequence, working }))
        return
      }
      terminal.print(`device ${identity.device}, collector ${identity.urls.join(', ')}`)
      terminal.print(
        head.sequence === 0 ? 'never backed up' : `last acknowledged snapshot: #${head.sequence}`,
      )
      if (working?.doing !== undefined) {
        const sent = bytesText(working.sentBytes ?? 0)
        terminal.print(
          `${working.doing} under way (process ${working.pid}): ${working.entries ?? 0} entries, ${sent} sent`,
        )
      }
    })
}
