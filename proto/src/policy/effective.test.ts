// Layers of policy: what they add up to, whatever came when. SEED repeats a run.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { hex, utf8 } from '../bytes.ts'
import { nodePrimitives as p } from '../node.ts'
import { addUp, effectivePolicy, type Layer, layersOf } from './effective.ts'
import { decodePolicy, encodePolicy, type Policy } from './policy.ts'
import { keyOf, type LayerSetting } from './settings.ts'
import { concerning, groupDepthMax, standingHash, standingOf } from './standing.ts'
import { groupIds, place, policyFor, settings, standingOrder } from './testing/arbitrary.ts'
import { wishesOf } from './wishes.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const numRuns = process.env.SLOW ? 5000 : 300
const check = (property: fc.IRawProperty<unknown>) => fc.assert(property, { seed, numRuns })
const orders = fc.array(standingOrder, { maxLength: 24 })

const layers: fc.Arbitrary<Layer[]> = fc.array(settings, { maxLength: 5 }).chain(all =>
  fc.tuple(...all.map(() => policyFor([]))).map(policies =>
    policies.map((policy, index) => ({
      policy: { ...policy, settings: all[index] ?? [] },
      source: { layer: 'group', id: String(index), name: `layer ${index}` } as const,
    })),
  ),
)

test('a setting that is locked is never overridden, and says whom it held back', () => {
  check(
    fc.property(layers, all => {
      const { settings } = addUp(all)
      for (const [key, { setting, source, heldBack }] of settings) {
        const named = all.filter(({ policy }) => policy.settings.some(one => keyOf(one) === key))
        const locking = named.find(({ policy }) =>
          policy.settings.some(one => keyOf(one) === key && one.locked),
        )
        const winner = locking ?? named.at(-1)
        assert.equal(source.id, winner?.source.id)
        assert.equal(
          setting,
          winner?.policy.settings.find(one => keyOf(one) === key),
        )
        const behind = locking === undefined ? [] : named.slice(named.indexOf(locking) + 1)
        assert.deepEqual(
          heldBack.map(one => one.id),
          behind.map(one => one.source.id),
        )
      }
    }),
  )
})

test('the order of arrival changes nothing, nor does an order that comes twice', () => {
  check(
    fc.property(orders, fc.infiniteStream(fc.nat(1000)), (all, random) => {
      const keys = all.map(() => random.next().value)
      const shuffled = all.map((one, at) => ({ one, key: keys[at] ?? 0 })).sort((a, b) => a.key - b.key)
      const again = [...shuffled.map(({ one }) => one), ...all.slice(0, 5)]
      const told = (list: typeof all) => {
        const { settings, layers, values } = effectivePolicy(standingOf(list), place)
        return JSON.stringify([[...settings], layers, values])
      }
      // Two of one slot, number and id but other content cannot be signed by chance; the generator could.
      fc.pre(new Set(all.map(one => hex(one.order.id))).size === all.length)
      assert.equal(told(again), told(all))
    }),
  )
})

test('any orders at all add up, circles of groups included, and what concerns a device is bounded', async () => {
  await fc.assert(
    fc.asyncProperty(orders, async all => {
      const standing = standingOf(all)
      const { values, layers } = effectivePolicy(standing, place)
      assert.ok(values.objective.atRiskHours > 0)
      assert.ok(layers.length <= groupDepthMax + 3)
      const mine = concerning(standing, place)
      // A device that holds only these comes to the same, and names the same 32 bytes.
      const own = standingOf(mine)
      assert.deepEqual(effectivePolicy(own, place), effectivePolicy(standing, place))
      assert.deepEqual(
        await standingHash(p, concerning(own, place)),
        await standingHash(p, mine.toReversed()),
      )
    }),
    { seed, numRuns },
  )
})

test('a layer that is emptied gives back what the layers above it say', () => {
  check(
    fc.property(layers, fc.nat(4), (all, which) => {
      const at = all.length === 0 ? 0 : which % all.length
      const emptied = all.map((one, index) =>
        index === at ? { ...one, policy: { ...one.policy, settings: [] } } : one,
      )
      const without = all.filter((_, index) => index !== at)
      assert.deepEqual(addUp(emptied).settings, addUp(without).settings)
    }),
  )
})

test('what was signed is what is read, and what is not known is skipped and said', () => {
  check(
    fc.property(policyFor([]), policy => {
      assert.deepEqual(decodePolicy(encodePolicy(policy)), policy)
    }),
  )
  const policy = fc.sample(policyFor([]), { seed, numRuns: 1 })[0]
  assert.ok(policy)
  // A setting numbered 99, in a Setting message of its own.
  const later = Uint8Array.of(0x1a, 5, 0x9a, 0x06, 2, 0x08, 1)
  const newer = decodePolicy(new Uint8Array([...encodePolicy(policy), ...later]))
  assert.deepEqual(newer, { ...policy, isNewer: true })
})

