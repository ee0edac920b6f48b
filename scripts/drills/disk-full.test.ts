// Disks that are full: of the collector, of the agent's state, of a restore. A clear sentence, nothing acknowledged lost,
// and all goes on by itself as soon as there is space.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom } from '../testing/random.ts'
import { changingTree, differingPaths, fingerprint } from './changing-tree.ts'
import { makeFleet, need } from './fleet.ts'
import { jsonOf, run } from './processes.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

const mebibyte = 1024 * 1024
const disks = mkdtempSync(join(tmpdir(), 'backstay-disks-'))
const at = (name: string) => join(disks, name)
// Beyond the 256 MiB that a collector keeps free; the disk takes memory only for what lies on it.
const sizes = { collector: 400, state: 16, target: 3 }
const small = (name: keyof typeof sizes) => mountSmallDisk(at(name), sizes[name])
const mounted = [small('collector'), small('state'), small('target')]
const [collectorDisk, stateDisk, targetDisk] = mounted

if (collectorDisk === undefined || stateDisk === undefined || targetDisk === undefined) {
  const why = 'full disks are NOT SHOWN HERE: mounting a small disk needs root'
  console.error(why)
  test(why, { skip: true }, () => undefined)
  for (const disk of mounted) disk?.unmount()
  rmSync(disks, { recursive: true })
} else await stories(collectorDisk, stateDisk)

