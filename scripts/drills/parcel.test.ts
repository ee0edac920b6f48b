// A part of one device goes to another, with real processes: the part comes whole, and the rest stays unread.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { test } from 'node:test'
import { openAgent } from '@backstay/agent/agent'
import { connectDevice } from '@backstay/agent/link/connect'
import { filesystemPackStore } from '@backstay/collector/packs/filesystem'
import { scanFrames } from '@backstay/collector/packs/scan'
import type { Bytes } from '@backstay/proto/bytes'
import { openWith } from '@backstay/proto/content/age'
import { openObject } from '@backstay/proto/content/seal'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives } from '@backstay/proto/node'
import { decodeWhole, type Header } from '@backstay/proto/object/header'
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { packHeaderBytes } from '@backstay/proto/object/pack'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import { decodeJob, type Job } from '@backstay/proto/trust/job'
import { decodeRestoreWish } from '@backstay/proto/trust/restore-wish'
import { compareTrees } from '../testing/compare-trees.ts'
import { type Device, makeFleet, need } from './fleet.ts'
import { jsonOf, type Running, start } from './processes.ts'
import { until } from './until.ts'

interface Given {
  readonly parcel: string
  readonly job: string
  readonly entries: number
  readonly bytes: number
  readonly state: string
  readonly found: { readonly folder: string; readonly written: number; readonly damaged: number }
}

interface Listed {
  readonly parcel: string
  readonly sourceName: string
  readonly receiverName: string
  readonly paths: readonly string[]
  readonly entries: number
  readonly state: string
  readonly arrived: boolean
}

const mebibyte = 1024 * 1024

async function started(device: Device, restored: string): Promise<Running> {
  const agent = device.start('run', '--restored', restored)
  await agent.line(line => line.includes('"collector connected"'))
  return agent
}

/** Small, tiny, large, with holes, linked twice, a symlink, a file in no part of it. */
function writeHome(home: string): void {
  mkdirSync(`${home}/papers/drafts`, { recursive: true })
  mkdirSync(`${home}/mail/2026`, { recursive: true })
  for (let n = 0; n < 200; n++) writeFileSync(`${home}/papers/drafts/${n}`, `draft ${n} `.repeat(n * 9))
  writeFileSync(`${home}/papers/tiny`, 'x')
  writeFileSync(`${home}/papers/empty`, '')
  writeFileSync(`${home}/papers/film`, randomBytes(9 * mebibyte))
  writeFileSync(`${home}/papers/middle`, randomBytes(2 * mebibyte))
  linkSync(`${home}/papers/middle`, `${home}/papers/drafts/middle-too`)
  symlinkSync('../mail', `${home}/papers/link`)
  const image = openSync(`${home}/papers/image`, 'w')
  writeSync(image, 'begins', 0)
  writeSync(image, 'ends', 30 * mebibyte)
  ftruncateSync(image, 40 * mebibyte)
  closeSync(image)
  writeFileSync(`${home}/papers/drafts-not`, 'beside them')
  writeFileSync(`${home}/mail/2026/letter`, 'a letter')
  writeFileSync(`${home}/mail/secret`, 'nobody else reads this')
}

// An agent that is not root's restores into its user's own home, which is no place for tests.
const skip = process.geteuid?.() !== 0

