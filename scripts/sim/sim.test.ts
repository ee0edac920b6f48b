// A fleet lives for some days while everything fails that a seed chooses, and heals when it fails no longer: simulate.ts.
// SEED=… begins there, SLOW=1 runs a hundred seeds of forty days. `npm run sim -- SEED --days N --events` shows one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './simulate.ts'

const isSlow = process.env.SLOW === '1'
const seeds = isSlow ? 100 : 1
const days = isSlow ? 40 : 3
const first = Number(process.env.SEED ?? Date.now() & 0xffffff)

test('whatever fails, nothing acknowledged is lost, and all heals when it fails no longer', async t => {
  t.diagnostic(`SEED=${first}`)
  for (let seed = first; seed < first + seeds; seed++) {
    const { wrong, acknowledged, weather } = await simulate({ seed, days })
    assert.deepEqual(wrong, [], `SEED=${seed}: npm run sim -- ${seed} --days ${days} --events`)
    assert(acknowledged > 10, JSON.stringify(weather))
  }
})

const found = [
  // The catalog was lost, and one read failed as it was made anew: the pack was not tried again before the next start.
  { seed: 2005, days: 6 },
]

test('seeds that found something once', async () => {
  for (const one of found) assert.deepEqual((await simulate(one)).wrong, [], JSON.stringify(one))
})

test('the same seed gives the same events, to the last one', async () => {
  const short = { seed: 2, days: 1, healingDays: 1 }
  const [a, b] = [await simulate(short), await simulate(short)]
  assert.equal(a.hash, b.hash)
  assert(a.events > 30)
  const other = await simulate({ ...short, seed: 3 })
  assert.notEqual(a.hash, other.hash)
})
