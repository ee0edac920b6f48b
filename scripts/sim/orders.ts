/**
 * What admins sign while a simulated fleet lives, and what a rogue collector shows its devices besides: orders that nobody
 * signed who may, older ones, and rubbish. A device may obey what an admin signed, and never go back behind it.
 */
import { shortRetention } from '@backstay/collector/testing/collecting'
import { type Bytes, hex, utf8 } from '@backstay/proto/bytes'
import { signPolicy } from '@backstay/proto/policy/policy'
import { continuous, type Schedule } from '@backstay/proto/policy/schedule'
import { parseWindow } from '@backstay/proto/policy/schedule-text'
import type { LayerSetting } from '@backstay/proto/policy/settings'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { newOrder } from '@backstay/proto/trust/order'
import { type TestFleet, testKey } from '@backstay/proto/trust/testing/fleet'
import type { Random } from '../testing/random.ts'

export interface SimulatedOrders {
  /** The next policy of the fleet, signed by its admin. */
  next(nowMs: number): Promise<Bytes>
  /** What the newest says of when to back up. */
  readonly schedule: Schedule
  /** Number of a policy that an admin signed, by the id of its order in hexadecimal digits; undefined: nobody did. */
  numberOf(id: string): number | undefined
  readonly newest: number
  /** One that no device may obey; undefined while there is none. */
  rogue(): Bytes | undefined
}

const hourMs = 3_600_000
const schedules: readonly Schedule[] = [
  continuous,
  { kind: 'every', everyMs: hourMs },
  { kind: 'every', everyMs: 5 * hourMs },
  { kind: 'windows', windows: [parseWindow('20:00-06:00')], catchUp: true },
  { kind: 'windows', windows: [parseWindow('01:00-03:00'), parseWindow('13:00-14:00')], catchUp: false },
]

export async function simulatedOrders(
  p: Primitives,
  fleet: TestFleet,
  random: Random,
  root: string,
): Promise<SimulatedOrders> {
  const stranger = await testKey(p, 'stranger')
  const numbers = new Map<string, number>()
  const signed: Bytes[] = []
  const forged: Bytes[] = []
  let schedule: Schedule = continuous

  async function sign(key: SigningKey, sequence: number, nowMs: number, when: Schedule) {
    const longer = { ...shortRetention, keepDaily: 5, keepWeekly: 3 }
    const files = { name: 'home', roots: [utf8(root)], excludes: [], presets: [], shareSegments: true }
    const settings: LayerSetting[] = [
      { kind: 'retention', value: random.pick([shortRetention, longer]), locked: false },
      { kind: 'backupSet', value: files, locked: false },
      { kind: 'schedule', value: when, locked: false },
      { kind: 'battery', value: random.pick([0, 20]), locked: false },
      { kind: 'pause', value: 24 * 60, locked: false },
    ]
    const order = newOrder(p, fleet.trust, nowMs, { sequence })
    return { id: hex(order.id), envelope: await signPolicy(p, { order, name: '', settings }, key) }
  }

  return {
    get schedule() {
      return schedule
    },
    get newest() {
      return signed.length
    },
    async next(nowMs) {
      schedule = random.pick(schedules)
      const sequence = signed.length + 1
      const { id, envelope } = await sign(fleet.admin, sequence, nowMs, schedule)
      numbers.set(id, sequence)
      signed.push(envelope)
      forged.push((await sign(stranger, sequence + 1000, nowMs, continuous)).envelope)
      return envelope
    },
    numberOf: id => numbers.get(id),
    rogue() {
      const [newest] = forged.slice(-1)
      return random.pick([newest, signed[random.below(signed.length)], random.bytes(random.below(300))])
    },
  }
}