const layer = (
  audience: readonly Uint8Array[],
  sequence: number,
  settings: readonly LayerSetting[],
): Policy => ({
  kind: 'policy',
  order: {
    fleet: 'aa'.repeat(32) as Policy['order']['fleet'],
    id: p.random(16),
    trustVersion: 1,
    issuedAtMs: 1,
    expiresAtMs: 0,
    sequence,
    audience,
  },
  name: 'a layer',
  settings,
  isNewer: false,
})
const retention = (keepDaily: number, locked = false): LayerSetting => {
  const none = { keepWithinDays: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 }
  return { kind: 'retention', locked, value: { ...none, keepDaily } }
}
const home = (root: string): LayerSetting => ({
  kind: 'backupSet',
  locked: false,
  value: {
    name: 'home',
    roots: root === '' ? [] : [utf8(root)],
    excludes: [],
    shareSegments: true,
    presets: [],
  },
})
const [engineers, berlin] = groupIds
assert.ok(engineers && berlin)
const place16 = new Uint8Array(16).fill(0xd1)
const groupOf = (id: Uint8Array, name: string, parent?: Uint8Array, retired = false) =>
  ({ kind: 'group', order: layer([], 1, []).order, id, name, parent, retired }) as const
const assigned = (group: Uint8Array | undefined, sequence = 1) =>
  ({ kind: 'assignment', order: layer([], sequence, []).order, devices: [place.device], group }) as const

test('fleet, groups from the outermost, grant and device: the last that is not locked out wins', () => {
  const all = [
    layer([], 1, [home('/fleet'), retention(1)]),
    layer([engineers], 1, [home('/engineers')]),
    layer([berlin], 1, [home('/berlin'), retention(3, true)]),
    layer([place.grantId], 1, [home('/grant'), retention(4)]),
    groupOf(berlin, 'Berlin', engineers),
    groupOf(engineers, 'Engineers'),
    assigned(berlin),
  ]
  const result = effectivePolicy(standingOf(all), place)
  assert.deepEqual(
    result.layers.map(one => `${one.layer} ${one.name}`),
    ['fleet a layer', 'group Engineers', 'group Berlin', 'grant a layer'],
  )
  assert.equal(result.settings.get('sets.home')?.source.layer, 'grant')
  assert.equal(result.values.retention.keepDaily, 3)
  assert.deepEqual(
    result.settings.get('retention')?.heldBack.map(one => one.layer),
    ['grant'],
  )
  // A device takes its own set away; a retired group stands aside, the one above it does not.
  const emptied = [...all, layer([place16], 1, [home('')])]
  assert.deepEqual(effectivePolicy(standingOf(emptied), place).values.backupSets, [])
  const retired = [...all, { ...groupOf(berlin, 'Berlin', engineers, true), order: layer([], 2, []).order }]
  assert.deepEqual(
    layersOf(standingOf(retired), place).map(one => one.source.name),
    ['a layer', 'Engineers', 'a layer'],
  )
})

test('a shorter wish stands beside the longer one for a week, whichever order brought it', () => {
  const weekMs = 7 * 86_400_000
  const base = [layer([], 1, [retention(9)]), layer([engineers], 1, [retention(2)]), groupOf(engineers, 'E')]
  const facts = [
    ...base.map(order => ({ order, heldSinceMs: 0 })),
    { order: assigned(engineers), heldSinceMs: 100 },
    {
      order: { ...assigned(undefined), devices: ['ff'.repeat(16) as typeof place.device] },
      heldSinceMs: 200,
    },
  ]
  const daily = (nowMs: number) =>
    wishesOf([{ facts, untilMs: Number.POSITIVE_INFINITY }], place, nowMs).map(one => one.keepDaily)
  assert.deepEqual(daily(weekMs), [9, 2])
  assert.deepEqual(daily(weekMs + 100), [2])
})

test('what was wished under the Trust before counts for a week beside what is wished now', () => {
  const weekMs = 7 * 86_400_000
  const [short, long] = [layer([], 1, [retention(2)]), layer([], 2, [retention(9)])].map(order => ({
    order,
    heldSinceMs: 0,
  }))
  assert.ok(short && long)
  const endedMs = 10 * weekMs
  const eras = [
    { facts: [short, long], untilMs: endedMs },
    { facts: [short], untilMs: Number.POSITIVE_INFINITY },
  ]
  const daily = (nowMs: number) => wishesOf(eras, place, nowMs).map(one => one.keepDaily)
  assert.deepEqual(daily(endedMs + weekMs - 1), [9, 2])
  assert.deepEqual(daily(endedMs + weekMs), [2])
})
