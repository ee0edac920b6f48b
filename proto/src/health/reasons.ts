/** Everything that there is to say of a device's health, each with how grave it is and since when. */
import { forkKinds } from '../log/witness.ts'
import { type DeviceFacts, isOvertaken, lastContactMs, newestOf, oldestChangeMs } from './facts.ts'
import type { HealthRules } from './rules.ts'

export type ReasonCode =
  | (
      | 'revoked'
      | 'never_backed_up'
      | 'approval_awaited'
      | 'changes_wait'
      | 'backup_fails'
      | 'snapshots_missing'
    )
  | ('silent' | 'offline' | 'mute' | 'not_heard' | 'unwatched')
  | 'files_not_read'
  | ('root_hung' | 'root_missing' | 'root_unmounted' | 'root_emptied' | 'root_shrunk' | 'root_trouble')
  | ('access_missing' | 'alarm' | 'cloned' | 'escrow_unproven' | 'order_refused' | 'paused')
  | ('backup_runs' | 'backup_waits' | 'watch_limited' | 'clock_wrong')

/** What a reason makes of a device; a note changes nothing. */
export type Grade = 'note' | 'paused' | 'at_risk' | 'unprotected' | 'never_backed_up' | 'retired'

export interface Reason {
  readonly code: ReasonCode
  readonly grade: Grade
  /** When it began, by the collector's clock. */
  readonly sinceMs: number
  /** Files, roots, snapshots, folders; bytes of a running backup; seconds of a wrong clock; 1 where there is nothing to count. */
  readonly count: number
  /** A word of the device: reason of unread files, code of a failure, an alarm or a refusal; who paused it from afar. Empty where there is none. */
  readonly what: string
  /** When it ends by itself. */
  readonly untilMs?: number
}

/** Alarms of things that mend themselves, of what is obeyed nevertheless, and of a collector's past: no file is less protected. */
const mildAlarms: readonly string[] = [
  ...['escrow_waits', 'memory_lost', 'pages_lost', 'policy_stale', 'policy_newer'],
  ...forkKinds,
]
const rootCodes: readonly ReasonCode[] = [
  ...(['root_hung', 'root_missing', 'root_unmounted', 'root_emptied', 'root_shrunk'] as const),
]

export function findings(facts: DeviceFacts, rules: HealthRules, nowMs: number): Reason[] {
  const { heard } = facts
  // A clock that was set back since: it was heard now at the latest, and what it said has lasted at least so long.
  const told = { ...facts, heard: heard && { ...heard, atMs: Math.min(heard.atMs, nowMs) } }
  return [
    ...coverage(told, rules, nowMs),
    ...contact(facts, rules, nowMs),
    ...said(told, rules, nowMs),
    ...identity(facts, rules, nowMs),
  ]
}

function coverage(facts: DeviceFacts, rules: HealthRules, nowMs: number): Reason[] {
  const { enrolledAtMs, lastCompleteAtMs, heard } = facts
  const reasons: Reason[] = []
  const { changesAtRiskMs, changesUnprotectedMs, blindAtRiskMs, blindUnprotectedMs } = rules
  const aged = (sinceMs: number) => gradeOf(nowMs - sinceMs, changesAtRiskMs, changesUnprotectedMs)
  const blind = (sinceMs: number) => gradeOf(nowMs - sinceMs, blindAtRiskMs, blindUnprotectedMs)
  const { failure = '', headSequence = 0 } = heard?.heartbeat ?? {}
  if (lastCompleteAtMs === undefined && failure === 'approval_needed') {
    return [reason('approval_awaited', 'never_backed_up', enrolledAtMs)]
  }
  if (lastCompleteAtMs === undefined) {
    reasons.push(reason('never_backed_up', 'never_backed_up', enrolledAtMs))
  } else if (heard === undefined) {
    reasons.push(reason('not_heard', blind(lastCompleteAtMs), lastCompleteAtMs))
  } else if (heard.heartbeat.watch === undefined) {
    reasons.push(reason('unwatched', blind(lastCompleteAtMs), lastCompleteAtMs))
  }
  const oldest = oldestChangeMs(facts)
  if (oldest !== undefined) reasons.push(reason('changes_wait', aged(oldest), oldest))
  if (heard === undefined) return reasons
  if (failure !== '' && !isOvertaken(facts)) {
    const sinceMs = lastCompleteAtMs ?? enrolledAtMs
    reasons.push({ ...reason('backup_fails', aged(sinceMs), sinceMs), what: failure })
  }
  if (headSequence > facts.headSequence) {
    const missing = headSequence - facts.headSequence
    reasons.push({ ...reason('snapshots_missing', 'at_risk', heard.atMs), count: missing })
  }
  return reasons
}

