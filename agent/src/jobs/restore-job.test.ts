// What an admin's signature cannot do to a device: choose a place, overwrite, fill the disk, follow a user's symlink.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { geteuid } from 'node:process'
import { test } from 'node:test'
import { type Bytes, concat, fromUtf8, hex, utf8 } from '@backstay/proto/bytes'
import { openWith, sealTo } from '@backstay/proto/content/age'
import type { Reference } from '@backstay/proto/content/entry'
import { Failure, isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { decodeWhole } from '@backstay/proto/object/header'
import {
  type DeviceId,
  deviceId,
  idToBytes,
  type ObjectId,
  objectId,
  type Sealed,
} from '@backstay/proto/object/id'
import { signJob } from '@backstay/proto/trust/job'
import { newOrder, type OrderOptions } from '@backstay/proto/trust/order'
import { noJobs, type RememberedJobs } from '@backstay/proto/trust/replay'
import { type JobReport, verifyReport } from '@backstay/proto/trust/report'
import {
  decodeRestoreWish,
  encodeRestoreWish,
  newFolderPlace,
  type WishedPlace,
} from '@backstay/proto/trust/restore-wish'
import { testDevice, testFleet, testIdentity, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { makeCommit } from '../backup/commit.ts'
import { noHead } from '../keys/identity.ts'
import type { MemberLink } from '../link/member.ts'
import { newest } from '../link/newest.ts'
import { jobPart } from '../service/job-part.ts'
import { sampleBoard } from '../service/testing/sample-board.ts'
import { pathCalls } from '../system/path-calls.ts'
import type { Handle, System } from '../system/system.ts'
import { temporaryFolder } from '../system/testing/temporary-folder.ts'
import { backUp, memoryVault, testKeys } from '../testing/memory-vault.ts'
import { restoreThreads } from '../threads/restore-threads.ts'
import type { BegunJob } from './begun-job.ts'
import { reservedBytes } from './restore-job.ts'

const fleet = await testFleet(p)
const laptop = await testDevice(p, fleet, 'laptop')
const other = await testDevice(p, fleet, 'other')
const dayMs = 86_400_000
const newestSnapshot = { snapshot: { kind: 'newest' }, place: newFolderPlace } as const
const isRoot = geteuid?.() === 0
/** Of root's agent the homes are other people's. */
const ada = isRoot ? 12_345 : (geteuid?.() ?? 0)

interface Found {
  readonly folder: string
  readonly written: number
  readonly there?: number
  readonly aside?: readonly unknown[]
  readonly flaws: readonly unknown[]
  readonly back: readonly string[]
  readonly bytes: number
  readonly damaged: number
  readonly lostParts: number
  readonly notes: Readonly<Record<string, number>>
}

/** A device with one home and one snapshot of it, and a collector in memory. */
async function stage() {
  const parent = await temporaryFolder()
  const home = join(parent.path, 'ada')
  const elsewhere = join(parent.path, 'elsewhere')
  for (const path of [home, join(home, 'papers'), join(home, 'papers/deep'), join(parent.path, 'srv')])
    fs.mkdirSync(path)
  fs.writeFileSync(join(home, 'papers/thesis'), 'chapter one', { mode: 0o640 })
  fs.writeFileSync(join(home, 'papers/deep/large'), Buffer.alloc(6 * 1024 * 1024, 'data'))
  fs.writeFileSync(join(home, 'papers/tool'), 'set id')
  fs.chmodSync(join(home, 'papers/tool'), 0o6755)
  fs.symlinkSync('/etc', join(home, 'papers/link'))
  fs.writeFileSync(join(parent.path, 'srv/data'), 'of nobody')
  if (isRoot) for (const path of [home, join(home, 'papers')]) fs.chownSync(path, ada, ada)
  const vault = memoryVault()
  const { system } = parent
  const memoryFile = join(parent.path, 'memory')
  let newestRoot: Reference | undefined
  const newestRecord = async () => {
    const { built } = await backUp({ roots: [home, join(parent.path, 'srv')], memoryFile, vault, system })
    newestRoot = built.root
    return commitRecord(built)
  }
  let record = await newestRecord()

  const disk = {
    done: noJobs,
    begun: undefined as BegunJob | undefined,
    freeBytes: 100 * reservedBytes,
    roots: [home, join(parent.path, 'srv')],
  }
  const places = () => ({
    homes: [home],
    elsewhere,
    realPath: pathCalls.realPath,
    isOwnHome: (_: string, uid: number) => uid === ada,
    freeBytes: () => disk.freeBytes,
  })
  const parts: { readonly stop: AbortController }[] = []

  /** The agent as one process; several work on the same disk one after the other. */
  function start(
    trust = fleet.trust,
    cutAfter = Number.POSITIVE_INFINITY,
    nowMs = testNowMs,
    seam: System = system,
  ) {
    const { board, clock } = sampleBoard()
    board.trust = trust
    clock.jumpTo(nowMs)
    const fetched: string[] = []
    const askedOf: (DeviceId | undefined)[] = []
    const broken = new AbortController()
    const reports: JobReport[] = []
    const pushed = newest<readonly Bytes[]>()
    const { identity, identity: secret } = laptop
    const epochs = [{ epoch: 1, deviceSecret: new Uint8Array(32).fill(1) }]
    Object.assign(board.agent, {
      system: seam,
      head: { sequence: 1 },
      place: { device: laptop.id, grantId: new Uint8Array(16) },
    })
    Object.assign(board.agent.identity.secrets, {
      epochs,
      borderSecret: new Uint8Array(32).fill(2),
      identity: secret,
    })
    Object.assign(board.agent.identities, {
      readDoneJobs: async () => disk.done,
      writeDoneJobs: async (done: RememberedJobs) => void Object.assign(disk, { done }),
      readBegunJob: async () => disk.begun,
      writeBegunJob: async (begun: BegunJob | undefined) => void Object.assign(disk, { begun }),
    })
    const session = {
      ended: broken.signal,
      welcome: { headSequence: 1 },
      pushedJobs: pushed.take,
      async *get(ids: readonly ObjectId[], device?: DeviceId) {
        askedOf.push(device)
        for (const id of ids) {
          if (fetched.length >= cutAfter) {
            broken.abort(new Failure('link_cut', 'cut', { remedy: 'retry' }))
            throw broken.signal.reason
          }
          fetched.push(id)
          yield* vault.get([id])
        }
      },
      async *listSnapshots() {
        yield { stored: record, receivedAtMs: testNowMs }
      },
      tellProgress: async () => undefined,
      async putRecord(envelope: Bytes) {
        reports.push(await verifyReport(p, envelope, laptop.key.publicKey))
      },
    }
    board.link = { session } as unknown as MemberLink
    const stop = new AbortController()
    const tools = {
      board,
      places,
      threads: restoreThreads,
      roots: () => disk.roots.map(utf8),
      backUp: () => assert.fail('nothing is backed up'),
    }
    const running = jobPart(board, tools, () => undefined)
      .run(stop.signal)
      .catch(() => undefined)
    parts.push({ stop })
    return {
      identity,
      async push(envelope: Bytes) {
        const before = reports.length
        pushed.put([envelope])
        while (reports.length === before) await new Promise(resolve => setImmediate(resolve))
        return wordOf(reports[before] ?? assert.fail())
      },
      put: (envelope: Bytes) => pushed.put([envelope]),
      ...{ clock, fetched, askedOf, reports },
      /** When the link was cut, and nobody works any more. */
      async cutOff() {
        while (!broken.signal.aborted) {
          assert.equal(reports.length, 0, 'it ended before it was cut')
          await new Promise(resolve => setImmediate(resolve))
        }
        stop.abort(new Error('over'))
        await running
      },
      /** What it says without being asked. */
      async word() {
        while (reports.length === 0) await new Promise(resolve => setImmediate(resolve))
        return wordOf(reports[0] ?? assert.fail())
      },
    }
  }
  return {
    ...{ parent, home, elsewhere, disk, vault, start },
    root: () => newestRoot ?? assert.fail(),
    async backUpAgain() {
      record = await newestRecord()
    },
    [Symbol.dispose]() {
      for (const { stop } of parts) stop.abort(new Error('over'))
      parent[Symbol.dispose]()
    },
  }
}

async function wordOf({ state, code, sealed }: JobReport) {
  const found =
    sealed.length === 0
      ? undefined
      : (JSON.parse(fromUtf8(await openWith([testIdentity(2).identity], sealed))) as Found)
  return { said: `${state} ${code}`.trim(), found }
}

function commitRecord(built: Awaited<ReturnType<typeof backUp>>['built']): Promise<Sealed> {
  const describe = { host: '', roots: [], unread: [], agentVersion: '', label: '' }
  const times = { startedAtMs: testNowMs, endedAtMs: testNowMs, seenTrust: 1, seenPolicy: 1 }
  const whose = { primitives: p, fleet: fleet.trust.fleet, device: laptop.id, signingKey: laptop.key }
  const line = { head: noHead, branch: undefined, complete: true, names: undefined }
  return makeCommit({ ...whose, ...line, ...times, keys: testKeys, describe }, built)
}

async function wish(path: string, options: OrderOptions = {}, by = fleet.admin): Promise<Bytes> {
  return sealedJob(encodeRestoreWish({ path: utf8(path), ...newestSnapshot }), options, by)
}

/** A snapshot of another device, by its root. */
async function lentWish(path: string, root: Reference, source: DeviceId | undefined): Promise<Bytes> {
  const snapshot = { kind: 'number', sequence: 1 } as const
  const payload = encodeRestoreWish({ path: utf8(path), snapshot, place: newFolderPlace, root })
  return sealedJob(payload, {}, fleet.admin, source)
}

async function inPlace(
  path: string,
  existing: Extract<WishedPlace, { kind: 'original' }>['existing'] = 'keep_both',
): Promise<Bytes> {
  const place = { kind: 'original', existing } as const
  return sealedJob(encodeRestoreWish({ path: utf8(path), snapshot: { kind: 'newest' }, place }))
}

async function sealedJob(
  payload: Bytes,
  options: OrderOptions = {},
  by = fleet.admin,
  source?: DeviceId,
): Promise<Bytes> {
  const usual = { expiresAtMs: testNowMs + dayMs, audience: [idToBytes(laptop.id)] }
  const order = newOrder(p, fleet.trust, testNowMs, { ...usual, ...options })
  return signJob(
    p,
    {
      order,
      kind: 'restore',
      sealed: await sealTo([testIdentity(3).recipient], payload),
      ...(source && { source }),
    },
    by,
  )
}

test('a lost folder comes back into a new one in the home, as its user’s, and without set-id bits', async () => {
  using device = await stage()
  const { home } = device
  fs.rmSync(join(home, 'papers'), { recursive: true })
  const { said, found } = await device.start().push(await wish(`${home}/papers`))
  assert.equal(said, 'done')
  const { folder, written, damaged, lostParts, notes } = found ?? assert.fail()
  assert.match(folder, /\/ada\/Restored\/2026-01-01 [0-9a-f]{8}$/)
  assert.deepEqual([written, damaged, lostParts, notes.set_id], [6, 0, 0, 1])
  assert.deepEqual(found?.flaws, [{ path: 'tool', code: 'set_id' }])
  assert.deepEqual([...(found?.back ?? [])].sort(), ['deep', 'deep/large', 'link', 'thesis', 'tool'])
  assert.equal(fs.readFileSync(join(folder, 'thesis'), 'utf8'), 'chapter one')
  assert.equal(fs.statSync(join(folder, 'deep/large')).size, 6 * 1024 * 1024)
  assert.equal(fs.statSync(join(folder, 'tool')).mode & 0o7777, 0o755)
  assert.equal(fs.readlinkSync(join(folder, 'link')), '/etc')
  assert.deepEqual(fs.readdirSync(home), ['Restored'])
  const names = ['.', '..', 'thesis', 'deep', 'deep/large', 'tool', 'link'].map(name => join(folder, name))
  assert.deepEqual(new Set(names.map(name => fs.lstatSync(name).uid)), new Set([ada]))
})

test('a file alone, again beside the first; and what lay in nobody’s home, for root alone', async () => {
  using device = await stage()
  const agent = device.start()
  const [one, two] = [
    await agent.push(await wish(`${device.home}/papers/thesis`)),
    await agent.push(await wish(`${device.home}/papers/thesis`)),
  ]
  assert.notEqual(one.found?.folder, two.found?.folder)
  assert.equal(fs.readFileSync(`${two.found?.folder}/thesis`, 'utf8'), 'chapter one')
  assert.deepEqual(fs.statSync(two.found?.folder ?? '').uid, ada)
  const { found } = await agent.push(await wish(join(device.parent.path, 'srv')))
  const base = isRoot ? device.elsewhere : join(device.home, 'Restored')
  assert.ok(found?.folder.startsWith(`${base}/2026-01-01 `))
  assert.equal(fs.statSync(base).mode & 0o777, 0o700)
})

test('test 41: nobody can say where to: the schema has no field for it, and one that is added is refused', async () => {
  const schema = fs.readFileSync(new URL('../../../proto/schema/trust.proto', import.meta.url), 'utf8')
  const [, message = ''] = /message RestoreWish \{([^}]*)\}/.exec(schema) ?? []
  assert.deepEqual(
    [...message.matchAll(/(\w+) = \d+;/g)].map(([, name]) => name),
    ['path', 'at_ms', 'sequence', 'place', 'existing', 'root', 'root_key'],
  )
  const good = encodeRestoreWish({ path: utf8('/home/ada'), ...newestSnapshot })
  // Field 4, a string: `target = "/etc/cron.d"`.
  const target = concat(good, Uint8Array.of(0x22, 11), utf8('/etc/cron.d'))
  const bad = (bytes: Bytes) =>
    assert.throws(
      () => decodeRestoreWish(bytes),
      error => isFailure(error, 'bad_wish'),
    )
  bad(target)
  // Fields 4 and 5 say where it was, and no other place; 6 and 7 are a root of 32 bytes with its key, and a number.
  const root = { id: objectId(new Uint8Array(32).fill(6)), key: new Uint8Array(32).fill(7) }
  const lent = { path: utf8('/home/ada'), place: newFolderPlace, root } as const
  assert.deepEqual(
    decodeRestoreWish(encodeRestoreWish({ ...lent, snapshot: { kind: 'number', sequence: 3 } })).root,
    root,
  )
  bad(encodeRestoreWish({ ...lent, snapshot: { kind: 'newest' } }))
  bad(
    encodeRestoreWish({
      ...lent,
      snapshot: { kind: 'number', sequence: 3 },
      root: { ...root, key: new Uint8Array(31) },
    }),
  )
  for (const more of [
    [0x20, 2],
    [0x20, 1, 0x28, 2],
    [0x28, 1],
    [0x32, 1, 0x2f],
    [0x30, 1],
  ])
    bad(concat(good, Uint8Array.from(more)))
  for (const path of ['', 'relative', '/home/../etc', '/a/..', `/${'x'.repeat(5000)}`, '/a\0b'])
    bad(encodeRestoreWish({ path: utf8(path), ...newestSnapshot }))
  using device = await stage()
  const agent = device.start()
  assert.equal((await agent.push(await sealedJob(target))).said, 'failed bad_wish')
  assert.equal((await agent.push(await wish('/etc'))).said, 'failed not_in_snapshot')
  assert.deepEqual(fs.readdirSync(device.home), ['papers'], 'nothing was made')
})

test('a replacement gives back what another device had, from the root that its job names and nothing else', async () => {
  using device = await stage()
  const { home, root } = device
  const agent = device.start()
  const other = deviceId(new Uint8Array(16).fill(0xee))
  const { said, found } = await agent.push(await lentWish(`${home}/papers`, root(), other))
  assert.deepEqual([said, found?.written, found?.damaged], ['done', 6, 0])
  assert.equal(fs.readFileSync(join(found?.folder ?? '', 'thesis'), 'utf8'), 'chapter one')
  assert.deepEqual(new Set(agent.askedOf), new Set([other]))
  const wrongKey = { ...root(), key: new Uint8Array(32) }
  assert.equal((await agent.push(await lentWish(home, wrongKey, other))).said, 'failed not_authentic')
  assert.equal((await agent.push(await lentWish(home, root(), undefined))).said, 'failed bad_wish')
  const own = encodeRestoreWish({ path: utf8(home), ...newestSnapshot })
  assert.equal((await agent.push(await sealedJob(own, {}, fleet.admin, other))).said, 'failed bad_wish')
})

test('a symlink planted as Restored, as the home, or one that is another’s leads nowhere', async () => {
  using device = await stage()
  const { home, parent } = device
  const agent = device.start()
  const outside = join(parent.path, 'outside')
  fs.mkdirSync(outside)
  fs.symlinkSync(outside, join(home, 'Restored'))
  const job = () => wish(`${home}/papers`)
  assert.equal((await agent.push(await job())).said, 'failed bad_home')
  fs.rmSync(join(home, 'Restored'))
  fs.writeFileSync(join(home, 'Restored'), 'a file')
  assert.equal((await agent.push(await job())).said, 'failed bad_home')
  fs.rmSync(join(home, 'Restored'))
  if (isRoot) {
    fs.mkdirSync(join(home, 'Restored'))
    assert.equal((await agent.push(await job())).said, 'failed bad_home', 'of root, and not made by this job')
    fs.rmdirSync(join(home, 'Restored'))
    fs.chownSync(home, ada + 1, ada)
    assert.equal((await agent.push(await job())).said, 'failed bad_home', 'a home of somebody else')
    fs.chownSync(home, ada, ada)
  }
  fs.renameSync(home, `${home}-moved`)
  fs.symlinkSync(outside, home)
  assert.equal((await agent.push(await job())).said, 'failed bad_home')
  assert.deepEqual(fs.readdirSync(outside), [])
})

test('5 GiB stay free: asked before and while it writes', async () => {
  using device = await stage()
  const agent = device.start()
  const { disk, home } = device
  disk.freeBytes = reservedBytes + 5 * 1024 * 1024
  assert.equal((await agent.push(await wish(`${home}/papers`))).said, 'failed no_room')
  assert.equal((await agent.push(await wish(`${home}/papers/thesis`))).said, 'done')
  let asked = 0
  Object.defineProperty(disk, 'freeBytes', {
    get: () => (asked++ === 0 ? 100 * reservedBytes : reservedBytes - 1),
  })
  const { said, found } = await agent.push(await wish(`${home}/papers`))
  assert.equal(said, 'failed no_room')
  assert.match(found?.folder ?? '', /Restored/)
  assert.equal(fs.existsSync(join(found?.folder ?? '', 'deep/large')), false)
  assert.equal(fs.statSync(found?.folder ?? '').uid, ada, 'what there is of it belongs to its user')
})

test('once; by others or for others never', async () => {
  using device = await stage()
  const job = await wish(`${device.home}/papers`)
  const first = device.start()
  const done = await first.push(job)
  assert.deepEqual([done.said, (await first.push(job)).said], ['done', 'done'])
  assert.equal(fs.readdirSync(join(device.home, 'Restored')).length, 1)
  // Another process, to which the report of the first is unknown.
  assert.equal((await device.start().push(job)).said, 'failed interrupted')
  const agent = device.start()
  const refused = async (envelope: Bytes) => (await agent.push(envelope)).said
  const path = `${device.home}/papers`
  assert.equal(await refused(await wish(path, {}, await testKey(p, 'stranger'))), 'refused not_authorized')
  assert.equal(await refused(await wish(path, { audience: [idToBytes(other.id)] })), 'refused wrong_audience')
  // Sealed to another device: the signature is good, and it cannot be read here.
  const usual = { expiresAtMs: testNowMs + dayMs, audience: [idToBytes(laptop.id)] }
  const order = newOrder(p, fleet.trust, testNowMs, usual)
  const payload = encodeRestoreWish({ path: utf8(path), ...newestSnapshot })
  const sealed = await sealTo([testIdentity(0).recipient], payload)
  assert.equal(
    await refused(await signJob(p, { order, kind: 'restore', sealed }, fleet.admin)),
    'failed not_for_us',
  )
  assert.equal(fs.readdirSync(join(device.home, 'Restored')).length, 1)
  assert.equal(hex(order.id).length, 32)
})

test('cut off it goes on in the same folder: what is there is not fetched again, and it is reported once', async () => {
  using device = await stage()
  const { home, disk } = device
  for (let n = 0; n < 40; n++) fs.writeFileSync(join(home, `papers/deep/part ${n}`), randomBytes(300_000))
  await device.backUpAgain()
  const path = join(home, 'papers')
  const whole = device.start()
  const { found: reference } = await whole.push(await wish(path))
  const needed = whole.fetched.length
  const job = await wish(path)
  for (const cutAfter of [0, Math.floor(needed / 2), needed - 1]) {
    const agent = device.start(fleet.trust, cutAfter)
    if (disk.begun === undefined) agent.put(job)
    await agent.cutOff()
    assert.equal(agent.reports.length, 0)
  }
  const folder = disk.begun?.chosen?.folder?.name ?? assert.fail()
  if (isRoot) assert.equal(fs.statSync(join(home, 'Restored', folder)).uid, 0, 'closed until it is whole')
  const last = device.start()
  const { said, found } = await last.word()
  assert.equal(said, 'done')
  // Bytes and notes are those of the last part of the way.
  const { bytes = 0, notes = {}, flaws = [] } = found ?? {}
  assert.deepEqual({ ...found, folder: '' }, { ...reference, folder: '', bytes, notes, flaws })
  assert.ok(last.fetched.length < needed / 2, `${last.fetched.length} of ${needed} were fetched again`)
  assert.deepEqual(treeOf(found?.folder ?? ''), treeOf(path))
  assert.equal(fs.statSync(found?.folder ?? '').uid, ada)
  assert.equal(disk.begun, undefined)
  assert.equal((await last.push(job)).said, 'done', 'the same word')
})

test('its time over or its signer gone, it ends, and what there is belongs to its user', async () => {
  using device = await stage()
  const path = join(device.home, 'papers')
  const cut = async () => {
    const agent = device.start(fleet.trust, 2)
    agent.put(await wish(path))
    await agent.cutOff()
    assert.ok(device.disk.begun?.chosen)
  }
  await cut()
  const late = device.start(fleet.trust, 0, testNowMs + 2 * dayMs)
  const { said, found } = await late.word()
  assert.equal(said, 'failed expired')
  assert.equal(fs.statSync(found?.folder ?? '').uid, ada)
  assert.equal(device.disk.begun, undefined)
  await cut()
  const { trust } = await testFleet(p, { admins: [] })
  assert.equal((await device.start(trust, 0).word()).said, 'failed not_authorized')
})

test('a folder put in the place of one that is half done is not gone on with', async () => {
  using device = await stage()
  const agent = device.start(fleet.trust, 2)
  agent.put(await wish(`${device.home}/papers`))
  await agent.cutOff()
  const place = join(device.home, 'Restored', device.disk.begun?.chosen?.folder?.name ?? '')
  fs.renameSync(place, `${place} away`)
  fs.mkdirSync(place, { mode: 0o700 })
  fs.writeFileSync(join(place, 'root-owned'), '')
  assert.equal((await device.start().word()).said, 'failed interrupted')
  assert.deepEqual(fs.readdirSync(place), ['root-owned'])
  assert.equal(fs.statSync(place).uid, geteuid?.())
})

/** Names, content, modes and targets of all that lies in a folder; no symlink is followed. */
function treeOf(folder: string, below = ''): readonly (readonly unknown[])[] {
  return fs
    .readdirSync(join(folder, below))
    .sort()
    .flatMap(one => {
      const name = join(below, one)
      const path = join(folder, name)
      const stat = fs.lstatSync(path)
      if (stat.isSymbolicLink()) return [[name, fs.readlinkSync(path)]]
      const mode = stat.mode & 0o1777
      if (stat.isDirectory()) return [[name, mode], ...treeOf(folder, name)]
      return [[name, mode, fs.readFileSync(path).toString('base64')]]
    })
}

test('in its place: what is gone comes back, what is there the same is left, what has changed gets another beside it', async () => {
  using device = await stage()
  const { home } = device
  const papers = join(home, 'papers')
  fs.writeFileSync(join(papers, 'thesis'), 'chapter two')
  fs.rmSync(join(papers, 'deep'), { recursive: true })
  fs.rmSync(join(papers, 'link'))
  const inode = fs.statSync(join(papers, 'tool')).ino
  const agent = device.start()
  const { said, found } = await agent.push(await inPlace(papers))
  assert.equal(said, 'done')
  assert.deepEqual(found?.aside, [{ path: 'papers/thesis', code: 'renamed', as: 'thesis (restored)' }])
  // The folder itself and `tool` were there; `deep`, `large`, `link` and the other thesis were written.
  assert.deepEqual([found?.there, found?.written], [2, 4])
  assert.deepEqual(fs.readdirSync(papers).sort(), ['deep', 'link', 'thesis', 'thesis (restored)', 'tool'])
  assert.equal(fs.readFileSync(join(papers, 'thesis'), 'utf8'), 'chapter two')
  assert.equal(fs.readFileSync(join(papers, 'thesis (restored)'), 'utf8'), 'chapter one')
  assert.equal(fs.statSync(join(papers, 'tool')).ino, inode)
  assert.deepEqual(
    new Set(
      ['deep', 'deep/large', 'link', 'thesis (restored)'].map(name => fs.lstatSync(join(papers, name)).uid),
    ),
    new Set([ada]),
  )
  assert.deepEqual(fs.readdirSync(home), ['papers'], 'no folder of parts stays')
  const before = treeOf(home)
  const again = await agent.push(await inPlace(papers))
  assert.deepEqual([again.said, again.found?.written], ['done', 0])
  fs.writeFileSync(join(papers, 'tool'), 'mine')
  const left = await agent.push(await inPlace(papers, 'leave'))
  assert.deepEqual(left.found?.aside?.at(-1), { path: 'papers/tool', code: 'taken' })
  fs.writeFileSync(join(papers, 'tool'), 'set id')
  assert.deepEqual(treeOf(home), before, 'nothing was written twice')
})

test('in its place: what the system refuses, because a program holds the name, is named, and the rest comes back', async () => {
  using device = await stage()
  const { home, parent } = device
  const papers = join(home, 'papers')
  for (const name of ['link', 'tool']) fs.rmSync(join(papers, name))
  const { system } = parent
  const holding: System = {
    ...system,
    tryRename: (fromAt, from, toAt, to) =>
      fromUtf8(to) === 'link' ? -constants.errno.EBUSY : system.tryRename(fromAt, from, toAt, to),
  }
  const agent = device.start(fleet.trust, Number.POSITIVE_INFINITY, testNowMs, holding)
  const { said, found } = await agent.push(await inPlace(papers))
  assert.equal(said, 'done')
  // Of root's agent, `deep` is root's: another gets beside it.
  assert.deepEqual(found?.aside?.at(-1), { path: 'papers/link', code: 'refused', why: 'EBUSY' })
  assert.equal(fs.readFileSync(join(papers, 'tool'), 'utf8'), 'set id')
  assert.deepEqual(fs.readdirSync(home), ['papers'], 'no part of it stays')
})

test('in its place: a lost root, a single file below folders that are gone, and what has another’s name', async () => {
  using device = await stage()
  const { home, disk } = device
  disk.roots = [join(home, 'papers')]
  fs.rmSync(join(home, 'papers'), { recursive: true })
  const agent = device.start()
  assert.equal((await agent.push(await inPlace(join(home, 'papers/deep/large')))).said, 'done')
  assert.deepEqual(
    treeOf(home).map(([name]) => name),
    ['papers', 'papers/deep', 'papers/deep/large'],
  )
  assert.equal(fs.statSync(join(home, 'papers')).uid, ada)
  fs.rmSync(join(home, 'papers'), { recursive: true })
  fs.mkdirSync(join(home, 'papers'))
  if (isRoot) fs.chownSync(join(home, 'papers'), ada, ada)
  fs.symlinkSync('/etc', join(home, 'papers/deep'))
  const { said, found } = await agent.push(await inPlace(join(home, 'papers')))
  assert.equal(said, 'done')
  assert.deepEqual(found?.aside, [{ path: 'deep', code: 'renamed', as: 'deep (restored)' }])
  assert.equal(fs.statSync(join(home, 'papers/deep (restored)/large')).size, 6 * 1024 * 1024)
  assert.equal(fs.readlinkSync(join(home, 'papers/deep')), '/etc')
})

test('in its place, cut off, it goes on there', async () => {
  using device = await stage()
  const papers = join(device.home, 'papers')
  fs.writeFileSync(join(papers, 'thesis'), 'chapter two')
  fs.rmSync(join(papers, 'deep'), { recursive: true })
  const agent = device.start(fleet.trust, 2)
  agent.put(await inPlace(papers))
  await agent.cutOff()
  assert.equal((await device.start().word()).said, 'done')
  assert.deepEqual(fs.readdirSync(papers).sort(), ['deep', 'link', 'thesis', 'thesis (restored)', 'tool'])
  assert.equal(fs.statSync(join(papers, 'deep/large')).size, 6 * 1024 * 1024)
  assert.deepEqual(fs.readdirSync(device.home), ['papers'])
})

test('test 41 in its place: outside of the roots, over a symlink, or in what is root’s: nothing is written', async () => {
  using device = await stage()
  const { home, disk, parent } = device
  const papers = join(home, 'papers')
  const outside = join(parent.path, 'outside')
  fs.mkdirSync(outside)
  if (isRoot) fs.chownSync(outside, ada, ada)
  const agent = device.start()
  const said = async (path: string) => (await agent.push(await inPlace(path))).said
  assert.equal(await said('/etc/cron.d'), 'failed not_in_snapshot')
  if (isRoot)
    assert.equal(await said(join(parent.path, 'srv')), 'failed not_in_place', 'of root, in nobody’s home')
  disk.roots = [join(home, 'papers/deep')]
  assert.equal(await said(papers), 'failed not_in_place', 'above what is backed up')
  disk.roots = [join(home, 'pap')]
  assert.equal(await said(papers), 'failed not_in_place', 'a name that only begins like it')
  disk.roots = [join(papers, 'thesis')]
  assert.equal(await said(join(papers, 'thesis')), 'failed not_in_place', 'a file that is a root')
  disk.roots = [papers]
  fs.renameSync(papers, `${papers} away`)
  fs.symlinkSync(outside, papers)
  assert.equal(await said(papers), 'failed bad_place')
  assert.equal(await said(join(papers, 'deep')), 'failed bad_place')
  fs.rmSync(papers)
  if (isRoot) {
    fs.mkdirSync(papers)
    assert.equal(await said(papers), 'failed bad_place', 'of root, in a home')
    fs.chownSync(papers, ada, ada)
    fs.mkdirSync(join(papers, 'deep'))
    assert.equal(await said(papers), 'done')
    assert.deepEqual(fs.readdirSync(join(papers, 'deep')), [], 'what is root’s below is not written into')
    assert.ok(fs.existsSync(join(papers, 'deep (restored)/large')))
    fs.chownSync(home, ada + 1, ada)
    assert.equal(await said(papers), 'failed bad_place', 'a home of somebody else')
  }
  assert.deepEqual(fs.readdirSync(outside), [])
})

test('in its place, a folder exchanged while it is written leads nowhere', async () => {
  using device = await stage()
  const { home, parent } = device
  const papers = join(home, 'papers')
  const outside = join(parent.path, 'outside')
  fs.mkdirSync(outside)
  fs.rmSync(join(papers, 'deep'), { recursive: true })
  let isSwapped = false
  const { system } = parent
  const quick = {
    ...system,
    tryRename(fromAt: Handle, from: Bytes, at: Handle, to: Bytes) {
      const result = system.tryRename(fromAt, from, at, to)
      if (result === 0 && fromUtf8(to) === 'deep') {
        isSwapped = true
        fs.renameSync(join(papers, 'deep'), join(papers, 'deep away'))
        fs.symlinkSync(outside, join(papers, 'deep'))
      }
      return result
    },
  }
  await device.start(fleet.trust, Number.POSITIVE_INFINITY, testNowMs, quick).push(await inPlace(papers))
  assert.ok(isSwapped)
  assert.deepEqual(fs.readdirSync(outside), [])
  assert.equal(fs.statSync(outside).uid, geteuid?.())
})

test('an admin who holds only the role policy restores nothing', async () => {
  using device = await stage()
  const [admin] = fleet.trust.document.admins
  const admins = admin === undefined ? [] : [{ ...admin, roles: ['policy'] as const }]
  const { trust } = await testFleet(p, { admins })
  const usual = { expiresAtMs: testNowMs + dayMs, audience: [idToBytes(laptop.id)] }
  const order = newOrder(p, trust, testNowMs, usual)
  const envelope = await signJob(p, { order, kind: 'restore', sealed: new Uint8Array() }, fleet.admin)
  assert.equal((await device.start(trust).push(envelope)).said, 'refused not_authorized')
})

test('what is damaged in the store is counted and named, and all else is restored', async () => {
  using device = await stage()
  const { objects } = device.vault
  for (const stored of objects.values()) {
    const last = stored.length - 1
    if (decodeWhole(stored).header.type === 'segment') stored[last] = (stored[last] ?? 0) ^ 1
  }
  const { said, found } = await device.start().push(await wish(`${device.home}/papers`))
  assert.equal(said, 'done')
  assert.ok((found?.damaged ?? 0) > 0)
  assert.ok(found?.back.includes('link') && !found.back.includes('deep/large'))
  assert.ok(fs.existsSync(join(found?.folder ?? '', 'link')))
})
