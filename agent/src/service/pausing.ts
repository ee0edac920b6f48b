/** Pauses, each on the disk before anybody is told of it: said by whoever works here, or by an admin from afar. */
import { Failure } from '@backstay/proto/failure'
import { afarAllowance, withoutRest, withPause } from './afar-pauses.ts'
import type { Board } from './board.ts'
import { writeRecord } from './record.ts'
import { pausedSince } from './scheduler.ts'

const minuteMs = 60_000

/** Throws `not_allowed` for one that is longer than the policy allows. Returns its end. */
export async function pauseHere(board: Board, forMs: number): Promise<number> {
  requireShort(forMs, board.obedience.policy.values.pauseMinutesMax)
  const untilMs = board.agent.clock.now() + forMs
  endAfar(board)
  board.tell({ kind: 'paused', untilMs })
  await keep(board)
  return untilMs
}

/** Whoever works here ends any pause. */
export async function resumeHere(board: Board): Promise<void> {
  endAfar(board)
  board.tell({ kind: 'resumed' })
  await keep(board)
}

/**
 * Throws `pause_spent` when this and the admins' pauses of the last seven days are too long together. A longer pause that
 * runs already stands as it is, whoever said it. Returns the end.
 */
export async function pauseFromAfar(board: Board, minutes: number, by: string): Promise<number> {
  const nowMs = board.agent.clock.now()
  const { scheduler } = board
  const pausedUntilMs =
    pausedSince(scheduler, nowMs) === undefined ? nowMs : (scheduler.pausedUntilMs ?? nowMs)
  const untilMs = nowMs + minutes * minuteMs
  if (pausedUntilMs >= untilMs) return pausedUntilMs
  const { spans, leftMs } = afarAllowance(board.record.afarPauses, nowMs)
  const moreMs = untilMs - (scheduler.pausedBy === undefined ? nowMs : pausedUntilMs)
  if (moreMs > leftMs) {
    throw new Failure('pause_spent', `only ${Math.floor(leftMs / minuteMs)} minutes of pauses are left`, {
      hint: 'who works at the device can pause it: backstay-agent pause 1h; lasting quiet is a policy',
    })
  }
  board.record = { ...board.record, afarPauses: withPause(spans, nowMs, untilMs) }
  // Counted on the disk first: a device that loses power here has a pause less, and never one more.
  await writeRecord(board.agent.state, board.record, board.agent.files)
  board.tell({ kind: 'paused', untilMs, by })
  await keep(board)
  return untilMs
}

/** Ends what an admin said, and not what somebody here said. Throws `not_paused`. */
export async function resumeFromAfar(board: Board): Promise<void> {
  const { scheduler, agent } = board
  if (pausedSince(scheduler, agent.clock.now()) === undefined || scheduler.pausedBy === undefined)
    throw new Failure('not_paused', 'no admin has paused this device')
  await resumeHere(board)
}

/** How long admins may still pause this device, in whole minutes. */
export function afarMinutesLeft({ record, agent }: Board): number {
  return Math.floor(afarAllowance(record.afarPauses, agent.clock.now()).leftMs / minuteMs)
}

function endAfar(board: Board): void {
  if (board.scheduler.pausedBy === undefined) return
  const { spans } = afarAllowance(board.record.afarPauses, board.agent.clock.now())
  board.record = { ...board.record, afarPauses: withoutRest(spans, board.agent.clock.now()) }
}

function requireShort(forMs: number, minutesMax: number): void {
  if (forMs <= minutesMax * minuteMs) return
  const longest = minutesMax === 0 ? 'no pause' : `a pause of ${minutesMax} minutes at most`
  throw new Failure('not_allowed', `the policy of this device allows ${longest}`, {
    hint: minutesMax === 0 ? 'ask your admin' : `for example: backstay-agent pause ${minutesMax}m`,
  })
}

async function keep(board: Board): Promise<void> {
  const { pausedUntilMs, pausedSinceMs, pausedBy } = board.scheduler
  board.record = { ...board.record, pausedUntilMs, pausedSinceMs, pausedBy }
  await writeRecord(board.agent.state, board.record, board.agent.files)
}
