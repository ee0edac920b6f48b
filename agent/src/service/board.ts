/** What the parts of the running agent know of one another. Each writes its own lines; who waits looks when it rings. */

import type { Failure } from '@backstay/proto/failure'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import { type Bell, bell } from '@backstay/proto/wire/bell'
import type { Agent } from '../agent.ts'
import type { Alarm } from '../alarm.ts'
import type { BackupProgress } from '../backup/backup.ts'
import type { BackupOutcome } from '../backup/run-backup.ts'
import type { MemberLink } from '../link/member.ts'
import type { Obedience } from '../policy/obey.ts'
import { type AccessLedger, accessLedger } from '../vitals/access.ts'
import type { Watcher } from '../watch/watcher.ts'
import { fraction } from './fraction.ts'
import { type HintedFolders, hintedFolders } from './hinted-folders.ts'
import { type ServiceRecord, soundTimes } from './record.ts'
import { type Decision, type SchedulerEvent, type SchedulerState, startingState, step } from './scheduler.ts'

export interface Board {
  readonly agent: Agent
  /** Rings when anything below changes. */
  readonly changed: Bell
  /** Rings when it is worth trying again at once: somebody asks, the machine woke up. */
  readonly hurry: Bell
  readonly scheduler: SchedulerState
  tell(event: SchedulerEvent): void
  record: ServiceRecord
  link: MemberLink | undefined
  linkFailure: Failure | undefined
  trust: VerifiedTrust
  /** The orders about policy that are obeyed, and what they add up to. */
  obedience: Obedience
  /** What the system keeps from this agent. */
  readonly access: AccessLedger
  readonly hinted: HintedFolders
  watcher: Watcher | undefined
  watchFailure: unknown
  decision: Decision | undefined
  progress: BackupProgress | undefined
  outcome: BackupOutcome | undefined
  backupFailure: unknown
  /** Of orders that are refused, of a policy that ended, of what it covers no longer. */
  linkAlarms: readonly RaisedAlarm[]
  policyAlarms: readonly RaisedAlarm[]
  backupAlarms: readonly RaisedAlarm[]
}

export interface RaisedAlarm extends Alarm {
  readonly sinceMs: number
}

/** The alarms of now; one that was raised before keeps its time. */
export function raised(
  before: readonly RaisedAlarm[],
  now: readonly Alarm[],
  nowMs: number,
): readonly RaisedAlarm[] {
  const sinceOf = (code: string) => before.find(one => one.code === code)?.sinceMs ?? nowMs
  return now.map(alarm => ({ ...alarm, sinceMs: sinceOf(alarm.code) }))
}

export const alarmsOf = ({ linkAlarms, policyAlarms, backupAlarms }: Board): readonly RaisedAlarm[] => [
  ...linkAlarms,
  ...policyAlarms,
  ...backupAlarms,
]

export function board(agent: Agent, obedience: Obedience, record: ServiceRecord): Board {
  const { clock } = agent
  const changed = bell()
  const now = clock.now()
  let scheduler = startingState(now, fraction(agent.primitives), soundTimes(record, now))
  return {
    agent,
    changed,
    hurry: bell(),
    get scheduler() {
      return scheduler
    },
    tell(event) {
      scheduler = step(scheduler, event, clock.now())
      changed.ring()
    },
    record,
    link: undefined,
    linkFailure: undefined,
    trust: agent.trust,
    obedience,
    access: accessLedger(clock),
    hinted: hintedFolders(),
    watcher: undefined,
    watchFailure: undefined,
    decision: undefined,
    progress: undefined,
    outcome: undefined,
    backupFailure: undefined,
    linkAlarms: [],
    policyAlarms: [],
    backupAlarms: [],
  }
}

/** Until the bell rings or `ms` have passed. Rejects with the signal's reason. */
export async function waitFor(agent: Agent, one: Bell, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const waits = [one.wait(either), agent.clock.sleep(ms, either)]
  try {
    await Promise.race(waits)
  } finally {
    // The loser must not stay behind, hour after hour.
    over.abort()
    await Promise.allSettled(waits)
  }
}
