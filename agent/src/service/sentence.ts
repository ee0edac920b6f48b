/** How a device is protected, in one sentence that its owner understands. */
import { agoText, shownText, timeText } from '../commands/text.ts'
import type { RunStatus } from './status.ts'

export function sentenceOf(status: RunStatus, nowMs: number): string {
  const { lastCompleteMs, flags } = status
  const trouble = troubleOf(status, nowMs)
  const [flag] = flags
  if (flag !== undefined) {
    const more = flags.length > 1 ? ` and ${flags.length - 1} more` : ''
    return `at risk: ${flag.path}${more} ${flagWords[flag.why]} since ${timeText(flag.sinceMs)}; older snapshots keep what was there`
  }
  if (lastCompleteMs === undefined) return `never backed up${trouble === undefined ? '' : `: ${trouble}`}`
  const when = agoText(lastCompleteMs, nowMs)
  const missed = missedObjective(status, nowMs - lastCompleteMs)
  if (trouble === undefined)
    return missed === undefined ? `protected ${when}` : `${missed}: last protected ${when}`
  const since = status.unprotectedSinceMs
  const waiting = since === undefined ? '' : `; changes since ${timeText(since)} wait`
  return `${missed === undefined ? '' : `${missed}: `}last protected ${when}${waiting}: ${trouble}`
}

/** What the sentence says, for a picture beside it. `waiting`: within what the policy promises, and changes wait. */
export type Standing = 'protected' | 'waiting' | 'paused' | 'at_risk' | 'unprotected' | 'never'

export function standingOf(status: RunStatus, nowMs: number): Standing {
  const { lastCompleteMs, flags, waiting } = status
  if (flags.length > 0) return 'at_risk'
  if (lastCompleteMs === undefined) return 'never'
  const missed = missedObjective(status, nowMs - lastCompleteMs)
  if (missed !== undefined) return missed === 'unprotected' ? 'unprotected' : 'at_risk'
  if (waiting === 'paused') return 'paused'
  return troubleOf(status, nowMs) === undefined ? 'protected' : 'waiting'
}

const hourMs = 3_600_000

/** Undefined: the device is within what its policy promises. */
function missedObjective({ objective }: RunStatus, sinceMs: number): 'unprotected' | 'at risk' | undefined {
  if (sinceMs >= objective.unprotectedHours * hourMs) return 'unprotected'
  return sinceMs >= objective.atRiskHours * hourMs ? 'at risk' : undefined
}

const flagWords = {
  hung: 'lies where nothing answers',
  missing: 'is not there',
  unmounted: 'looks like a disk that is not mounted',
  emptied: 'is empty',
  shrunk: 'has lost most of what was in it',
} as const

/** Why what changed is not protected within seconds; undefined when it is. */
function troubleOf(status: RunStatus, nowMs: number): string | undefined {
  const { waiting, pausedUntilMs, pausedBy, linkFailure, backupFailure, watchFailure } = status
  if (!status.hasRoots) return 'no policy names a folder of this device'
  if (waiting === undefined)
    return status.lastCompleteMs === undefined ? 'the first backup is under way' : undefined
  switch (waiting) {
    case 'offline':
      return linkFailure ?? 'the collector is not connected yet'
    case 'paused':
      return `paused ${pausedBy === undefined ? '' : `from afar by ${shownText(pausedBy)} `}until ${timeText(pausedUntilMs ?? nowMs)}`
    case 'battery':
      return 'the battery is low'
    case 'metered':
      return 'this network is paid by the byte'
    case 'failed':
      return backupFailure ?? 'the last backup failed'
    default:
      return watchFailure === undefined ? undefined : `changes are not seen: ${watchFailure}`
  }
}
