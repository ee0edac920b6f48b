/** How a device is protected, in one sentence that its owner understands. */
import { agoText, timeText } from '../commands/text.ts'
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

const hourMs = 3_600_000

/** Undefined: the device is within what its policy promises. */
function missedObjective({ objective }: RunStatus, sinceMs: number): string | undefined {
  if (sinceMs >= objective.unprotectedHours * hourMs) return 'unprotected'
  return sinceMs >= objective.atRiskHours * hourMs ? 'at risk' : undefined
}

const flagWords = {
  missing: 'is not there',
  unmounted: 'looks like a disk that is not mounted',
  emptied: 'is empty',
  shrunk: 'has lost most of what was in it',
} as const

/** Why what changed is not protected within seconds; undefined when it is. */
function troubleOf(status: RunStatus, nowMs: number): string | undefined {
  const { waiting, pausedUntilMs, linkFailure, backupFailure, watchFailure } = status
  if (!status.hasRoots) return 'no policy names a folder of this device'
  if (waiting === undefined)
    return status.lastCompleteMs === undefined ? 'the first backup is under way' : undefined
  switch (waiting) {
    case 'offline':
      return linkFailure ?? 'the collector is not connected yet'
    case 'paused':
      return `paused until ${timeText(pausedUntilMs ?? nowMs)}`
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
