// The package for Windows on a bad day: no collector, a token that is none or too old, a disk without room, and a loss of power
// at each step of an upgrade. Each ends in a version that works, or in words that say what to do.
import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFleet } from '../../drills/fleet.ts'
import { mountSmallDisk } from '../../drills/small-disk.ts'
import { packagedAgent } from '../built-agent.ts'
import { done, installedIn } from '../installed.ts'
import { makeWine, onZ, type WineRan } from '../wine.ts'

const wine = await makeWine()
after(() => wine[Symbol.asyncDispose]())
const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())

const { on, programs, state, settings, install, remove, told, agent, logs, service } = installedIn(wine)
const dayMs = 86_400_000
const data = 'C:\\users\\Ada'
mkdirSync(on('users/Ada'))
writeFileSync(on('users/Ada/plain.txt'), 'hello')
const tokenFile = join(settings, 'token')
const token = () => fleet.token('--root', data)
const versionOf = async () => done(await agent('--version')).out.trim()

test('tokens that let nobody in: the installation goes through, the service waits, and says what is wrong', async t => {
  // Made a day ago but for some seconds, and so in this process, whose clock can be set.
  const { SLOW: slow } = process.env
  delete process.env.SLOW
  const now = Date.now
  const clock = t.mock.method(Date, 'now', () => now() - dayMs + 10_000)
  const expiring = await token()
  clock.mock.restore()
  if (slow !== undefined) process.env.SLOW = slow
  const made = now()
  await logs('bad_token', async () => done(await install('0.1.0', 'BACKSTAY_TOKEN=backstay-enroll:nonsense')))
  assert.match(done(await agent('status')).out, /does not let this device in: not an enrol/)
  await sleep(Math.max(0, made + 11_000 - now()))
  writeFileSync(tokenFile, expiring)
  await logs('"code":"expired"', () => agent('status'))
  assert.match(done(await agent('status')).out, /hint: /)
})

test('no collector at the installation: it is tried until it answers, and the token goes then', async () => {
  await fleet.collector.end('SIGKILL')
  const good = await token().catch(() => undefined)
  assert.equal(good, undefined, 'nobody answers')
  await fleet.startCollector()
  writeFileSync(tokenFile, await token())
  await fleet.collector.end('SIGKILL')
  await logs('not enrolled yet', () => agent('status'))
  assert.ok(existsSync(tokenFile))
  await fleet.startCollector()
  await logs('"snapshot stored"', () => agent('status'))
  assert.deepEqual(readdirSync(settings), ['hooks.d'])
})

const newest = () => readFileSync(join(state, 'newest-version'), 'utf8').trim()
const has = (suffix: string) => readdirSync(programs).some(name => name.endsWith(suffix))
const laidMs = () => statSync(join(programs, 'backstay-agent.tar.lzma'), { throwIfNoEntry: false })?.mtimeMs

test('power is lost at each step of an upgrade: one of both versions starts by itself, and the next try ends it', async t => {
  const before = laidMs()
  const steps: readonly (readonly [name: string, isThere: () => boolean])[] = [
    ['the package is laid', () => laidMs() !== before],
    ['programs are unpacked', () => has('.new')],
    ['programs are put in their place', () => has('.old')],
    ['the new version is there, and the old one goes', () => newest() === '0.2.0'],
  ]
  // The worst of them, and all when there is time.
  const chosen = process.env.SLOW === '1' ? steps : steps.slice(2, 3)
  for (const [name, isThere] of chosen) {
    await t.test(name, async () => {
      let ran: WineRan | undefined
      const upgrade = wine.start('msiexec', ['/i', onZ(packagedAgent('0.2.0')), '/qn']).ended.then(one => {
        ran = one
      })
      while (!isThere() && ran === undefined) await sleep(2)
      assert.equal(ran, undefined, 'it was not over before')
      await logs('"collector connected"', () => wine.cutPower())
      await upgrade
      assert.match(await versionOf(), newest() === '0.2.0' ? /^0\.2\.0$/ : /^0\.[12]\.0$/)
      assert.match(done(await agent('status')).out, /^protected .*\n[\s\S]*agent runs/)
    })
  }
  await logs('"collector connected"', async () => done(await install('0.2.0')))
  assert.equal(await versionOf(), '0.2.0')
  assert.ok(!has('.new') && !has('.old'))
})

test('a disk without room: it is said before anything is changed, and the old version goes on; with room it goes through', async t => {
  done(await remove('0.2.0', 'PURGE=1'))
  // Where the power was lost at the very end of the upgrade, Windows has both in its books.
  await remove('0.1.0', 'PURGE=1')
  const small = join(fleet.folder, 'small-disk')
  const disk = mountSmallDisk(small, 60)
  if (disk === undefined) return t.skip('no small disk can be mounted here')
  try {
    symlinkSync(small, on('../dosdevices/d:'))
    const there = () => {
      const folder = join(small, 'Backstay')
      const names = existsSync(folder) ? readdirSync(folder).sort() : []
      return names.map(name => [name, statSync(join(folder, name)).mtimeMs])
    }
    const noRoom = /there is no room on D:\\: \d+ MB are needed and \d+ MB are free\. Nothing was changed\./
    const installThere = (version: '0.1.0' | '0.2.0') => install(version, 'INSTALLDIR=D:\\Backstay')
    assert.notEqual((await installThere('0.1.0')).code, 0)
    assert.match(told(), noRoom)
    assert.deepEqual([there(), await service()], [[], undefined])
    disk.resize(200)
    await logs('no token yet', async () => done(await installThere('0.1.0')))
    const before = [there(), await service()]
    assert.notEqual((await installThere('0.2.0')).code, 0)
    assert.match(told(), noRoom)
    assert.deepEqual([there(), await service()], before)
    disk.resize(400)
    await logs('no token yet', async () => done(await installThere('0.2.0')))
    assert.equal(newest(), '0.2.0')
  } finally {
    await wine.endAll()
    disk.unmount()
  }
})
