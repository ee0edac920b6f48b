import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { encodeRecord } from '@backstay/proto/object/header'
import { idToBytes, type ObjectId, objectId, type Sealed } from '@backstay/proto/object/id'
import { signCommit } from '@backstay/proto/trust/commit'
import { signForget } from '@backstay/proto/trust/forget'
import { newOrder } from '@backstay/proto/trust/order'
import { signParcel } from '@backstay/proto/trust/parcel'
import { signReceipt } from '@backstay/proto/trust/receipt'
import { testKey } from '@backstay/proto/trust/testing/fleet'
import { openAdminKey } from './admin-key.ts'
import { ConsoleStage, type EnrolledDevice, passphrase } from './testing/stage.ts'

const dayMs = 86_400_000

/** A laptop with one snapshot a day for so many days; the newest came in now. */
async function withSnapshots(stage: ConsoleStage, days: number): Promise<EnrolledDevice> {
  assert.equal((await stage.init('--root', '/home')).code, 0)
  const laptop = await stage.enroll((await stage.asAdmin('token')).out, 'laptop')
  const root = 'aa'.repeat(32) as ObjectId
  let previous: ObjectId | undefined
  for (let day = 1; day <= days; day++) {
    stage.nowMs += dayMs
    const commit = {
      ...{ fleet: laptop.trust.fleet, device: laptop.device, epoch: 1, sequence: day, previous, root },
      ...{
        startedAtMs: stage.nowMs,
        endedAtMs: stage.nowMs,
        complete: true,
        entries: 1,
        bytes: 1,
        unread: 0,
      },
      ...{ sealed: new Uint8Array(1), seenTrust: 1, seenPolicy: 1, branch: undefined },
    }
    const stored = encodeRecord(await signCommit(p, commit, laptop.key), [idToBytes(root)]) as Sealed
    previous = objectId(await p.sha256(stored))
    stage.collector.snapshots.unshift({ id: previous, stored, receivedAtMs: stage.nowMs })
  }
  return laptop
}

/** A part of the device for somebody else, for thirty days. */
async function giveParcel(stage: ConsoleStage, { device, trust }: EnrolledDevice): Promise<void> {
  const file = join(stage.admin, 'admin.key.age')
  const { seed } = await openAdminKey(file, readFileSync(file), passphrase)
  const key = await testKey(p, 'parcel')
  const audience = [new Uint8Array(16).fill(5)]
  const parcel = {
    order: newOrder(p, trust, stage.nowMs, { expiresAtMs: stage.nowMs + 30 * dayMs, audience }),
    ...{ key: key.publicKey, source: device, entries: 1, bytes: 1, sealed: new Uint8Array(50) },
  }
  await stage.collector.keep(await signParcel(p, parcel, await p.signingKey(seed), key))
}

interface Explained {
  readonly verdicts: readonly {
    readonly state: string
    readonly snapshot: { readonly sequence: number; readonly id: string }
    readonly reasons?: readonly { readonly code: string }[]
  }[]
}

async function explained(stage: ConsoleStage): Promise<Explained> {
  const ran = await stage.asAdmin('retention', 'explain', 'laptop', '--json')
  assert.equal(ran.code, 0, ran.err)
  return JSON.parse(ran.out)
}

