import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usualSettleMs as settleMs } from '@backstay/proto/rest/alerts'
import { type Alert, judgeAlerts } from './engine.ts'
import type { DeviceView, FleetFacts } from './facts.ts'
import { type AlertRule, firstRules } from './rules.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const t0 = 1_767_225_600_000

const rule = (changes: Partial<AlertRule> = {}): AlertRule => ({
  ...{ id: 'rule', kind: 'unprotected', name: 'a rule', enabled: true, severity: 'critical' },
  ...{ forMs: hourMs, repeatMs: dayMs, tellRecovery: true, channels: ['mail'], changedAtMs: 0 },
  ...changes,
})
const device = (changes: Partial<DeviceView> = {}): DeviceView => ({
  ...{
    device: 'aa',
    name: 'laptop',
    groups: [],
    state: 'protected',
    stateSinceMs: t0,
    lastContactMs: t0,
    reasons: [],
  },
  ...{ platform: 'linux x64', enrolledAtMs: t0, lastCompleteAtMs: t0, storedBytes: 0, unread: 0 },
  ...changes,
})
const facts = (devices: readonly DeviceView[] = [], changes: Partial<FleetFacts> = {}): FleetFacts => ({
  ...{ devices, storage: undefined, damagedObjects: 0, logFork: undefined, erasures: [], haltedReleases: [] },
  ...{ floods: [], clockHaltedUntilMs: undefined },
  ...changes,
})

/** Rules, and what became of their alerts so far. */
class Watch {
  made = 0
  alerts = new Map<string, Alert>()
  pending: ReadonlyMap<string, number> = new Map()
  rules: readonly AlertRule[]

  constructor(...rules: readonly AlertRule[]) {
    this.rules = rules
  }

  look(now: FleetFacts, nowMs: number): string[] {
    const open = [...this.alerts.values()].filter(({ recoveredAtMs }) => recoveredAtMs === undefined)
    const newId = () => `alert ${++this.made}`
    const judged = judgeAlerts({ rules: this.rules, facts: now, open, pending: this.pending, nowMs, newId })
    for (const alert of judged.changed) this.alerts.set(alert.id, alert)
    this.pending = judged.pending
    return judged.tell.map(({ event, alert }) => `${event} ${alert.id}`)
  }

  change(id: string, changes: Partial<Alert>): void {
    this.alerts.set(id, { ...(this.alerts.get(id) ?? assert.fail()), ...changes })
  }
}

const bad = facts([device({ state: 'unprotected' })])
const good = facts([device()])

test('it is told once when it lasted long enough, again after a day, and when it is over', () => {
  const watch = new Watch(rule())
  assert.deepEqual(watch.look(bad, t0 + hourMs - 1), [])
  assert.deepEqual(watch.look(bad, t0 + hourMs), ['raised alert 1'])
  assert.deepEqual(watch.look(bad, t0 + 2 * hourMs), [])
  assert.deepEqual(watch.look(bad, t0 + hourMs + dayMs), ['repeated alert 1'])
  const well = t0 + 2 * dayMs
  assert.deepEqual(watch.look(good, well), [])
  assert.deepEqual(watch.look(good, well + settleMs), ['recovered alert 1'])
  assert.deepEqual(watch.look(good, well + 2 * settleMs), [])
})

test('what flaps is one alert', () => {
  const watch = new Watch(rule())
  const told: string[] = []
  for (let minute = 0; minute < 60; minute++) {
    told.push(...watch.look(minute % 4 < 2 ? bad : good, t0 + hourMs + minute * 60_000))
  }
  assert.deepEqual(told, ['raised alert 1'])
})

test('a rule says itself how long all must be well until it is over: at once, or half a day', () => {
  const watch = new Watch(rule({ settleMs: 0 }))
  watch.look(bad, t0 + hourMs)
  assert.deepEqual(watch.look(good, t0 + hourMs + 60_000), ['recovered alert 1'])
  const patient = new Watch(rule({ settleMs: dayMs / 2 }))
  patient.look(bad, t0 + hourMs)
  patient.look(good, t0 + 2 * hourMs)
  assert.deepEqual(patient.look(good, t0 + 13 * hourMs), [])
  assert.deepEqual(patient.look(good, t0 + 14 * hourMs), ['recovered alert 1'])
})

test('an acknowledged alert is not repeated, but its end is told', () => {
  const watch = new Watch(rule())
  watch.look(bad, t0 + hourMs)
  watch.change('alert 1', { acknowledgedAtMs: t0 + hourMs, acknowledgedBy: 'person:a' })
  assert.deepEqual(watch.look(bad, t0 + 9 * dayMs), [])
  watch.look(good, t0 + 10 * dayMs)
  assert.deepEqual(watch.look(good, t0 + 10 * dayMs + settleMs), ['recovered alert 1'])
})

