/** `backstay retention explain`: why each snapshot of a device is kept or will go, and when its bytes are freed. */
import { tableText, timeText } from '@backstay/agent/commands/text'
import type { Reason, Verdict } from '@backstay/proto/policy/retention'
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { findDevice } from '../device-archive.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import { type RetentionFacts, retentionFacts } from '../retention-facts.ts'
import type { Surroundings } from '../surroundings.ts'

/** The collector's grace between the moment when nothing needs an object and the moment when its bytes go. */
const graceMs = 14 * 86_400_000

export function retentionCommand(around: Surroundings): Command {
  const command = new Command('retention').description('what is kept, and why')
  const explain = new Command('explain')
    .description('say of each snapshot of a device why it is kept or when it goes, newest first')
    .argument('<device>', 'its name or id')
  withCommonOptions(explain).action((device: string, options: CommonOptions) =>
    explainDevice(around, device, options),
  )
  return command.addCommand(explain)
}

async function explainDevice(around: Surroundings, device: string, options: CommonOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const certificate = await findDevice(session, device)
  const facts = await retentionFacts(session, certificate, around.clock.now())
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify({ device: certificate.device, ...facts }))
  if (facts.verdicts.length === 0) return terminal.print('no snapshot yet')
  const rows = facts.verdicts.toReversed().map(verdict => rowOf(verdict))
  terminal.print(tableText(['snapshot', 'received', 'kind', 'kept or goes'], rows))
  for (const line of notes(facts, around.clock.now())) terminal.print(line)
}

function rowOf(verdict: Verdict): string[] {
  const { sequence, heldSinceMs, complete } = verdict.snapshot
  const why =
    verdict.state === 'stays'
      ? verdict.reasons.map(reasonText).join(', ')
      : `goes with the next collection; its bytes ${graceMs / 86_400_000} days later`
  return [String(sequence), timeText(heldSinceMs), complete ? 'complete' : 'incomplete', why]
}

function reasonText(reason: Reason): string {
  switch (reason.code) {
    case 'newest':
      return 'the newest'
    case 'newest_complete':
      return 'the newest complete one'
    case 'newest_incomplete':
      return 'the newest incomplete one'
    case 'minimum_count':
      return 'one of the last three'
    case 'minimum_age':
      return `too young until ${timeText(reason.untilMs)}`
    case 'within':
      return `the policy keeps all until ${timeText(reason.untilMs)}`
    case 'daily':
    case 'weekly':
    case 'monthly':
    case 'yearly':
      return `${reason.edge} of ${bucketText[reason.code]} ${reason.bucket}`
    case 'pin':
      return 'pinned'
    case 'hold':
      return 'under a legal hold'
    case 'forever':
      return 'no policy in effect lets anything go; a shorter one counts after a week'
  }
}

const bucketText = { daily: 'day', weekly: 'the week of', monthly: 'month', yearly: 'year' } as const

function notes({ forgotten, clockMs }: RetentionFacts, nowMs: number): string[] {
  const going = forgotten.filter(one => (clockMs ?? nowMs) < one.clockMs + graceMs)
  const lines = going.map(
    one =>
      `${one.count} snapshot(s) went on ${timeText(one.clockMs)}; bytes are freed after ${timeText(one.clockMs + graceMs)}, all but what is less than a tenth of a pack`,
  )
  if (clockMs === undefined) lines.push('the collector has not collected yet: times are as it received them')
  return lines
}
