/** Random settings, layers and groups for property tests. */
import * as fc from 'fast-check'
import { type Bytes, utf8 } from '../../bytes.ts'
import { deviceId, fleetId } from '../../object/id.ts'
import type { Assignment } from '../../trust/assignment.ts'
import type { Group } from '../../trust/group.ts'
import type { Order } from '../../trust/order.ts'
import { presets } from '../places.ts'
import type { Policy } from '../policy.ts'
import type { Window } from '../schedule.ts'
import { keyOf, type LayerSetting, type Setting } from '../settings.ts'
import type { Place, StandingOrder } from '../standing.ts'

/** With a prototype, as what is decoded has. */
const record: typeof fc.record = (model: object) =>
  fc.record(model as never, { noNullPrototype: true }) as never

/** A small world, so that things meet: the same few ids again and again. */
export const groupIds: readonly Bytes[] = [1, 2, 3, 4].map(n => new Uint8Array(16).fill(n))
export const place: Place = {
  device: deviceId(new Uint8Array(16).fill(0xd1)),
  grantId: new Uint8Array(16).fill(0xe1),
}
const otherDevice = deviceId(new Uint8Array(16).fill(0xd2))

const window: fc.Arbitrary<Window> = record({
  days: fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }),
  fromMinute: fc.nat(1439),
  toMinute: fc.nat(1440),
}).filter(({ fromMinute, toMinute }) => fromMinute !== toMinute)
const patterns = fc.array(fc.constantFrom('*.tmp', 'build/', '/x'), { maxLength: 3 })
const keep = fc.nat(400)
const hook = fc.constantFrom('', 'dump', 'mysql-dump')

const setting: fc.Arbitrary<Setting> = fc.oneof(
  record({
    kind: fc.constant('backupSet' as const),
    value: record({
      name: fc.constantFrom('home', 'data', 'mail'),
      roots: fc.array(fc.constantFrom('/home', '~', '%APPDATA%\\x', 'C:\\Users', '/data').map(utf8), {
        maxLength: 3,
      }),
      excludes: patterns,
      shareSegments: fc.boolean(),
      presets: fc.array(fc.constantFrom(...Object.keys(presets)), { maxLength: 2 }),
    }),
  }),
  record({ kind: fc.constant('excludes' as const), value: patterns }),
  record({
    kind: fc.constant('retention' as const),
    value: record({
      keepWithinDays: keep,
      keepDaily: keep,
      keepWeekly: keep,
      keepMonthly: keep,
      keepYearly: keep,
    }),
  }),
  record({
    kind: fc.constant('schedule' as const),
    value: fc.oneof(
      record({
        kind: fc.constant('continuous' as const),
        quietMs: fc.integer({ min: 100, max: 5000 }),
        ceilingMs: fc.integer({ min: 5000, max: 60_000 }),
      }),
      record({
        kind: fc.constant('every' as const),
        everyMs: fc.integer({ min: 60, max: 86_400 }).map(s => s * 1000),
      }),
      record({
        kind: fc.constant('windows' as const),
        windows: fc.array(window, { minLength: 1, maxLength: 3 }),
        catchUp: fc.boolean(),
      }),
    ),
  }),
  record({
    kind: fc.constant('rates' as const),
    value: fc.array(
      record({
        bytesPerSecond: fc.integer({ min: 1024, max: 10 ** 9 }),
        window: fc.option(window, { nil: undefined }),
      }),
      { maxLength: 2 },
    ),
  }),
  record({ kind: fc.constant('battery' as const), value: fc.nat(100) }),
  record({ kind: fc.constant('metered' as const), value: fc.boolean() }),
  record({ kind: fc.constant('hooks' as const), value: record({ before: hook, after: hook }) }),
  record({ kind: fc.constant('pause' as const), value: fc.nat(10_080) }),
  record({ kind: fc.constant('restore' as const), value: fc.boolean() }),
  record({
    kind: fc.constant('objective' as const),
    value: record({
      atRiskHours: fc.integer({ min: 1, max: 24 }),
      unprotectedHours: fc.integer({ min: 24, max: 99 }),
    }),
  }),
  record({ kind: fc.constant('reconcile' as const), value: fc.integer({ min: 1, max: 744 }) }),
  record({
    kind: fc.constant('version' as const),
    value: fc.constantFrom('', '0.0.1', '1.4.0', '99999.0.7'),
  }),
)

export const settings: fc.Arbitrary<readonly LayerSetting[]> = fc
  .array(fc.tuple(setting, fc.boolean()), { maxLength: 6 })
  .map(all => [...new Map(all.map(([one, locked]) => [keyOf(one), { ...one, locked }])).values()])

const id = fc.uint8Array({ minLength: 16, maxLength: 16 })
const group = fc.constantFrom(...groupIds)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const order = (audience: readonly Bytes[]): fc.Arbitrary<Order> =>
  record({
    fleet: fc.constant(fleetId(new Uint8Array(32).fill(5))),
    id,
    trustVersion: fc.integer({ min: 1, max: 2 }),
    issuedAtMs: fc.constant(1),
    expiresAtMs: fc.constant(0),
    sequence: fc.integer({ min: 1, max: 4 }),
    audience: fc.constant(audience),
  })

export const policyFor = (audience: readonly Bytes[]): fc.Arbitrary<Policy> =>
  record({
    kind: fc.constant('policy' as const),
    order: order(audience),
    name: fc.constant('layer'),
    settings,
    isNewer: fc.constant(false),
  })

const groupOrder: fc.Arbitrary<Group> = record({
  kind: fc.constant('group' as const),
  order: order([]),
  id: group,
  name: fc.constantFrom('a', 'b'),
  parent: maybe(group),
  retired: fc.boolean(),
})

const assignment: fc.Arbitrary<Assignment> = record({
  kind: fc.constant('assignment' as const),
  order: order([]),
  devices: fc.subarray([place.device, otherDevice], { minLength: 1 }),
  group: maybe(group),
})

export const standingOrder: fc.Arbitrary<StandingOrder> = fc.oneof(
  fc
    .constantFrom<readonly Bytes[]>(
      [],
      ...groupIds.map(one => [one]),
      [place.grantId],
      [new Uint8Array(16).fill(0xd1)],
    )
    .chain(policyFor),
  groupOrder,
  assignment,
)
