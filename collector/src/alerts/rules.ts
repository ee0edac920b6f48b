/** When an alert is raised, and what a new fleet begins with. */
import type { AlertKind, Severity } from '@backstay/proto/rest/alerts'

export interface AlertRule {
  /** 16 bytes, lower-case hex. */
  readonly id: string
  readonly kind: AlertKind
  readonly name: string
  readonly enabled: boolean
  readonly severity: Severity
  /** silent: days. unread: files. coverage_drop: percent protected. storage_low: percent free. */
  readonly threshold?: number | undefined
  readonly forMs: number
  readonly repeatMs: number
  /** What comes back within this time never was gone. Undefined: the usual. */
  readonly settleMs?: number | undefined
  readonly tellRecovery: boolean
  readonly groups?: readonly string[] | undefined
  /** Empty: all. */
  readonly channels: readonly string[]
  readonly changedAtMs: number
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

type Beginning = Pick<AlertRule, 'kind' | 'name' | 'severity' | 'forMs' | 'repeatMs'> & {
  readonly threshold?: number
}

/**
 * Said by what people can act on: a laptop that is off over a weekend is no alert, one that is gone for a week is. Told again
 * once a week at most, or people filter their mail.
 */
export const firstRules: readonly Beginning[] = [
  {
    kind: 'unprotected',
    name: 'A device is unprotected',
    severity: 'critical',
    forMs: hourMs,
    repeatMs: 7 * dayMs,
  },
  {
    kind: 'silent',
    name: 'A device is silent for a week',
    severity: 'warning',
    threshold: 7,
    forMs: 0,
    repeatMs: 7 * dayMs,
  },
  {
    kind: 'never_backed_up',
    name: 'A device was never backed up',
    severity: 'warning',
    forMs: dayMs,
    repeatMs: 7 * dayMs,
  },
  {
    kind: 'at_risk',
    name: 'A device is at risk for a day',
    severity: 'warning',
    forMs: dayMs,
    repeatMs: 7 * dayMs,
  },
  {
    kind: 'unread',
    name: 'Many files of a device are not read',
    severity: 'warning',
    threshold: 1000,
    forMs: dayMs,
    repeatMs: 0,
  },
  {
    kind: 'escrow_unproven',
    name: 'Nobody proved that a device can be restored',
    severity: 'warning',
    forMs: 7 * dayMs,
    repeatMs: 7 * dayMs,
  },
  {
    kind: 'policy_refused',
    name: 'A device refuses an order',
    severity: 'warning',
    forMs: hourMs,
    repeatMs: 0,
  },
  { kind: 'policy_stale', name: 'A policy is past its end', severity: 'warning', forMs: 0, repeatMs: 0 },
  { kind: 'clone', name: 'Two machines use one identity', severity: 'warning', forMs: 0, repeatMs: 0 },
  {
    kind: 'device_log_fork',
    name: 'A device saw another log',
    severity: 'critical',
    forMs: 0,
    repeatMs: 7 * dayMs,
  },
  {
    kind: 'coverage_drop',
    name: 'Fewer than 90 % of the devices are protected',
    severity: 'critical',
    threshold: 90,
    forMs: 30 * minuteMs,
    repeatMs: dayMs,
  },
  {
    kind: 'storage_low',
    name: 'The storage is nearly full',
    severity: 'critical',
    threshold: 10,
    forMs: 10 * minuteMs,
    repeatMs: dayMs,
  },
  { kind: 'scrub_damage', name: 'Stored data is damaged', severity: 'critical', forMs: 0, repeatMs: dayMs },
  {
    kind: 'erase_waits',
    name: 'Snapshots of a device are about to be erased',
    severity: 'critical',
    forMs: 0,
    repeatMs: dayMs,
  },
  {
    kind: 'release_halted',
    name: 'A release of the agent is held back',
    severity: 'critical',
    forMs: 0,
    repeatMs: dayMs,
  },
  {
    kind: 'commit_flood',
    name: 'A device commits without end',
    severity: 'critical',
    forMs: 0,
    repeatMs: dayMs,
  },
  {
    kind: 'clock_halted',
    name: 'The clock jumped, and nothing is deleted',
    severity: 'critical',
    forMs: 0,
    repeatMs: dayMs,
  },
  {
    kind: 'log_fork',
    name: 'This log is not the one that a witness saw',
    severity: 'critical',
    forMs: 0,
    repeatMs: 7 * dayMs,
  },
]
