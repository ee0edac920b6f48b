import type { Terminal } from '@backstay/proto/command-line'
import type { Command } from 'commander'
import { requireIdentity, type Surroundings, surroundings } from '../agent.ts'
import { type EnrollingStatus, enrolmentSentence } from '../enrolment/enrolment-status.ts'
import { keptTexts } from '../keys/keychain-kind.ts'
import { askOwner } from '../local/ask-owner.ts'
import type { RunStatus } from '../service/status.ts'
import { isRun, toldStatus } from '../service/told-status.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'
import { bytesText } from './text.ts'

export function addStatus(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('status'))
    .description('say how this device is protected, without asking the collector')
    .action(async (options: CommonOptions) => {
      const state = stateOf(options)
      const around = surroundings(state)
      const waiting = await askWaiting(around)
      if (waiting !== undefined) return printWaiting(terminal, waiting, { state, ...options })
      const identity = await requireIdentity(around)
      const { sentence, working, head } = await toldStatus(around)
      const kept = await around.secrets.kind()
      const copies = await around.secrets.copies()
      if (options.json) {
        const { device, fleet, urls } = identity
        const told = {
          device,
          fleet,
          urls,
          state,
          keychain: kept,
          keyCopies: copies,
          snapshot: head.sequence,
          sentence,
          working,
        }
        terminal.print(JSON.stringify(told))
        return
      }
      terminal.print(sentence)
      terminal.print(`device ${identity.device}, collector ${identity.urls.join(', ')}`)
      terminal.print(`keys: ${keptTexts[kept ?? 'file']}`)
      if (copies !== undefined)
        terminal.print(`copies of them may lie ${keptTexts[copies]}: backstay-agent keys removes them`)
      if (head.sequence > 0) terminal.print(`last acknowledged snapshot: #${head.sequence}`)
      for (const line of isRun(working) ? runLines(working) : []) terminal.print(line)
      if (working?.entries !== undefined) {
        const sent = bytesText(working.sentBytes ?? 0)
        terminal.print(`backup under way (process ${working.pid}): ${working.entries} entries, ${sent} sent`)
      }
    })
}

/** Undefined when no agent waits to become a member, or for its keys. */
async function askWaiting({ state }: Surroundings): Promise<EnrollingStatus | undefined> {
  const owner = (await askOwner(state, { ask: 'status' })) as { readonly doing?: string } | undefined
  return owner?.doing === 'enroll' ? (owner as EnrollingStatus) : undefined
}

function printWaiting(
  terminal: Terminal,
  waiting: EnrollingStatus,
  { state, json }: { readonly state: string; readonly json?: boolean },
): void {
  const sentence = enrolmentSentence(waiting)
  if (json) {
    terminal.print(JSON.stringify({ state, sentence, waiting }))
    return
  }
  terminal.print(sentence)
  if (waiting.failure?.hint !== undefined) terminal.print(`hint: ${waiting.failure.hint}`)
  if (waiting.places.length > 0) terminal.print(`it looks for a token in: ${waiting.places.join(', ')}`)
  terminal.print(`agent runs (process ${waiting.pid})`)
}

function runLines({ watch, unread, overflows, alarms, access, pid }: RunStatus): string[] {
  const lines = [`agent runs (process ${pid})`]
  for (const { path, state, unwatched } of watch) {
    const blind = unwatched > 0 ? `, ${unwatched} folders by rescans only` : ''
    lines.push(`${path}: ${state}${blind}`)
  }
  if (overflows > 0)
    lines.push(`changes came faster than they were told ${overflows} times; everything was read again`)
  if (unread > 0) lines.push(`${unread} files could not be read: backstay-agent ls --unread`)
  for (const warning of [...alarms, ...access]) lines.push(`warning: ${warning}`)
  return lines
}