test('a part of a device goes to another, byte for byte, and the rest stays where it is', {
  skip,
}, async t => {
  await using fleet = await makeFleet()
  const home = fleet.path('home')
  const restored = fleet.path('restored')
  writeHome(home)
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  await laptop.backup()
  mkdirSync(fleet.path('other'))
  const desktop = await fleet.enroll('desktop', { roots: [fleet.path('other')] })
  const agent = await started(desktop, restored)
  const give = (...words: readonly string[]) => fleet.admin('parcel', 'laptop', ...words)
  const to = ['--to', 'desktop'] as const
  const differences = async (a: string, b: string) =>
    (await compareTrees(a, b, { top: false })).map(one => `${one.kind} ${one.path}`)

  await t.test('mistakes are named before anything is signed', async () => {
    const wrong = async (...words: readonly string[]) => (await give(...words)).err
    assert.match(await wrong(`${home}/nowhere`, ...to, '--yes'), /is not in this snapshot/)
    assert.match(await wrong('papers', ...to, '--yes'), /not an absolute path/)
    assert.match(await wrong(`${home}/papers`, '--to', 'nobody', '--yes'), /no device "nobody"/)
    assert.match(await wrong(`${home}/papers`, '--to', 'laptop', '--yes'), /has these files already/)
    assert.match(
      await wrong(`${home}/papers`, ...to, '--days', '0', '--yes'),
      /--days must be .* from 1 to 366/,
    )
    assert.match(await wrong(`${home}/papers`, ...to, '--days', '-3', '--yes'), /--days must be/)
    assert.match(await wrong(`${home}/papers`, ...to, '--at', '2001-01-01', '--yes'), /no snapshot from 2001/)
    assert.match(await wrong(`${home}/papers`, ...to), /nobody is here to confirm/)
    assert.equal(need(await fleet.admin('parcels')).out.trim(), 'no parcel')
    const dry = need(await give(`${home}/papers`, ...to, '--dry-run')).out
    assert.match(dry, /^210 entries, 5\d\.\d MiB of laptop, snapshot #1 of .*\n {2}for desktop alone, until /)
    assert.equal(need(await fleet.admin('parcels')).out.trim(), 'no parcel')
  })

  let parcel = ''
  await t.test('one folder', async () => {
    const given = jsonOf<Given>(need(await give(`${home}/papers`, ...to, '--yes', '--json')))
    parcel = given.parcel
    assert.deepEqual([given.state, given.found.damaged, given.entries], ['done', 0, 210])
    assert.deepEqual(await differences(`${home}/papers`, given.found.folder), [])
    const [one] = jsonOf<readonly Listed[]>(need(await fleet.admin('parcels', '--json')))
    assert.deepEqual(
      [one?.sourceName, one?.receiverName, one?.paths, one?.state, one?.arrived],
      ['laptop', 'desktop', [`${home}/papers`], 'arrived', true],
    )
    assert.match(
      need(await fleet.admin('parcels', '--device', 'laptop')).out,
      /laptop +desktop +arrived +yes/,
    )
    assert.equal(need(await fleet.admin('parcels', '--device', 'elsewhere')).out.trim(), 'no parcel')
  })

  await t.test('several paths come below the folder that holds them, and nothing beside them', async () => {
    const paths = [
      `${home}/papers/tiny`,
      `${home}/mail/2026`,
      `${home}/papers/drafts`,
      `${home}/papers/drafts/7`,
    ]
    const given = jsonOf<Given>(need(await give(...paths, ...to, '--yes', '--json')))
    const { folder } = given.found
    const names = (below: string) => readdirSync(`${folder}/${below}`).sort()
    assert.deepEqual(
      [names(''), names('mail'), names('papers')],
      [['mail', 'papers'], ['2026'], ['drafts', 'tiny']],
    )
    assert.deepEqual(await differences(`${home}/papers/drafts`, `${folder}/papers/drafts`), [])
    assert.deepEqual(await differences(`${home}/mail/2026`, `${folder}/mail/2026`), [])
  })

  await t.test('nobody reads what was not given to him, by any key that he got', async () => {
    const stored = await objectsIn(`${fleet.data}/packs`)
    for (const [device, other] of [
      [desktop, laptop.id],
      [laptop, parcel],
    ] as const) {
      await using reading = await openAgent(device.state, { reading: true })
      const { primitives: p, clock, transport, identity, signingKey, trust } = reading
      await using session = await connectDevice({
        ...{ urls: identity.urls, signingKey, primitives: p, transport, clock, trust, software: 'drill' },
      })
      const domain = other as DeviceId
      const own = [...stored].filter(one => one.domain === domain).map(one => one.id)
      assert.ok(own.length > 5)
      await assert.rejects(Array.fromAsync(session.get(own, domain)), { code: 'wrong_role' })
      await assert.rejects(Array.fromAsync(session.listSnapshots(domain)), { code: 'wrong_role' })
      await assert.rejects(Array.fromAsync(session.listRecords('escrow', domain)), { code: 'wrong_role' })
    }
    // If the collector handed out everything: what was sealed for the receiver opens for him alone, and one page with it.
    const identityOf = async ({ state }: Device) => {
      await using reading = await openAgent(state, { reading: true })
      return reading.identity.secrets.identity
    }
    const job = stored.map(jobIn).find(one => one?.source === parcel) ?? assert.fail()
    await assert.rejects(openWith([await identityOf(laptop)], job.sealed), { code: 'not_for_us' })
    const { root } = decodeRestoreWish(await openWith([await identityOf(desktop)], job.sealed))
    assert.ok(root)
    const opened = []
    for (const { id, header, bytes, domain } of stored) {
      if (header.type === 'record') continue
      try {
        await openObject(nodePrimitives, { id, key: root.key }, header.type, bytes)
        opened.push([domain, id])
      } catch (error) {
        if (!isFailure(error)) throw error
      }
    }
    assert.deepEqual(opened, [[parcel, root.id]])
  })

  await t.test('a packer that is killed leaves nothing that counts', async () => {
    const words = [
      'parcel',
      'laptop',
      home,
      '--to',
      'desktop',
      '--yes',
      '--no-wait',
      '--json',
      ...fleet.adminOptions,
    ]
    const packer = start('admin', words)
    const before = jsonOf<readonly Listed[]>(need(await fleet.admin('parcels', '--json'))).length
    for (let now = before; now === before; ) {
      now = jsonOf<readonly Listed[]>(need(await fleet.admin('parcels', '--json'))).length
      if (!packer.isAlive()) break
    }
    await packer.end('SIGKILL')
    const [half] = jsonOf<readonly Listed[]>(need(await fleet.admin('parcels', '--json')))
    if (half?.state === 'unsent') {
      assert.match((await fleet.admin('parcels', 'send', half.parcel)).err, /no snapshot yet|no escrow/)
      assert.match(need(await fleet.admin('parcels', 'revoke', half.parcel, '--yes')).out, /is over/)
    }
    assert.equal(jsonOf<readonly unknown[]>(need(await fleet.admin('devices', '--json'))).length, 2)
  })

  await t.test('one that did not come in time is handed over again, and revoked it is gone', async () => {
    const again = jsonOf<{ job: string }>(
      need(await fleet.admin('parcels', 'send', parcel.slice(0, 8), '--json')),
    )
    await agent.line(line => line.includes('"job done"') && line.includes(again.job))
    need(await fleet.admin('parcels', 'revoke', parcel, '--yes'))
    const listed = jsonOf<readonly Listed[]>(need(await fleet.admin('parcels', '--json')))
    const one = listed.find(each => each.parcel === parcel)
    assert.deepEqual([one?.state, one?.arrived], ['ended', true])
    assert.match((await fleet.admin('parcels', 'revoke', parcel, '--yes')).err, /is over already/)
    assert.match((await fleet.admin('parcels', 'send', parcel)).err, /is over/)
    assert.match((await fleet.admin('parcels', 'revoke', 'ffffffff', '--yes')).err, /there is no parcel/)
    // And the log says who gave it, and not what.
    // It follows what is durable each two seconds.
    const log = await until(
      async () => need(await fleet.admin('audit', '--json')).out,
      lines => lines.includes('"parcel-end"'),
    )
    // The newest fifty: of the one whose packer was killed, too.
    assert.match(log, /"action":"parcel","actor":"admin:[^}]*"receiver":/)
    assert.match(log, /"action":"parcel-end"/)
    assert.doesNotMatch(log, /papers/)
  })
  await t.test('a receiver that is retired gets nothing', async () => {
    need(await fleet.admin('retire', 'desktop', '--yes'))
    assert.match((await give(`${home}/papers`, ...to, '--yes')).err, /desktop is retired/)
  })
  await agent.end('SIGTERM')
})

interface StoredObject {
  readonly domain: DeviceId
  readonly id: ObjectId
  readonly header: Header
  readonly bytes: Bytes
}

/** All that a collector holds. */
async function objectsIn(data: string): Promise<readonly StoredObject[]> {
  const store = filesystemPackStore(data)
  const found: StoredObject[] = []
  for await (const { name, bytes } of store.list()) {
    const range = { from: packHeaderBytes, to: bytes }
    for await (const one of scanFrames(nodePrimitives, store, name, range))
      if (one.state === 'whole') found.push({ ...one, bytes: one.stored.slice() })
  }
  return found
}

function jobIn({ header, bytes }: StoredObject): Job | undefined {
  if (header.type !== 'record') return undefined
  const envelope = decodeEnvelope(decodeWhole(bytes).body)
  return kindOf(envelope) === 'job' ? decodeJob(envelope.payload) : undefined
}
