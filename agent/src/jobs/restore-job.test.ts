// What an admin's signature cannot do to a device: choose a place, overwrite, fill the disk, follow a user's symlink.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { geteuid } from 'node:process'
import { test } from 'node:test'
import { type Bytes, concat, hex, utf8 } from '@backstay/proto/bytes'
import { sealTo } from '@backstay/proto/content/age'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { decodeWhole } from '@backstay/proto/object/header'
import { deviceId, idToBytes, objectId } from '@backstay/proto/object/id'
import { signJob } from '@backstay/proto/trust/job'
import { newOrder } from '@backstay/proto/trust/order'
import { decodeRestoreWish, encodeRestoreWish, newFolderPlace } from '@backstay/proto/trust/restore-wish'
import { testFleet, testIdentity, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { reservedBytes } from './restore-job.ts'
import {
  ada,
  dayMs,
  fleet,
  isRoot,
  laptop,
  lentWish,
  newestSnapshot,
  other,
  sealedJob,
  stage,
  treeOf,
  wish,
} from './testing/restoring-device.ts'

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

test('a name that nobody can type comes back by the path that lists show, and its like that can be typed goes before it', {
  skip: process.platform !== 'linux' && 'names are UTF-8 here',
}, async () => {
  using device = await stage()
  const { home } = device
  const raw = Buffer.concat([Buffer.from(`${home}/papers/caf`), Uint8Array.of(0xe9)])
  fs.writeFileSync(raw, 'by its bytes')
  await device.backUpAgain()
  const agent = device.start()
  const shown = `${home}/papers/caf\\xe9`
  const one = await agent.push(await wish(shown))
  assert.equal(one.said, 'done')
  const folder = one.found?.folder ?? assert.fail()
  const back = Buffer.concat([Buffer.from(`${folder}/caf`), Uint8Array.of(0xe9)])
  assert.equal(fs.readFileSync(back, 'utf8'), 'by its bytes')
  fs.writeFileSync(shown, 'by its text')
  await device.backUpAgain()
  const { found } = await device.start().push(await wish(shown))
  assert.deepEqual(fs.readdirSync(found?.folder ?? assert.fail()), ['caf\\xe9'])
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
