/**
 * This side as a witness of the collector's log (proto/log/witness.ts): what it held, what it is shown, and what it thinks of
 * it. Whatever that is, the session goes on: to refuse to back up would be the worse harm.
 */
import type { Clock } from '@backstay/proto/clock'
import { isFailure } from '@backstay/proto/failure'
import { decodeCheckpoint } from '@backstay/proto/log/checkpoint'
import { forkNow, forkWords, type ShownLog, type WitnessedLog, witness } from '@backstay/proto/log/witness'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { Alarm } from '../alarm.ts'
import type { Session } from './session.ts'

export interface LogWitness {
  /** As it is remembered now. */
  readonly witnessed: WitnessedLog | undefined
  readonly alarms: readonly Alarm[]
  /** Asks how the log stands by now. Throws what the session throws. */
  look(signal?: AbortSignal): Promise<void>
}

export interface LogWitnessOptions {
  readonly primitives: Primitives
  readonly clock: Pick<Clock, 'now'>
  readonly fleet: FleetId
  readonly session: Pick<Session, 'welcome' | 'askLog'>
  /** What Hello showed. */
  readonly held: WitnessedLog | undefined
  /** Makes it durable. */
  remember(log: WitnessedLog): Promise<void>
}

/** Judges what the Welcome showed. */
export async function logWitness(options: LogWitnessOptions): Promise<LogWitness> {
  const { primitives: p, clock, fleet, session } = options
  const { collectorKey, log } = session.welcome
  let witnessed = options.held

  async function judge(shown: ShownLog | undefined): Promise<void> {
    const now = await witness(p, witnessed, shown, { fleet, collectorKey, nowMs: clock.now() })
    if (now === undefined) return
    witnessed = now
    await options.remember(now)
  }

  await judge(log)
  return {
    get witnessed() {
      return witnessed
    },
    get alarms() {
      const fork = forkNow(witnessed?.fork, clock.now())
      return fork === undefined ? [] : [{ code: fork.kind, message: `${forkWords(fork)}; ${whatToDo}` }]
    },
    async look(signal) {
      // A collector that never showed a log need not begin in mid-session.
      if (witnessed === undefined) return
      const from = decodeCheckpoint(witnessed.checkpoint).size
      try {
        await judge(await session.askLog(from, 0, signal))
      } catch (error) {
        // It holds fewer entries than we saw, and says so: what it has will be shown at the next connection.
        if (!isFailure(error, 'bad_range')) throw error
      }
    },
  }
}

const whatToDo =
  'backups go on. Whoever runs the collector must know why; if nobody put it back, compare devices with: backstay devices'
