// Signed one-time commands with real processes: done once, followed, and a lost folder comes back on its device.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Device, makeFleet, need } from './fleet.ts'
import { jsonOf, type Running } from './processes.ts'
import { until } from './until.ts'

interface Ran {
  readonly job: string
  readonly state: string
  readonly code: string
  readonly found: Readonly<Record<string, unknown>>
}

async function started(device: Device, restored: string): Promise<Running> {
  const agent = device.start('run', '--restored', restored)
  await agent.line(line => line.includes('"collector connected"'))
  return agent
}

test('a job is done once, by the device that it is for, and its result is for whoever signed it', async t => {
  await using fleet = await makeFleet()
  const root = fleet.path('home')
  const restored = fleet.path('restored')
  mkdirSync(root)
  writeFileSync(`${root}/thesis`, 'content')
  const laptop = await fleet.enroll('laptop', { roots: [root] })
  let agent = await started(laptop, restored)
  await agent.line(line => line.includes('"snapshot stored"'))
  const run = async (kind: string) =>
    jsonOf<Ran>(need(await fleet.admin('job', 'run', 'laptop', kind, '--json')))

  await t.test('backup, verify and diagnostics', async () => {
    writeFileSync(`${root}/second`, 'more')
    const { state, found } = await run('backup')
    assert.deepEqual([state, Number(found.sequence) >= 2], ['done', true])
    const verified = await run('verify')
    assert.deepEqual([verified.state, verified.found.files, verified.found.damaged], ['done', 2, 0])
    const { found: status } = await run('diagnostics')
    assert.deepEqual([status.doing, status.isConnected], ['run', true])
    const list = need(await fleet.admin('job', 'list', 'laptop')).out
    assert.match(list, /diagnostics +done/)
    assert.match(
      (await fleet.admin('job', 'run', 'laptop', 'shell')).err,
      /jobs are backup, verify, diagnostics, restore/,
    )
  })

  await t.test(
    'paused from afar: told by whom, ended by who works there, and no more than a day in a week',
    async () => {
      const pause = (...words: readonly string[]) => fleet.admin('pause', 'laptop', '--yes', ...words)
      assert.match(
        need(await pause('--for', '2h')).out,
        /laptop is paused until .*; 22 h 0 min left in seven days/,
      )
      assert.match((await laptop.run('status')).out, /paused from afar by .* until/)
      // Told by the next heartbeat, three seconds after the last one.
      const listed = async () => need(await fleet.admin('devices')).out
      await until(listed, said => said.includes('paused from afar by'))
      need(await laptop.run('resume'))
      assert.match((await fleet.admin('resume', 'laptop')).err, /no admin paused it/)
      assert.match(need(await pause('--for', '1h')).out, /paused until/)
      assert.match(need(await fleet.admin('resume', 'laptop')).out, /laptop goes on/)
      // Ended ones count for the minute that they began.
      assert.match((await pause('--for', '24h')).err, /23 h 5\d min of pauses from afar is left/)
      assert.match(need(await fleet.admin('job', 'list', 'laptop')).out, /pause +failed +pause_spent/)
      // In the log, in a moment, with what it asked for.
      const log = async () => need(await fleet.admin('audit', '--json')).out
      await until(log, said => said.includes('"job":"pause","minutes":120'))
    },
  )

  // An agent that is not root's restores into its user's own home, which is no place for tests.
  const skip = process.geteuid?.() !== 0
  await t.test('what was lost comes back in its place, beside what has changed', { skip }, async () => {
    const restore = (...words: readonly string[]) =>
      fleet.admin('job', 'run', 'laptop', 'restore', root, '--in-place', '--yes', ...words)
    assert.match((await restore()).err, /not_in_place/, 'of root, in nobody’s home')
    chownSync(root, 12_345, 12_345)
    const { sequence } = (await run('backup')).found
    const before = statSync(`${root}/thesis`)
    rmSync(`${root}/thesis`)
    writeFileSync(`${root}/second`, 'changed')
    const told = need(await restore('--at', `#${sequence}`)).out
    assert.match(told, /beside what is there: second as "second \(restored\)"/)
    const { mode, uid, mtimeMs } = statSync(`${root}/thesis`)
    assert.deepEqual([mode, uid, mtimeMs], [before.mode, before.uid, before.mtimeMs])
    assert.equal(readFileSync(`${root}/second`, 'utf8'), 'changed')
    assert.equal(readFileSync(`${root}/second (restored)`, 'utf8'), 'more')
    assert.deepEqual(readdirSync(root).sort(), ['second', 'second (restored)', 'thesis'])
    rmSync(`${root}/second (restored)`)
  })

  await t.test(
    'test 41, overwrite-job: signed or not, nothing goes into /etc or through a link',
    { skip },
    async t => {
      const etc = mkdtempSync('/etc/backstay-drill-')
      t.after(() => rmSync(etc, { recursive: true }))
      const home = fleet.path('home-of-41')
      const outside = fleet.path('outside')
      for (const folder of [`${home}/papers`, outside]) mkdirSync(folder, { recursive: true })
      for (const folder of [etc, `${home}/papers`]) writeFileSync(`${folder}/settings`, 'as they were')
      for (const folder of [home, `${home}/papers`, outside]) chownSync(folder, 12_345, 12_345)
      const server = await fleet.enroll('server', { roots: [etc, home] })
      const running = await started(server, fleet.path('restored-of-41'))
      await running.line(line => line.includes('"snapshot stored"'))
      rmSync(`${etc}/settings`)
      renameSync(`${home}/papers`, `${home}/away`)
      const restore = (path: string) =>
        fleet.admin('job', 'run', 'server', 'restore', path, '--in-place', '--yes', '--at', '#1')
      assert.match((await restore(etc)).err, /not_in_place/)
      // A link that lies where the folder was: it stays, and what comes back comes beside it.
      symlinkSync(etc, `${home}/papers`)
      assert.match(need(await restore(`${home}/papers`)).out, /papers as "papers \(restored\)"/)
      assert.equal(readFileSync(`${home}/papers (restored)/settings`, 'utf8'), 'as they were')
      // One on the way there.
      for (const to of [outside, etc]) {
        renameSync(home, `${home}-away`)
        symlinkSync(to, home)
        assert.match((await restore(`${home}/papers`)).err, /not_in_place|bad_place/)
        rmSync(home)
        renameSync(`${home}-away`, home)
      }
      assert.deepEqual([readdirSync(etc), readdirSync(outside)], [[], []])
      assert.deepEqual(readdirSync(home).sort(), ['away', 'papers', 'papers (restored)'])
      assert.equal((await running.end('SIGTERM')).code, 0)
    },
  )

  await t.test('a folder that was lost comes back on the device', { skip }, async () => {
    const before = statSync(`${root}/thesis`)
    rmSync(root, { recursive: true })
    const restore = (...words: readonly string[]) => fleet.admin('job', 'run', 'laptop', 'restore', ...words)
    assert.match((await restore(root)).err, /nobody is here to confirm/)
    assert.match(
      (await restore('papers', '--yes')).err,
      /"papers" names no place on a device: it is not an absolute path/,
    )
    const told = need(await restore(root, '--at', '#2', '--yes')).out
    assert.match(
      told,
      /restored 3 entries, .* of snapshot #2\n {2}on the device in ".*\n {2}left out: 0; files damaged/,
    )
    const { state, found } = jsonOf<Ran>(need(await restore(root, '--at', '#2', '--yes', '--json')))
    assert.deepEqual([state, found.written, found.leftOut, found.damaged], ['done', 3, 0, 0])
    const folder = String(found.folder)
    assert.ok(folder.startsWith(`${restored}/`))
    assert.equal(readFileSync(`${folder}/thesis`, 'utf8'), 'content')
    assert.equal(readFileSync(`${folder}/second`, 'utf8'), 'more')
    const { mode, uid, gid, mtimeMs } = statSync(`${folder}/thesis`)
    assert.deepEqual([mode, uid, gid, mtimeMs], [before.mode, before.uid, before.gid, before.mtimeMs])
    assert.equal(existsSync(root), false)
    const nowhere = await restore('/etc', '--yes')
    assert.equal(nowhere.code, 1)
    assert.match(nowhere.err, /not_in_snapshot\n.*hint: see what there is: backstay ls/)
    mkdirSync(root)
  })

  await t.test('a replacement gives back what the lost device had', { skip }, async () => {
    const heir = await fleet.enroll('heir', { roots: [fleet.path('new-home')] })
    mkdirSync(fleet.path('new-home'), { recursive: true })
    const own = await started(heir, fleet.path('heir-restored'))
    const give = ['job', 'run', 'heir', 'restore', root, '--from', 'laptop', '--yes'] as const
    const { state, found } = jsonOf<Ran>(need(await fleet.admin(...give, '--at', '#2', '--json')))
    assert.deepEqual([state, found.written, found.damaged, found.sequence], ['done', 3, 0, 2])
    assert.equal(readFileSync(`${String(found.folder)}/thesis`, 'utf8'), 'content')
    assert.match((await fleet.admin(...give, '--at', '#999')).err, /#999/)
    // A device that is retired is let in no more, and what it had is given back all the same.
    const spare = await fleet.enroll('spare', { roots: [root] })
    writeFileSync(`${root}/of-the-spare`, 'content')
    need(await spare.run('backup'))
    assert.match((await fleet.admin('retire', 'spare')).err, /nobody is here to confirm/)
    need(await fleet.admin('retire', 'spare', '--reason', 'stolen', '--yes'))
    assert.match((await spare.run('backup')).err, /not_admitted|not let in|revoked/)
    const lost = [
      'job',
      'run',
      'heir',
      'restore',
      `${root}/of-the-spare`,
      '--from',
      'spare',
      '--yes',
    ] as const
    const back = jsonOf<Ran>(need(await fleet.admin(...lost, '--json')))
    assert.equal(readFileSync(`${String(back.found.folder)}/of-the-spare`, 'utf8'), 'content')
    rmSync(`${root}/of-the-spare`)
    await own.end('SIGTERM')
  })

  await t.test(
    'a device that is away does it when it comes, and a restart does not do it again',
    async () => {
      await agent.end('SIGTERM')
      need(await fleet.admin('job', 'run', 'laptop', 'backup', '--no-wait'))
      assert.match(need(await fleet.admin('job', 'list', 'laptop')).out, /backup +waits/)
      agent = await started(laptop, restored)
      await agent.line(line => line.includes('"job done"'))
      await fleet.collector.end('SIGTERM')
      await fleet.startCollector()
      await agent.end('SIGKILL')
      agent = await started(laptop, restored)
      await agent.line(line => line.includes('"snapshot stored"'))
      assert.doesNotMatch(agent.err, /"job begun"/)
      // Of the whole fleet, with the device's name.
      const [newest] = jsonOf<readonly Record<string, unknown>[]>(
        need(await fleet.admin('job', 'list', '--json')),
      )
      assert.deepEqual([newest?.name, newest?.kind, newest?.state], ['laptop', 'backup', 'done'])
      assert.match(need(await fleet.admin('job', 'list')).out, /laptop +restore +failed +not_in_snapshot/)
      assert.doesNotMatch(need(await fleet.admin('job', 'list', 'laptop')).out, /waits/)
    },
  )
  assert.equal((await agent.end('SIGTERM')).code, 0)
})

/** What was restored so far: files under their own names, in whichever folder the device chose. */
function filesIn(restored: string): readonly string[] {
  const isPart = (name: string) => name.includes('.backstay-part-')
  return readdirSync(restored, { recursive: true, withFileTypes: true })
    .filter(one => one.isFile() && !isPart(one.parentPath))
    .map(one => `${one.parentPath}/${one.name}`)
}

// An agent that is not root's restores into its user's own home, which is no place for tests.
test('a restore goes on by itself when the agent is killed in the middle of it, and when the collector is', {
  skip: process.geteuid?.() !== 0,
}, async () => {
  await using fleet = await makeFleet()
  const root = fleet.path('home')
  const restored = fleet.path('restored')
  mkdirSync(`${root}/photos`, { recursive: true })
  mkdirSync(restored, { mode: 0o700 })
  const count = 160
  for (let n = 0; n < count; n++) writeFileSync(`${root}/photos/${n}`, randomBytes(300_000))
  writeFileSync(`${root}/film`, randomBytes(8_000_000))
  const laptop = await fleet.enroll('laptop', { roots: [root] })
  let agent = await started(laptop, restored)
  await agent.line(line => line.includes('"snapshot stored"'))
  const { job } = jsonOf<{ job: string }>(
    need(await fleet.admin('job', 'run', 'laptop', 'restore', root, '--yes', '--no-wait', '--json')),
  )
  const reached = async (least: number) => {
    while (filesIn(restored).length < least) await delay(2)
  }
  await reached(10)
  await agent.end('SIGKILL')
  assert.doesNotMatch(agent.err, /"job done"/)
  const before = filesIn(restored)
  assert.ok(before.length < count, 'it was cut off in the middle')
  // What has its name is whole, at any moment.
  const original = (path: string) => readFileSync(path.replace(/^.*?\/restored\/[^/]+/, root))
  for (const path of before) assert.ok(readFileSync(path).equals(original(path)), path)
  const [inode, untouched] = [statSync(before[0] ?? '').ino, before[0] ?? '']

  agent = await started(laptop, restored)
  await agent.line(line => line.includes('"job goes on"'))
  await reached(before.length + 20)
  await fleet.collector.end('SIGKILL')
  await agent.line(line => line.includes('"job cut off'))
  await fleet.startCollector()
  await agent.line(line => line.includes('"job done"'))

  const [folder, ...others] = readdirSync(restored)
  assert.deepEqual(others, [], 'the same folder')
  assert.match(folder ?? '', new RegExp(`${job.slice(0, 8)}$`))
  const now = filesIn(restored)
  assert.equal(now.length, count + 1)
  for (const path of now) assert.ok(readFileSync(path).equals(original(path)), path)
  assert.equal(statSync(untouched).ino, inode, 'what was there stayed')
  assert.match(need(await fleet.admin('job', 'list', 'laptop')).out, /restore +done/)
  assert.equal(agent.err.match(/"job done"/g)?.length, 1)
  assert.equal((await agent.end('SIGTERM')).code, 0)
})