function contact(facts: DeviceFacts, rules: HealthRules, nowMs: number): Reason[] {
  const { onlineSinceMs, heard, headReceivedAtMs } = facts
  const contactMs = lastContactMs(facts, nowMs)
  if (onlineSinceMs === undefined) {
    const grade = gradeOf(nowMs - contactMs, rules.silentAtRiskMs, rules.silentUnprotectedMs)
    return [reason(grade === 'note' ? 'offline' : 'silent', grade, contactMs)]
  }
  if (heard === undefined) return []
  const heardMs = newestOf([heard.atMs, headReceivedAtMs, onlineSinceMs], nowMs)
  return nowMs - heardMs < rules.muteAtRiskMs ? [] : [reason('mute', 'at_risk', heardMs)]
}

function said(facts: DeviceFacts, rules: HealthRules, nowMs: number): Reason[] {
  if (facts.heard === undefined) return []
  const { heartbeat, atMs } = facts.heard
  const reasons: Reason[] = []
  for (const { code, count, forMs } of heartbeat.roots) {
    const known = rootCodes.find(one => one === `root_${code}`) ?? 'root_trouble'
    reasons.push({ code: known, grade: 'at_risk', sinceMs: atMs - forMs, count, what: code })
  }
  for (const { code, count, forMs } of heartbeat.unread) {
    const sinceMs = atMs - forMs
    const grade = nowMs - sinceMs >= rules.unreadAtRiskMs ? 'at_risk' : 'note'
    reasons.push({ code: 'files_not_read', grade, sinceMs, count, what: code })
  }
  for (const { code, count, forMs } of heartbeat.access) {
    reasons.push({ code: 'access_missing', grade: 'at_risk', sinceMs: atMs - forMs, count, what: code })
  }
  const refusing = heartbeat.alarms.find(({ code }) => code === 'order_refused')
  // The collector tells of a copy, and the device only repeats it.
  const alarms = heartbeat.alarms.filter(one => one !== refusing && one.code !== 'cloned')
  for (const { code, count, forMs } of alarms) {
    const grade = mildAlarms.includes(code) ? 'note' : 'at_risk'
    reasons.push({ code: 'alarm', grade, sinceMs: atMs - forMs, count, what: code })
  }
  for (const { code } of heartbeat.refused) {
    const sinceMs = atMs - (refusing?.forMs ?? 0)
    reasons.push({ ...reason('order_refused', 'at_risk', sinceMs), what: code })
  }
  const { paused, running, waiting, watch } = heartbeat
  const untilMs = atMs + (paused?.leftMs ?? 0)
  if (paused !== undefined && untilMs > nowMs) {
    reasons.push({ ...reason('paused', 'paused', atMs - paused.forMs), untilMs, what: paused.by })
  }
  if (running !== undefined && facts.onlineSinceMs !== undefined && !isOvertaken(facts)) {
    reasons.push({ ...reason('backup_runs', 'note', atMs - running.forMs), count: running.readBytes })
  }
  if (waiting === 'battery' || waiting === 'metered') {
    reasons.push({ ...reason('backup_waits', 'note', oldestChangeMs(facts) ?? atMs), what: waiting })
  }
  const late = (watch?.unwatched ?? 0) + (watch?.polled ?? 0)
  if (late > 0) reasons.push({ ...reason('watch_limited', 'note', atMs), count: late })
  const skewMs = heartbeat.sentAtMs - atMs
  if (Math.abs(skewMs) >= rules.clockMs) {
    reasons.push({ ...reason('clock_wrong', 'note', atMs), count: Math.round(skewMs / 1000) })
  }
  return reasons
}

function identity(facts: DeviceFacts, rules: HealthRules, nowMs: number): Reason[] {
  const { unprovenSinceMs, clonedSinceMs } = facts
  const reasons: Reason[] = []
  if (clonedSinceMs !== undefined) reasons.push(reason('cloned', 'at_risk', clonedSinceMs))
  if (unprovenSinceMs === undefined) return reasons
  const grade = nowMs - unprovenSinceMs >= rules.escrowAtRiskMs ? 'at_risk' : 'note'
  return [...reasons, reason('escrow_unproven', grade, unprovenSinceMs)]
}

function gradeOf(forMs: number, atRiskMs: number, unprotectedMs: number): 'note' | 'at_risk' | 'unprotected' {
  if (forMs >= unprotectedMs) return 'unprotected'
  return forMs >= atRiskMs ? 'at_risk' : 'note'
}

function reason(code: ReasonCode, grade: Grade, sinceMs: number): Reason {
  return { code, grade, sinceMs, count: 1, what: '' }
}
