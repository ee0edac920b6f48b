/**
 * From what is found to what is told: a pure function, so that every way an alert can go is tested without a fleet.
 *
 *     found long enough  → raised, told
 *     still found        → told again after `repeatMs`, unless somebody acknowledged or muted it
 *     found no more      → after the rule's quiet time recovered, told to whom it was told before
 *
 * An alert is one rule and one subject: while it is open it is not raised again.
 */
import { usualSettleMs } from '@backstay/proto/rest/alerts'
import type { FleetFacts } from './facts.ts'
import { type Finding, findingsOf } from './findings.ts'
import type { AlertRule } from './rules.ts'

export interface Alert {
  /** 16 bytes, lower-case hex. */
  readonly id: string
  readonly rule: string
  readonly kind: AlertRule['kind']
  readonly severity: AlertRule['severity']
  /** Device id; empty: the fleet. */
  readonly subject: string
  readonly name?: string | undefined
  readonly what: string
  readonly remedy: string
  readonly sinceMs: number
  readonly raisedAtMs: number
  readonly toldAtMs: number
  readonly acknowledgedAtMs?: number | undefined
  readonly acknowledgedBy?: string | undefined
  readonly mutedUntilMs?: number | undefined
  /** Since when it is found no more. */
  readonly quietSinceMs?: number | undefined
  readonly recoveredAtMs?: number | undefined
}

export interface Telling {
  readonly event: 'raised' | 'repeated' | 'recovered'
  readonly alert: Alert
  /** Ids; empty: all. */
  readonly channels: readonly string[]
}

export interface Judged {
  /** New ones and those that became other. */
  readonly changed: readonly Alert[]
  readonly tell: readonly Telling[]
  /** Found, but not for long enough: since when. Given back at the next step. */
  readonly pending: ReadonlyMap<string, number>
}

export interface Judging {
  readonly rules: readonly AlertRule[]
  readonly facts: FleetFacts
  /** Those that have not recovered. */
  readonly open: readonly Alert[]
  readonly pending: ReadonlyMap<string, number>
  readonly nowMs: number
  newId(): string
}

export function judgeAlerts({ rules, facts, open, pending, nowMs, newId }: Judging): Judged {
  const changed: Alert[] = []
  const tell: Telling[] = []
  const waiting = new Map<string, number>()
  const bySubject = new Map(open.map(alert => [keyOf(alert.rule, alert.subject), alert]))

  for (const rule of rules.filter(({ enabled }) => enabled)) {
    const told = (event: Telling['event'], alert: Alert) => {
      changed.push(alert)
      if (!isMuted(alert, nowMs)) tell.push({ event, alert, channels: rule.channels })
    }
    for (const finding of findingsOf(rule, facts, nowMs)) {
      const key = keyOf(rule.id, finding.subject)
      const known = bySubject.get(key)
      bySubject.delete(key)
      if (known !== undefined) goOn(rule, known, finding, told)
      else if (finding.level === 'raise') begin(rule, key, finding, told)
    }
  }

  // What is left was found by no rule any more.
  for (const alert of bySubject.values()) {
    const rule = rules.find(({ id, enabled }) => id === alert.rule && enabled)
    const quietSinceMs = alert.quietSinceMs ?? nowMs
    if (rule !== undefined && nowMs - quietSinceMs < (rule.settleMs ?? usualSettleMs)) {
      if (alert.quietSinceMs === undefined) changed.push({ ...alert, quietSinceMs })
      continue
    }
    const recovered = { ...alert, quietSinceMs, recoveredAtMs: nowMs }
    changed.push(recovered)
    if (rule?.tellRecovery && !isMuted(alert, nowMs)) {
      tell.push({ event: 'recovered', alert: recovered, channels: rule.channels })
    }
  }
  return { changed, tell, pending: waiting }

  function begin(
    rule: AlertRule,
    key: string,
    finding: Finding,
    told: (event: 'raised', alert: Alert) => void,
  ) {
    const sinceMs = finding.sinceMs ?? pending.get(key) ?? nowMs
    if (nowMs - sinceMs < rule.forMs) {
      if (finding.sinceMs === undefined) waiting.set(key, sinceMs)
      return
    }
    const { level: _, ...said } = finding
    const { kind, severity } = rule
    told('raised', {
      ...{ id: newId(), rule: rule.id, kind, severity, ...said, sinceMs, raisedAtMs: nowMs, toldAtMs: nowMs },
    })
  }

  function goOn(
    rule: AlertRule,
    known: Alert,
    finding: Finding,
    told: (event: 'repeated', alert: Alert) => void,
  ) {
    const { what, remedy, name } = finding
    const { severity } = rule
    const now: Alert = { ...known, what, remedy, name, severity, quietSinceMs: undefined }
    if (isDue(rule, now, nowMs)) return told('repeated', { ...now, toldAtMs: nowMs, mutedUntilMs: undefined })
    const isOther = known.what !== what || known.severity !== severity || known.quietSinceMs !== undefined
    if (isOther) changed.push(now)
  }
}

function isDue(rule: AlertRule, { toldAtMs, mutedUntilMs, acknowledgedAtMs }: Alert, nowMs: number): boolean {
  if (acknowledgedAtMs !== undefined) return false
  // A mute that ended: it is still so.
  if (mutedUntilMs !== undefined) return nowMs >= mutedUntilMs
  return rule.repeatMs > 0 && nowMs - toldAtMs >= rule.repeatMs
}

function isMuted({ mutedUntilMs }: Alert, nowMs: number): boolean {
  return mutedUntilMs !== undefined && nowMs < mutedUntilMs
}

const keyOf = (rule: string, subject: string) => `${rule} ${subject}`
