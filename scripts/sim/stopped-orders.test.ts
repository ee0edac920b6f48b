// Orders on their way to the disk: the agent is killed, or the power goes, before each step of taking them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identityStore } from '@backstay/agent/keys/identity'
import { memoryKeychain } from '@backstay/agent/keys/memory-keychain'
import { noOrders, type Obedience, obey } from '@backstay/agent/policy/obey'
import { obeyPushed } from '@backstay/agent/service/policy-part'
import { sampleBoard } from '@backstay/agent/service/testing/sample-board'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { signAssignment } from '@backstay/proto/trust/assignment'
import { signGroup } from '@backstay/proto/trust/group'
import { newOrder } from '@backstay/proto/trust/order'
import { testDevice, testFleet, testLayer, testNowMs } from '@backstay/proto/trust/testing/fleet'
import type { ObeyedOrders } from '@backstay/proto/wire/frame'
import { seededRandom } from '../testing/random.ts'
import { type StateDisk, stateDisk } from './state-disk.ts'

const fleet = await testFleet(p)
const laptop = await testDevice(p, fleet, 'laptop')
const place = { device: laptop.id, grantId: laptop.certificate.grantId }
const engineers = new Uint8Array(16).fill(1)
const order = (sequence: number) => newOrder(p, fleet.trust, testNowMs, { sequence })
const battery = (value: number, sequence: number, audience: readonly Bytes[] = []) =>
  testLayer(p, fleet, [{ kind: 'battery', value, locked: false }], { sequence, audience })

const older = [await battery(10, 1)]
/** Of three kinds: a mix of some of them and the older ones would be another set. */
const newer = [
  await battery(20, 2),
  await signGroup(
    p,
    { kind: 'group', order: order(1), id: engineers, parent: undefined, name: 'engineers', retired: false },
    fleet.admin,
  ),
  await signAssignment(
    p,
    { kind: 'assignment', order: order(1), devices: [laptop.id], group: engineers },
    fleet.admin,
  ),
  await battery(30, 1, [engineers]),
]

async function standingOf(offered: readonly Bytes[]): Promise<Obedience> {
  return obey(p, { place, trust: fleet.trust, nowMs: testNowMs, known: noOrders }, offered)
}

const before = await standingOf(older)
const after = await standingOf(newer)

/** One life of the agent: it obeys what the disk says, is shown orders, and what it then acknowledged. */
async function live(disk: StateDisk, shown: readonly (readonly Bytes[])[]) {
  const { board } = sampleBoard()
  const identities = identityStore(p, '/state/identity', memoryKeychain(), disk.begin())
  const known = await identities.readOrders()
  board.obedience = await obey(p, { place, trust: fleet.trust, nowMs: testNowMs, known })
  Object.assign(board.agent, { identities, place })
  const begun = board.obedience
  const acknowledged: ObeyedOrders[] = []
  const left = [...shown]
  const over = new Error('nothing more is shown')
  const session = {
    ended: new AbortController().signal,
    async pushedOrders() {
      const next = left.shift()
      if (next === undefined) throw over
      return next
    },
    obeyed: async (said: ObeyedOrders) => void acknowledged.push(said),
    putRecord: () => assert.fail('nothing else is brought'),
  }
  const end = await obeyPushed(board, session, () => undefined, session.ended).catch(
    error => error as unknown,
  )
  return { begun, acknowledged, now: board.obedience, isStopped: end !== over }
}

/** Returns whether it was stopped before it was done. */
async function stopAt(step: number, how: 'cut' | 'kill', seed: number): Promise<boolean> {
  let left = Number.POSITIVE_INFINITY
  const quiet = { writeError: () => undefined, onPowerCut: () => undefined }
  const powerGoes = () => {
    const isNow = left-- === 0
    if (isNow && how === 'kill') disk.kill()
    return isNow && how === 'cut'
  }
  const disk = stateDisk(seededRandom(seed), { ...quiet, powerGoes })
  const store = identityStore(p, '/state/identity', memoryKeychain(), disk.begin())
  await store.writeOrders(before.known)
  left = step
  const first = await live(disk, [newer]).catch(() => undefined)
  left = Number.POSITIVE_INFINITY
  disk.cut()
  const told = first?.acknowledged.at(-1)?.standing ?? before.standing
  const second = await live(disk, [newer, older])
  const what = `SEED=${seed}, ${how} before step ${step}`
  const { standing } = second.begun
  assert(equalBytes(standing, before.standing) || equalBytes(standing, after.standing), `${what}: a mix`)
  if (equalBytes(told, after.standing)) assert.deepEqual(standing, after.standing, `${what}: it went back`)
  const [again, rolledBack] = second.acknowledged
  assert.deepEqual(again?.standing, after.standing, `${what}: it acknowledges again`)
  assert.deepEqual(rolledBack?.standing, after.standing, `${what}: it is not rolled back`)
  assert.deepEqual(
    rolledBack?.refused.map(({ code }) => code),
    ['old_order'],
    what,
  )
  return first === undefined || first.isStopped
}

test('wherever it is stopped, it obeys the old set or the new one, and never an older one than it acknowledged', async () => {
  for (const how of ['cut', 'kill'] as const) {
    for (let seed = 0; seed < 20; seed++) {
      let steps = 0
      while (await stopAt(steps, how, seed)) steps++
      // Read, folder, part, write, sync, rename, and the folder again.
      assert(steps >= 7, `only ${steps} steps were stopped at`)
    }
  }
})