test('a muted alert is silent until then, and told again if it lasts', () => {
  const watch = new Watch(rule())
  watch.look(bad, t0 + hourMs)
  watch.change('alert 1', { mutedUntilMs: t0 + 5 * dayMs })
  assert.deepEqual(watch.look(bad, t0 + 4 * dayMs), [])
  assert.deepEqual(watch.look(bad, t0 + 5 * dayMs), ['repeated alert 1'])
  watch.change('alert 1', { mutedUntilMs: t0 + 8 * dayMs })
  watch.look(good, t0 + 6 * dayMs)
  assert.deepEqual(watch.look(good, t0 + 6 * dayMs + settleMs), [])
  assert.equal(watch.alerts.get('alert 1')?.recoveredAtMs, t0 + 6 * dayMs + settleMs)
})

test('a rule that is switched off or deleted ends its alerts in silence', () => {
  const watch = new Watch(rule())
  watch.look(bad, t0 + hourMs)
  watch.rules = [rule({ enabled: false })]
  assert.deepEqual(watch.look(bad, t0 + 2 * hourMs), [])
  assert.equal(watch.alerts.get('alert 1')?.recoveredAtMs, t0 + 2 * hourMs)
})

test('five hundred devices that fall silent at once are five hundred alerts of one look', () => {
  const watch = new Watch(rule({ kind: 'silent', threshold: 7, forMs: 0 }))
  const devices = Array.from({ length: 500 }, (_, n) => device({ device: `d${n}`, name: `laptop ${n}` }))
  assert.equal(watch.look(facts(devices), t0 + 7 * dayMs).length, 500)
})

test('a rule for some groups leaves the others alone, and retired devices are nobody’s worry', () => {
  const watch = new Watch(rule({ groups: ['design'], forMs: 0 }))
  const state = 'unprotected' as const
  const devices = [
    device({ device: 'in', state, groups: ['all', 'design'] }),
    device({ device: 'out', state, groups: ['all'] }),
    device({ device: 'gone', state: 'retired', groups: ['design'] }),
  ]
  assert.equal(watch.look(facts(devices), t0).length, 1)
  assert.equal([...watch.alerts.values()][0]?.subject, 'in')
})

test('a share around its threshold raises once and ends only two points beyond', () => {
  const watch = new Watch(rule({ kind: 'storage_low', threshold: 10, forMs: 0 }))
  const free = (percent: number) =>
    facts([], { storage: { diskBytes: 1000, freeBytes: percent * 10, fullAtMs: undefined } })
  assert.deepEqual(watch.look(free(10.5), t0), [])
  assert.deepEqual(watch.look(free(9.9), t0 + 1), ['raised alert 1'])
  assert.deepEqual(watch.look(free(11.5), t0 + 2), [])
  assert.equal(watch.alerts.get('alert 1')?.quietSinceMs, undefined)
  watch.look(free(12.5), t0 + 3)
  assert.deepEqual(watch.look(free(12.5), t0 + 3 + settleMs), ['recovered alert 1'])
})

test('what has no beginning of its own counts from when it was seen first', () => {
  const watch = new Watch(rule({ kind: 'coverage_drop', threshold: 90, forMs: hourMs }))
  assert.deepEqual(watch.look(bad, t0), [])
  assert.deepEqual(watch.look(bad, t0 + hourMs / 2), [])
  assert.deepEqual(watch.look(bad, t0 + hourMs), ['raised alert 1'])
  const calm = new Watch(rule({ kind: 'coverage_drop', threshold: 90, forMs: hourMs }))
  calm.look(bad, t0)
  calm.look(good, t0 + 1)
  assert.deepEqual(calm.look(bad, t0 + hourMs), [])
})

test('each of the first rules finds what it is named for, and nothing in a healthy fleet', () => {
  const reason = (code: string, what = '') => ({
    code: code as never,
    what,
    sinceMs: t0 - 30 * dayMs,
    count: 5000,
  })
  const sick = facts(
    [
      device({ device: '1', state: 'unprotected', stateSinceMs: t0 - dayMs, lastContactMs: t0 - 30 * dayMs }),
      device({ device: '2', state: 'never_backed_up', stateSinceMs: t0 - 2 * dayMs }),
      device({
        ...{ device: '3', state: 'at_risk', stateSinceMs: t0 - 2 * dayMs },
        reasons: [
          ...[
            reason('files_not_read', 'locked'),
            reason('escrow_unproven'),
            reason('order_refused'),
            reason('cloned'),
          ],
          ...[reason('alarm', 'policy_stale'), reason('alarm', 'log_rewritten')],
        ],
      }),
    ],
    {
      ...{ damagedObjects: 2, logFork: { kind: 'log_rolled_back', sinceMs: t0 } },
      erasures: [{ device: '9', name: 'gone', countsFromMs: t0 + 7 * dayMs }],
      haltedReleases: ['1.4.0'],
      ...{ floods: [{ device: '8', name: 'mad', refused: 400 }], clockHaltedUntilMs: t0 },
      storage: { diskBytes: 100, freeBytes: 1, fullAtMs: undefined },
    },
  )
  const rules = firstRules.map(one => rule({ ...one, id: one.kind, forMs: 0 }))
  const watch = new Watch(...rules)
  watch.look(sick, t0)
  assert.deepEqual(
    [...watch.alerts.values()].map(({ kind }) => kind).sort(),
    rules.map(({ kind }) => kind).sort(),
  )
  assert.deepEqual(new Watch(...rules).look(good, t0 + dayMs), [])
})