test('test 45: an owner lets a retired device go, by the kit and a week before; nobody else does, and no device at work', async () => {
  using stage = new ConsoleStage()
  const laptop = await withSnapshots(stage, 2)
  await giveParcel(stage, laptop)
  const parcels = async () => JSON.parse((await stage.asAdmin('parcels', '--json')).out)[0]?.state
  const erase = (...words: string[]) => stage.asAdmin('erase', 'begin', 'laptop', ...words)
  assert.match((await erase('--yes')).err, /on the recovery kit/)
  assert.match((await erase('--yes', '--kit', stage.kitFile)).err, /is not retired/)
  assert.equal((await stage.asAdmin('retire', 'laptop', '--yes')).code, 0)
  const { rows } = stage.collector
  rows.splice(0, rows.length, ...rows.map(row => ({ ...row, revoked: true })))
  assert.match((await erase('--kit', stage.kitFile)).err, /nobody is here to confirm/)
  const signed = await erase('--kit', stage.kitFile, '--yes', '--json', '--reason', 'left')
  assert.equal(signed.code, 0, signed.err)
  const { id, countsFromMs } = JSON.parse(signed.out) as { id: string; countsFromMs: number }
  assert.equal(countsFromMs, stage.nowMs + 7 * dayMs)
  assert.match((await stage.asAdmin('erase', 'list')).out, /left/)
  assert.match(
    (await stage.asAdmin('erase', 'confirm', id, '--kit', stage.kitFile)).err,
    /one owner counts once/,
  )
  assert.ok((await explained(stage)).verdicts.every(one => one.state === 'stays'))
  assert.equal(await parcels(), 'unsent')
  stage.nowMs += 8 * dayMs
  assert.ok((await explained(stage)).verdicts.every(one => one.state === 'may_go'))
  assert.equal(await parcels(), 'ended', 'what was made of it goes with it')
  assert.equal((await stage.asAdmin('hold', 'add', '--device', 'laptop')).code, 0)
  assert.equal(await parcels(), 'unsent')
  assert.ok((await explained(stage)).verdicts.every(one => one.state === 'stays'))
})

test('explain says of each snapshot why it is kept, in words', async () => {
  using stage = new ConsoleStage()
  await withSnapshots(stage, 4)
  const ran = await stage.asAdmin('retention', 'explain', 'laptop')
  assert.equal(ran.code, 0, ran.err)
  assert.match(ran.out, /the newest/)
  assert.match(ran.out, /too young until/)
  assert.match(ran.out, /oldest of day 2026-01/)
  assert.match(ran.out, /has not collected yet/)
  assert.equal((await stage.asAdmin('retention', 'explain', 'nobody')).code, 1)
})

test('explain goes by what the collector signed, and by nothing that somebody else did', async () => {
  using stage = new ConsoleStage()
  const { device, trust } = await withSnapshots(stage, 2)
  const [, older] = stage.collector.snapshots
  assert.ok(older)
  const fleet = trust.fleet
  const receipt = {
    fleet,
    device,
    received: [{ snapshot: older.id, clockMs: 5 * dayMs }],
    clockMs: stage.nowMs,
  }
  await stage.collector.keep(await signReceipt(p, receipt, await testKey(p, 'stranger')), device)
  const before = (await stage.asAdmin('retention', 'explain', 'laptop')).out
  assert.doesNotMatch(before, /1970/)
  const key = await testKey(p, 'collector')
  await stage.collector.keep(await signReceipt(p, receipt, key), device)
  const forget = { fleet, device, snapshots: [older.id], clockMs: stage.nowMs }
  await stage.collector.keep(await signForget(p, forget, key), device)
  const after = (await stage.asAdmin('retention', 'explain', 'laptop')).out
  assert.match(after, /1970-01-06/)
  assert.match(after, /1 snapshot\(s\) went on/)
})

test('a pinned snapshot stays until its pin was released for a week', async () => {
  using stage = new ConsoleStage()
  await withSnapshots(stage, 2)
  const sequences = async (state: string) =>
    (await explained(stage)).verdicts.filter(one => one.state === state).map(one => one.snapshot.sequence)
  assert.deepEqual(await sequences('stays'), [1, 2])
  const pinned = await stage.asAdmin('pin', 'laptop', '1', '--reason', 'case 7', '--json')
  assert.equal(pinned.code, 0, pinned.err)
  const { id } = JSON.parse(pinned.out)
  const codes = async () => (await explained(stage)).verdicts[0]?.reasons?.map(reason => reason.code)
  assert.ok((await codes())?.includes('pin'))
  assert.match((await stage.asAdmin('hold', 'list')).out, /case 7/)
  assert.equal((await stage.asAdmin('hold', 'release', 'ab'.repeat(16))).code, 1)
  const released = await stage.asAdmin('hold', 'release', id)
  assert.match(released.out, /takes effect on/)
  assert.ok((await codes())?.includes('pin'))
  stage.nowMs += 7 * dayMs
  assert.ok(!(await codes())?.includes('pin'))
  assert.equal((await stage.asAdmin('hold', 'list')).out, 'no pin and no hold')
})

