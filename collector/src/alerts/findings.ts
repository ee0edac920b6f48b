/** What one rule finds wrong now: a pure function of the fleet's facts and the time. */

import { coverageOf, type DeviceView, type FleetFacts } from './facts.ts'
import type { AlertRule } from './rules.ts'
import { agoText } from './words.ts'

export interface Finding {
  /** The device, lower-case hex; empty: the fleet. */
  readonly subject: string
  readonly name?: string | undefined
  readonly what: string
  readonly remedy: string
  /** Since when it is so; undefined: since it was found first. */
  readonly sinceMs?: number | undefined
  /** hold: not bad enough to begin an alert, too bad to end one. */
  readonly level: 'raise' | 'hold'
}

const dayMs = 86_400_000
/** A share that swings around its threshold raises one alert, not twenty. In percentage points. */
const slackPoints = 2

export function findingsOf(rule: AlertRule, facts: FleetFacts, nowMs: number): readonly Finding[] {
  const found = fleetFinding(rule, facts)
  if (found !== undefined) return found
  return facts.devices.flatMap(device => {
    if (device.state === 'retired' || !isMeant(rule, device)) return []
    const finding = deviceFinding(rule, device, nowMs)
    return finding === undefined ? [] : [{ ...finding, subject: device.device, name: device.name }]
  })
}

function isMeant({ groups }: AlertRule, device: DeviceView): boolean {
  return groups === undefined || groups.some(group => device.groups.includes(group))
}

/** Undefined: the rule is about devices. */
function fleetFinding(rule: AlertRule, facts: FleetFacts): readonly Finding[] | undefined {
  switch (rule.kind) {
    case 'coverage_drop':
      return coverageFinding(rule.threshold ?? 90, facts)
    case 'storage_low':
      return storageFinding(rule.threshold ?? 10, facts)
    case 'scrub_damage':
      if (facts.damagedObjects === 0) return []
      return [
        {
          ...{ subject: '', level: 'raise' },
          what: `${facts.damagedObjects} stored object(s) are damaged or missing`,
          remedy:
            'see which snapshots need them: backstay-collector scrub status; devices that still have the files heal them with their next backup',
        },
      ]
    case 'log_fork':
      if (facts.logFork === undefined) return []
      return [
        {
          ...{ subject: '', level: 'raise', sinceMs: facts.logFork.sinceMs },
          what: `a witness saw another log than this collector has (${facts.logFork.kind})`,
          remedy:
            'if this collector was put back from a copy, that is why; else somebody may hold its key: operations.md §7',
        },
      ]
    case 'erase_waits':
      return facts.erasures.map(({ device, name, countsFromMs }) => ({
        ...{ subject: device, name, level: 'raise' },
        what: `an owner lets go of all that ${name} backed up, from ${new Date(countsFromMs).toISOString().slice(0, 10)} on`,
        remedy: `if that is not meant: backstay hold add --device ${device}`,
      }))
    case 'commit_flood':
      return facts.floods.map(({ device, name, refused }) => ({
        ...{ subject: device, name, level: 'raise' },
        what: `${name} commits without end: ${refused} commits were refused`,
        remedy: `no older snapshot goes by it; see what runs on that machine, or: backstay retire ${name}`,
      }))
    case 'clock_halted':
      if (facts.clockHaltedUntilMs === undefined) return []
      return [
        {
          ...{ subject: '', level: 'raise' },
          what: 'the clock of the collector jumped: no snapshot is deleted for now',
          remedy: 'set the clock right; deletion goes on by itself after three quiet days',
        },
      ]
    case 'release_halted':
      return facts.haltedReleases.map(version => ({
        ...{ subject: '', level: 'raise' },
        what: `release ${version} of the agent is handed out no further: devices that took it are worse than the others`,
        remedy: 'see what they say; then make a newer release, or: backstay-collector release go',
      }))
    default:
      return undefined
  }
}

