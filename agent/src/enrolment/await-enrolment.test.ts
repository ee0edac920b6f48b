import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '@backstay/proto/failure'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import type { DeviceIdentity } from '../keys/identity.ts'
import { type AwaitingOptions, awaitEnrolment } from './await-enrolment.ts'
import { enrolmentSentence } from './enrolment-status.ts'

const identity = { device: 'd', fleet: 'f' } as unknown as DeviceIdentity
const minuteMs = 60_000
const unreachable = new Failure('unreachable', 'the collector cannot be reached', { remedy: 'retry' })
const usedUp = new Failure('grant_used_up', 'the enrolment token was used as often as it may be')

/** Places and what lies in them; what the collector says to each token; what came to pass. */
function world(places: Record<string, string | Failure | undefined>, begun: string[] = []) {
  const clock = simulatedClock()
  const tried: string[] = []
  const spent: string[] = []
  const logged: string[] = []
  const verdicts = new Map<string, unknown>()
  const options: AwaitingOptions = {
    clock,
    random: () => 1,
    log: (level, fact, fields) => logged.push(`${level} ${fact} ${JSON.stringify(fields ?? {})}`),
    sources: Object.keys(places).map(place => ({
      place,
      async read() {
        const there = places[place]
        if (there instanceof Failure) throw there
        return there
      },
      async spend() {
        spent.push(place)
      },
    })),
    wasBegun: async token => begun.includes(token),
    async enroll(token) {
      tried.push(token)
      const verdict = verdicts.get(token)
      if (verdict !== undefined) throw verdict
      return identity
    },
  }
  const stop = new AbortController()
  const awaiting = awaitEnrolment(options)
  let outcome: unknown
  const run = awaiting.run(stop.signal).then(
    one => {
      outcome = one
    },
    error => {
      outcome = error
    },
  )
  const said = () => enrolmentSentence(awaiting.status)
  return {
    ...{ clock, places, tried, spent, logged, verdicts, awaiting, stop, run, said },
    outcome: () => outcome,
  }
}

test('a token that comes later is found within a minute, used once and spent', async () => {
  const one = world({ '/etc/backstay/token': undefined })
  await one.clock.advance(90 * minuteMs)
  assert.equal(one.said(), 'not protected: not enrolled yet; put a token into /etc/backstay/token')
  assert.equal(one.logged.length, 1, 'said once, not each minute')
  one.places['/etc/backstay/token'] = 'good'
  await one.clock.advance(minuteMs)
  assert.equal(one.outcome(), identity)
  assert.deepEqual([one.tried, one.spent], [['good'], ['/etc/backstay/token']])
})

test('a collector that is not reached is tried for ever, later each time, and never more than ten minutes apart', async () => {
  const one = world({ a: 'good', b: 'other' })
  one.verdicts.set('good', unreachable)
  await one.clock.advance(24 * 60 * minuteMs)
  assert.ok(!one.tried.includes('other'), 'the next token may lead elsewhere')
  assert.ok(one.tried.length > 140 && one.tried.length < 200, `${one.tried.length} tries in a day`)
  assert.match(
    one.said(),
    /^not protected: not enrolled yet: the collector cannot be reached; tried again at 2026-/,
  )
  assert.equal(one.logged.length, 1)
  one.verdicts.clear()
  await one.clock.advance(10 * minuteMs)
  assert.equal(one.outcome(), identity)
})

test('a clock that is set back does not hold anything up', async () => {
  const one = world({ a: 'good' })
  one.verdicts.set('good', unreachable)
  await one.clock.advance(30 * minuteMs)
  one.clock.jumpTo(Date.UTC(2020, 0, 1))
  one.verdicts.clear()
  await one.clock.advance(10 * minuteMs)
  assert.equal(one.outcome(), identity)
})

test('a refused token that stands behind one that is not answered is no reason to run in circles', async () => {
  const one = world({ a: undefined, b: 'used' })
  one.verdicts.set('used', usedUp)
  one.verdicts.set('good', unreachable)
  await one.clock.advance(9 * minuteMs)
  one.places.a = 'good'
  await one.clock.advance(60 * minuteMs)
  assert.ok(one.tried.length < 20, `${one.tried.length}`)
})

