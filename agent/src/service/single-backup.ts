/** A backup that nobody stays behind for: it looks at the roots, and leaves written down, what the running agent would. */
import { hex, utf8 } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import type { Agent } from '../agent.ts'
import type { Alarm } from '../alarm.ts'
import type { BackupOutcome } from '../backup/run-backup.ts'
import { timeText } from '../commands/text.ts'
import type { Obedience } from '../policy/obey.ts'
import { policyRoots } from '../policy/roots.ts'
import { pathCalls } from '../system/path-calls.ts'
import { scopeOf } from './backup-roots.ts'
import { coverageAlarms, judgeCoverage } from './coverage.ts'
import { type FlaggedRoot, flagLabel, judgedRoots } from './judged-roots.ts'
import { readRecord, rememberedRoots, unreadSince, writeRecord } from './record.ts'

/** `run` is given the label for its snapshot. Throws what it throws. */
export async function singleBackup(
  agent: Pick<Agent, 'state' | 'files' | 'clock' | 'primitives' | 'system' | 'places'>,
  { policy }: Pick<Obedience, 'policy'>,
  run: (label: string | undefined) => Promise<BackupOutcome>,
): Promise<BackupOutcome> {
  const { state, files, clock, primitives, system, places: paths = pathCalls } = agent
  const before = await readRecord(state, files)
  const startedMs = clock.now()
  const roots = policyRoots(policy.values, { paths, remembered: rememberedRoots(before) })
  const judged = judgedRoots(system, before.roots, roots, startedMs)
  const scope = hex(await primitives.sha256(utf8(scopeOf(policy.values))))
  const covering = (entries: number) => ({
    ...before,
    roots: judged.roots,
    coverage: judgeCoverage(before.coverage, scope, entries, clock.now()),
  })
  try {
    const outcome = await run(flagLabel(judged.flagged))
    const nowMs = clock.now()
    const record = {
      ...covering(outcome.built.entries),
      ...{ lastStartedMs: startedMs, lastCompleteMs: nowMs, leftSinceMs: undefined },
      unread: unreadSince(before.unread, outcome.unread, nowMs),
    }
    await writeRecord(state, record, files)
    const alarms = [...judged.flagged.map(flagAlarm), ...coverageAlarms(record.coverage)]
    return { ...outcome, alarms: [...outcome.alarms, ...alarms] }
  } catch (error) {
    if (isFailure(error, 'no_roots')) await writeRecord(state, covering(0), files)
    throw error
  }
}

function flagAlarm({ path, flag }: FlaggedRoot): Alarm {
  const since = timeText(flag.sinceMs)
  const message = `${path} is ${flag.why} since ${since} (${flag.namesBefore} names before): this snapshot says so, older ones keep what was there`
  return { code: 'root_flagged', message }
}