function coverageFinding(percent: number, { devices }: FleetFacts): readonly Finding[] {
  const coverage = coverageOf(devices)
  if (coverage === undefined || coverage * 100 >= percent + slackPoints) return []
  const shown = Math.floor(coverage * 1000) / 10
  return [
    {
      ...{ subject: '', level: coverage * 100 < percent ? 'raise' : 'hold' },
      what: `${shown} % of the devices are protected, fewer than ${percent} %`,
      remedy: 'see which are not: backstay devices',
    },
  ]
}

function storageFinding(percent: number, { storage }: FleetFacts): readonly Finding[] {
  if (storage === undefined || storage.diskBytes === 0) return []
  const free = (100 * storage.freeBytes) / storage.diskBytes
  if (free >= percent + slackPoints) return []
  return [
    {
      ...{ subject: '', level: free < percent ? 'raise' : 'hold' },
      what: `${Math.floor(free * 10) / 10} % of the storage is free`,
      remedy: 'add disk space, or let the policy keep less; at a full disk no backup is taken',
    },
  ]
}

/** In words about one device. */
function deviceFinding(
  { kind, threshold }: AlertRule,
  device: DeviceView,
  nowMs: number,
): Omit<Finding, 'subject' | 'name'> | undefined {
  const { state, stateSinceMs, name, reasons } = device
  const open = `backstay devices ${name}`
  const because = (code: string) => reasons.find(reason => reason.code === code)
  switch (kind) {
    case 'silent': {
      const days = threshold ?? 7
      if (nowMs - device.lastContactMs < days * dayMs) return undefined
      const what = `${name} was not heard of since ${agoText(device.lastContactMs, nowMs)}`
      const remedy = 'find the machine, or retire it; its backups stay'
      return { level: 'raise', sinceMs: device.lastContactMs, what, remedy }
    }
    case 'unprotected':
    case 'at_risk':
    case 'never_backed_up':
      if (state !== kind) return undefined
      return {
        ...{ level: 'raise', sinceMs: stateSinceMs },
        what: `${name} ${stateWords[kind]} since ${agoText(stateSinceMs, nowMs)}${whyText(device)}`,
        remedy: open,
      }
    case 'unread': {
      const unread = reasons.filter(({ code }) => code === 'files_not_read')
      const count = unread.reduce((sum, reason) => sum + reason.count, 0)
      const least = threshold ?? 1000
      if (count < least / 2) return undefined
      const sinceMs = Math.min(...unread.map(reason => reason.sinceMs))
      const level = count < least ? 'hold' : 'raise'
      return { level, sinceMs, what: `${count} files of ${name} are not read`, remedy: open }
    }
    case 'escrow_unproven':
      return reasonFinding(
        because('escrow_unproven'),
        `nobody proved yet that ${name} can be restored`,
        'backstay prove',
      )
    case 'policy_refused':
      return reasonFinding(
        because('order_refused'),
        `${name} refuses an order`,
        `see why: backstay policy show ${name}`,
      )
    case 'clone':
      return reasonFinding(
        because('cloned'),
        `two machines use the identity of ${name}`,
        'enroll one of them anew: backstay token',
      )
    case 'policy_stale':
      return reasonFinding(
        reasons.find(({ code, what }) => code === 'alarm' && what === 'policy_stale'),
        `the policy that ${name} obeys is past its end`,
        'sign it anew: backstay policy',
      )
    case 'device_log_fork':
      return reasonFinding(
        reasons.find(({ code, what }) => code === 'alarm' && what.startsWith('log_')),
        `${name} was shown another log of this collector before`,
        'if the collector was put back from a copy, that is why; else compare: backstay devices',
      )
    default:
      return undefined
  }
}

const stateWords = {
  unprotected: 'is unprotected',
  at_risk: 'is at risk',
  never_backed_up: 'was never backed up, enrolled',
} as const

function whyText({ reasons, state }: DeviceView): string {
  const [first] = reasons
  return first === undefined || first.code === state ? '' : ` (${first.code.replaceAll('_', ' ')})`
}

function reasonFinding(
  reason: DeviceView['reasons'][number] | undefined,
  what: string,
  remedy: string,
): Omit<Finding, 'subject' | 'name'> | undefined {
  return reason && { level: 'raise', sinceMs: reason.sinceMs, what, remedy }
}