test('a legal hold covers one device or all', async () => {
  using stage = new ConsoleStage()
  await withSnapshots(stage, 1)
  assert.equal((await stage.asAdmin('hold', 'add', '--device', 'laptop', '--reason', 'inquiry')).code, 0)
  const [first] = (await explained(stage)).verdicts
  assert.ok(first?.reasons?.some(reason => reason.code === 'hold'))
  assert.equal((await stage.asAdmin('hold', 'add')).code, 0)
  assert.equal(JSON.parse((await stage.asAdmin('hold', 'list', '--json')).out).length, 2)
  assert.equal((await stage.asAdmin('pin', 'laptop', '77')).code, 1)
})

test('a change of policy says how many snapshots a shorter retention would let go', async () => {
  using stage = new ConsoleStage()
  await withSnapshots(stage, 120)
  const diff = async (retention: string) => {
    const ran = await stage.asAdmin('policy', 'diff', '--set', `retention=${retention}`)
    assert.equal(ran.code, 0, ran.err)
    return ran.out
  }
  const short = await diff('{ within: 31d, weekly: 2 }')
  // Of 120 days those of the last 31 stay, with the edges of two weeks among them; of the others some had gone anyway.
  const [, count] = /laptop: (\d+) snapshot\(s\) would go, the oldest of 2026-/.exec(short) ?? []
  assert.ok(Number(count) > 50 && Number(count) < 90, short)
  assert.match(short, /takes effect a week after/)
  assert.doesNotMatch(await diff('forever'), /would go/)
  assert.match(
    await diff('{ within: 30d, daily: 90, weekly: 52, monthly: 36 }'),
    /no snapshot would go today/,
  )
})

test('only an owner releases a legal hold, a week later, and two of them at once', async () => {
  // It used to sign as an admin and to say that it was released, which nobody obeyed.
  using stage = new ConsoleStage()
  await withSnapshots(stage, 1)
  const add = async () => {
    const held = await stage.asAdmin('hold', 'add', '--reason', 'inquiry', '--json')
    return (JSON.parse(held.out) as { id: string }).id
  }
  const standing = async () =>
    (JSON.parse((await stage.asAdmin('hold', 'list', '--json')).out) as unknown[]).length
  const id = await add()
  const refused = await stage.asAdmin('hold', 'release', id)
  assert.match(refused.err, /only an owner ends a legal hold/)
  const released = await stage.asAdmin('hold', 'release', id, '--kit', stage.kitFile, '--kit', stage.kitFile)
  assert.match(released.out, /takes effect on/, 'one owner twice is one owner')
  assert.equal(await standing(), 1)
  stage.nowMs += 7 * dayMs
  assert.equal(await standing(), 0)

  const request = await stage.run('owners', 'request', 'Berta', '--unattended', '--json')
  const { request: text, page } = JSON.parse(request.out) as { request: string; page: string }
  const file = join(stage.folder, 'owner.txt')
  writeFileSync(file, text)
  const added = await stage.asAdmin('owners', 'add', file, '--kit', stage.kitFile, '--yes')
  assert.equal(added.code, 0, added.err)
  const both = await stage.asAdmin('hold', 'release', await add(), '--kit', stage.kitFile, '--kit', page)
  assert.equal(both.out, 'released; it takes effect at once')
  assert.equal(await standing(), 0)
})