async function stories(collectorDisk: SmallDisk, stateDisk: SmallDisk): Promise<void> {
  const fleet = await makeFleet({ data: at('collector/data') })
  after(async () => {
    await fleet[Symbol.asyncDispose]()
    for (const disk of mounted) disk?.unmount()
    for (const name of readdirSync(disks)) rmdirSync(at(name))
    rmdirSync(disks)
  })
  const size = { smallFiles: 300, largeFiles: 6, largeBytes: mebibyte, imageBytes: mebibyte }
  const tree = changingTree(fleet.path('home'), seededRandom(3), size)
  const laptop = await fleet.enroll('laptop', { state: at('state/agent') })
  await laptop.backup(tree.path)
  let acknowledged = fingerprint(tree.path)

  async function requireNothingLost(): Promise<void> {
    const to = fleet.path('restored')
    need(await laptop.run('restore', tree.path, '--to', to))
    assert.deepEqual(differingPaths(acknowledged, fingerprint(to)), [])
    rmSync(to, { recursive: true })
  }

  /** Without anybody starting anything again. */
  async function requireGoesOn(): Promise<void> {
    const { alarms } = await laptop.backup(tree.path)
    assert.deepEqual(alarms, [])
    acknowledged = fingerprint(tree.path)
    await requireNothingLost()
  }

  for (const { name, mebibytes } of [
    { name: 'down to its reserve', mebibytes: () => 200 },
    { name: 'to the last byte', mebibytes: () => usedMebibytes(at('collector')) },
  ]) {
    test(`the collector's disk is full ${name}: refused with a reason, nothing lost, goes on by itself`, async () => {
      tree.change()
      collectorDisk.resize(mebibytes())
      const { code, err } = await laptop.run('backup', tree.path)
      assert.equal(code, 1)
      assert.match(
        err,
        /^error: the collector has no room left.*\nhint: free or add disk space on the collector/m,
      )
      await requireNothingLost()
      assert(fleet.collector.isAlive())
      collectorDisk.resize(sizes.collector)
      await requireGoesOn()
    })
  }

  test('a collector that was restarted on a full disk says so, and has lost nothing when there is space', async () => {
    collectorDisk.resize(usedMebibytes(at('collector')))
    await fleet.collector.end('SIGKILL')
    // It seals what the kill left open, and writes its catalog: on a disk without a byte it can do neither. But what the killed one
    // had deleted and held open came free with its end, and that may be enough.
    const refused = await fleet.startCollector().then(
      () => undefined,
      (error: Error) => error.message,
    )
    collectorDisk.resize(sizes.collector)
    if (refused !== undefined) {
      assert.match(refused, /error: (the collector has no room|.*disk is full).*\nhint: .*disk/)
      await fleet.startCollector()
    }
    await requireNothingLost()
  })

  for (const spare of [0, 0.06, 0.12]) {
    test(`the disk of the agent's state is full but for ${spare} MiB: it says what and where, and goes on`, async () => {
      tree.change()
      stateDisk.resize(usedMebibytes(at('state')) + spare)
      const { code, err, out } = await laptop.run('backup', tree.path)
      stateDisk.resize(sizes.state)
      // With a little space it may be enough, and then it is a good backup.
      if (spare > 0 && code === 0) return requireGoesOn()
      assert.equal(code, 1, out)
      assert.match(err, /^error: (?!unexpected).*\nhint: .*space/m)
      assert(err.includes(at('state/agent')), err)
      // It may have been acknowledged before the head could be written: then it is no older than what we compare with.
      need(await laptop.run('verify'))
      await requireGoesOn()
    })
  }

  test('a running agent lives on when the collector’s disk is full or its own: it says why, and goes on by itself', async t => {
    const desk = await fleet.enroll('desk', { state: at('state/desk'), roots: [tree.path] })
    const agent = desk.start('run')
    const logged = (what: RegExp, from: number) => agent.line(line => what.test(line), from)
    await logged(/"snapshot stored"/, 0)
    const battery = async () => {
      const { settings } = jsonOf<{ settings: { setting: string; value: string }[] }>(
        need(await desk.run('policy', '--json')),
      )
      return Number.parseInt(settings.find(({ setting }) => setting === 'battery')?.value ?? '', 10)
    }
    for (const [disk, small, outcome] of [
      ['collector', collectorDisk, /"backup failed".*"the collector has no room left/],
      // What is left of its last block may be enough, and then it is a good backup.
      ['state', stateDisk, /"(backup failed|link failed|snapshot stored)"/],
    ] as const) {
      const before = agent.lineCount
      fill(small, disk)
      tree.change()
      await logged(outcome, before)
      const percent = disk === 'collector' ? 31 : 32
      const signed = await fleet.admin('policy', 'edit', '--yes', '--set', `battery=${percent}`)
      if (signed.code !== 0) assert.match(signed.err, /^error: (?!unexpected).*\nhint: .*(disk|space)/m)
      t.diagnostic(`a policy beside a full disk of the ${disk}: ${signed.code} ${signed.err}`)
      assert(agent.isAlive())
      const full = agent.lineCount
      small.resize(sizes[disk])
      tree.change()
      await logged(/"snapshot stored"/, full)
      // What a full disk kept from its place comes to it by itself; what was refused changed nothing.
      while (signed.code === 0 && (await battery()) !== percent) await delay(100)
    }
    need(await desk.run('backup'))
    acknowledged = fingerprint(tree.path)
    assert.doesNotMatch(agent.err, /a mistake|TypeError|unhandled/i)
    assert.equal((await agent.end('SIGTERM')).code, 0)
    const to = fleet.path('restored')
    need(await desk.run('restore', tree.path, '--to', to))
    assert.deepEqual(differingPaths(acknowledged, fingerprint(to)), [])
    rmSync(to, { recursive: true })
  })

  test('an enrolment on a full disk does not use up its token', async () => {
    const token = await fleet.token()
    const listed = async () => jsonOf<unknown[]>(need(await fleet.admin('devices', '--json'))).length
    const before = await listed()
    const known: number[] = []
    const enroll = () => run('agent', ['enroll', token, '--state', at('state/another')])
    const codes: (number | null)[] = []
    // From no space at all, which stops it before the token is used, over too little for what the collector answers, to
    // almost enough.
    for (const spare of [0, 0.008, 0.016, 0.024]) {
      stateDisk.resize(usedMebibytes(at('state')) + spare)
      const { code, err } = await enroll()
      stateDisk.resize(sizes.state)
      codes.push(code)
      if (code === 0) break
      assert.match(err, /^error: .*state\/another.*\nhint: .*/m)
      known.push((await listed()) - before)
    }
    assert.equal(codes[0], 1)
    assert.equal(known[0], 0)
    assert(known.includes(1), 'no attempt failed after the collector had said yes')
    if (!codes.includes(0)) need(await enroll())
    // It went on as the device that it began as.
    assert.equal((await listed()) - before, 1)
  })

  test('the disk of a restore is full: it ends with the reason, and what was written is whole', async () => {
    await laptop.backup(tree.path)
    for (const restore of [
      () => laptop.run('restore', tree.path, '--to', at('target/out')),
      () => fleet.admin('restore', 'laptop', tree.path, '--to', at('target/out')),
    ]) {
      const { code, err } = await restore()
      assert.equal(code, 1)
      assert.match(
        err,
        /^error: cannot write to ".*": its disk is full\nhint: free some space or choose another folder/m,
      )
      const wanted = fingerprint(tree.path)
      const files = [...fingerprint(at('target/out'))].filter(([, print]) => /[0-9a-f]{64}$/.test(print))
      assert(files.length > 0)
      const hash = (print: string | undefined) => print?.split(' ')[2]
      assert.deepEqual(
        files.filter(([path, print]) => hash(wanted.get(path)) !== hash(print)),
        [],
      )
      rmSync(at('target/out'), { recursive: true })
    }
    writeFileSync(at('target/free'), 'there is space again')
  })
}

/** Beside a process that writes, what is used may grow before the size is set. */
function fill(small: SmallDisk, name: keyof typeof sizes): void {
  for (let tries = 1; ; tries++) {
    try {
      small.resize(usedMebibytes(at(name)))
      return
    } catch (error) {
      if (tries === 100) throw error
    }
  }
}

function usedMebibytes(path: string): number {
  const { blocks, bfree, bsize } = statfsSync(path)
  return ((blocks - bfree) * bsize) / mebibyte
}
