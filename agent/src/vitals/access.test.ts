import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { type AccessProbe, accessLedger, lookAtAccess } from './access.ts'

const roots = [utf8('/home'), utf8('/srv')]
const open: AccessProbe = { fullDisk: async () => true, list: async () => true }

test('what is kept from the agent is told with since when, and no longer when it was given', async () => {
  const clock = simulatedClock()
  const ledger = accessLedger(clock)
  await lookAtAccess(ledger, roots, clock, {
    fullDisk: async () => false,
    list: async root => root !== roots[1],
  })
  ledger.note('vss_failed', 2)
  await clock.advance(60_000)
  ledger.note('vss_failed', 1)
  assert.deepEqual(ledger.troubles(), [
    { code: 'full_disk_access', count: 1, forMs: 60_000 },
    { code: 'unreadable_root', count: 1, forMs: 60_000 },
    { code: 'vss_failed', count: 1, forMs: 60_000 },
  ])
  await lookAtAccess(ledger, roots, clock, open)
  ledger.note('vss_failed', 0)
  assert.deepEqual(ledger.troubles(), [])
})

test('what nobody can tell changes nothing, and who does not answer is not waited for', async () => {
  const clock = simulatedClock()
  const ledger = accessLedger(clock)
  await lookAtAccess(ledger, roots, clock, { fullDisk: async () => false, list: async () => false })
  const before = ledger.troubles()
  await lookAtAccess(ledger, roots, clock, { fullDisk: async () => undefined, list: async () => undefined })
  assert.deepEqual(ledger.troubles(), before)
  const never = () => new Promise<undefined>(() => undefined)
  const looked = lookAtAccess(ledger, roots, clock, { fullDisk: never, list: never })
  await clock.advance(2_000)
  await looked
  assert.equal(ledger.troubles().length, 2)
})

test('a root that does not answer is asked once, however often somebody looks', async () => {
  // Each heartbeat held one more of the few threads that files have, until the agent could write none.
  const clock = simulatedClock()
  const mount = utf8('/mnt/server')
  let asked = 0
  let answer: (given: boolean) => void = () => undefined
  const list = () => {
    asked++
    return new Promise<boolean>(resolve => {
      answer = resolve
    })
  }
  for (let minute = 0; minute < 5; minute++) {
    const looked = lookAtAccess(accessLedger(clock), [mount], clock, { fullDisk: async () => true, list })
    await clock.advance(2_000)
    await looked
  }
  assert.equal(asked, 1)
  answer(true)
  await clock.advance(0)
  const looked = lookAtAccess(accessLedger(clock), [mount], clock, { fullDisk: async () => true, list })
  await clock.advance(2_000)
  await looked
  assert.equal(asked, 2, 'it is back')
  answer(true)
})

test('this machine can be asked, and a root that is not there is nothing of this', async () => {
  const clock = simulatedClock()
  const ledger = accessLedger(clock)
  await lookAtAccess(ledger, [utf8('/'), utf8('/there/is/none')], clock)
  assert.deepEqual(ledger.troubles(), [])
})