test('a refused token is named, makes room for the next one, and is asked about every ten minutes at most', async () => {
  const one = world({ a: 'used', b: undefined })
  one.verdicts.set('used', usedUp)
  await one.clock.advance(60 * minuteMs)
  assert.ok(one.tried.length <= 7, `${one.tried.length} tries in an hour`)
  assert.match(
    one.said(),
    /the token in a does not let this device in: the enrolment token was used as often/,
  )
  one.places.b = 'good'
  await one.clock.advance(minuteMs)
  assert.equal(one.outcome(), identity)
  assert.deepEqual(one.spent, ['b'])
})

test('a newer token in the same place is tried at once when it is seen', async () => {
  const one = world({ a: 'used' })
  one.verdicts.set('used', usedUp)
  await one.clock.advance(1)
  one.places.a = 'good'
  await one.clock.advance(minuteMs)
  assert.equal(one.outcome(), identity)
})

test('a token that is not safely kept is not used, and status says how to mend it', async () => {
  const open = new Failure('token_unsafe', 'others may read it', { hint: 'chmod 600 a' })
  const one = world({ a: open })
  await one.clock.advance(5 * minuteMs)
  assert.deepEqual(one.tried, [])
  assert.equal(one.awaiting.status.standing, 'refused')
  assert.equal(one.awaiting.status.failure?.hint, 'chmod 600 a')
  assert.equal(one.logged.length, 1)
})

test('a full disk of this machine is no fault of the token', async () => {
  const one = world({ a: 'good', b: 'other' })
  one.verdicts.set('good', new Failure('file_unwritable', '"x" cannot be written (ENOSPC)'))
  await one.clock.advance(minuteMs)
  assert.equal(one.awaiting.status.standing, 'not_yet')
  assert.ok(!one.tried.includes('other'))
  one.verdicts.set('good', new Error('something unforeseen'))
  await one.clock.advance(10 * minuteMs)
  assert.match(one.said(), /something unforeseen/)
  one.verdicts.clear()
  await one.clock.advance(10 * minuteMs)
  assert.equal(one.outcome(), identity)
})

test('the token of an enrolment that was cut comes first: the collector may know this device already', async () => {
  const one = world({ a: 'used', b: 'begun' }, ['begun'])
  one.verdicts.set('begun', unreachable)
  await one.clock.advance(60 * minuteMs)
  assert.ok(one.tried.every(token => token === 'begun'))
})

test('a token that is brought by hand is tried at once, and whoever brings it learns what became of it', async () => {
  const one = world({ a: undefined })
  await one.clock.advance(1)
  one.verdicts.set('wrong', usedUp)
  const refused = assert.rejects(one.awaiting.hand('wrong', {}), { code: 'grant_used_up' })
  await one.clock.advance(0)
  await refused
  const taken = one.awaiting.hand('good', { name: 'laptop', keychain: 'file' })
  const late = assert.rejects(one.awaiting.hand('late', {}), { code: 'already_enrolled' })
  await one.clock.advance(0)
  assert.equal(await taken, identity)
  await late
  assert.equal(one.outcome(), identity)
  assert.deepEqual(one.spent, [])
})

test('what it says never holds a token', async () => {
  const one = world({ a: 'secret-token', b: 'secret-other' })
  one.verdicts.set('secret-token', usedUp)
  one.verdicts.set('secret-other', unreachable)
  await one.clock.advance(60 * minuteMs)
  assert.ok(!JSON.stringify([one.logged, one.awaiting.status, one.said()]).includes('secret'))
})

test('it ends when it is told to, waiting or trying', async () => {
  const one = world({ a: undefined })
  await one.clock.advance(minuteMs)
  one.stop.abort(new Error('told to end'))
  await one.run
  assert.match(String(one.outcome()), /told to end/)
  assert.equal(one.clock.sleeping, 0)
})

test('a spent token that cannot be removed is said, and the device is a member all the same', async () => {
  const one = world({ a: undefined })
  one.places.a = 'good'
  const [source] = [{ place: 'a' }]
  assert.ok(source)
  const { run } = awaitEnrolment({
    clock: one.clock,
    random: () => 0,
    log: (_, fact) => one.logged.push(fact),
    sources: [
      {
        place: 'a',
        read: async () => 'good',
        spend: async () => Promise.reject(new Error('read-only file system')),
      },
    ],
    wasBegun: async () => false,
    enroll: async () => identity,
  })
  assert.equal(await run(one.stop.signal), identity)
  assert.ok(one.logged.includes('a used token could not be removed'))
})
