// The package for Windows as a fleet tool meets it: installed in silence with a token, upgraded, not downgraded, and taken
// away; first all but the state, so that the device stays what it is, and then that too.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFleet, need } from '../../drills/fleet.ts'
import { jsonOf } from '../../drills/processes.ts'
import { versionOf } from '../../release/windows-resource.ts'
import { packagedAgent, type Version } from '../built-agent.ts'
import { makeWine, onZ, type WineRan } from '../wine.ts'

const wine = await makeWine()
after(() => wine[Symbol.asyncDispose]())
const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())

const on = (...names: readonly string[]) => join(wine.drive, ...names)
const programs = on('Program Files/Backstay')
const state = on('ProgramData/Backstay/agent')
const log = join(state, 'agent.log')
const data = 'C:\\users\\Ada'

const installer = (...words: readonly string[]) => wine.run('msiexec', [...words, '/qn'])
const install = (version: Version, ...words: readonly string[]) =>
  installer('/i', onZ(packagedAgent(version)), ...words)
const remove = (version: Version, ...words: readonly string[]) =>
  installer('/x', onZ(packagedAgent(version)), ...words)
const agent = (...words: readonly string[]) =>
  wine.run('C:\\Program Files\\Backstay\\backstay-agent.exe', words)

function done(ran: WineRan): WineRan {
  assert.equal(ran.code, 0, `${ran.out}${ran.err}`)
  return ran
}

/** Does a deed and waits until the log says something once more than before. */
async function logs(text: string, deed: () => Promise<unknown> | unknown): Promise<void> {
  const count = () => (existsSync(log) ? readFileSync(log, 'utf8').split(text).length - 1 : 0)
  const before = count()
  await deed()
  for (const until = Date.now() + 60_000; count() === before; await sleep(100))
    assert.ok(Date.now() < until, `the log did not say "${text}"`)
}

/** What the properties of an installed program show. */
const shown = (program: string) => {
  const said = versionOf(readFileSync(join(programs, program)))
  return [said?.CompanyName, said?.FileDescription, said?.ProductVersion]
}
const identity = () => readFileSync(join(state, 'identity/device.json'), 'utf8')

test('installed with a token, the service enrols, backs up, and leaves no token', async () => {
  mkdirSync(on('users/Ada'))
  writeFileSync(on('users/Ada/CON'), 'not a console')
  const token = await fleet.token('--root', data)
  await logs('"snapshot stored"', async () => done(await install('0.1.0', `BACKSTAY_TOKEN=${token}`)))
  assert.deepEqual(readdirSync(on('ProgramData/Backstay/etc')), ['hooks.d'], 'the token is gone')
  assert.ok(!readFileSync(log, 'utf8').includes(token))
  assert.match(done(await agent('status')).out, /^protected .*\n[\s\S]*agent runs/)
  assert.deepEqual(shown('backstay-agent.exe'), ['Backstay', 'Backstay agent', '0.1.0'])
  assert.deepEqual(shown('backstay-service.exe'), ['Backstay', 'Backstay agent service', '0.1.0'])
  const [device] = jsonOf<{ device: string }[]>(need(await fleet.admin('devices', '--json')))
  assert.ok(identity().includes(device?.device ?? 'none'))
})

test('what is saved is backed up by itself, and comes back', async () => {
  await logs('"snapshot stored"', () => writeFileSync(on('users/Ada/later.txt'), 'saved later'))
  done(await agent('restore', `${data}\\later.txt`, '--to', 'C:\\back'))
  assert.equal(readFileSync(on('back/later.txt'), 'utf8'), 'saved later')
})

test('the service ends well when it is told to, and goes on as the same device', async () => {
  const before = identity()
  done(await wine.run('net', ['stop', 'BackstayAgent']))
  assert.match(done(await agent('status')).out, /no agent watches/)
  await logs('"collector connected"', async () => done(await wine.run('net', ['start', 'BackstayAgent'])))
  assert.equal(identity(), before)
})

test('an upgrade keeps the device; a downgrade is refused and changes nothing', async () => {
  const before = identity()
  await logs('"collector connected"', async () => done(await install('0.2.0')))
  assert.equal(done(await agent('--version')).out, '0.2.0\n')
  assert.equal(identity(), before)
  const refused = await install('0.1.0')
  assert.notEqual(refused.code, 0)
  assert.equal(done(await agent('--version')).out, '0.2.0\n')
})

test('uninstalled, nothing stays but the state, and the device is the same when it is installed again', async () => {
  const before = identity()
  done(await remove('0.2.0'))
  assert.deepEqual(existsSync(programs) ? readdirSync(programs) : [], [], 'no program stays')
  assert.match((await wine.run('sc', ['query', 'BackstayAgent'])).out, /1060|^$/)
  assert.equal(identity(), before)
  await logs('"collector connected"', async () => done(await install('0.2.0')))
  assert.equal(identity(), before)
})

test('purged, no trace stays', async () => {
  done(await remove('0.2.0', 'PURGE=1'))
  assert.deepEqual(existsSync(programs) ? readdirSync(programs) : [], [])
  const left = on('ProgramData/Backstay')
  assert.deepEqual(existsSync(left) ? readdirSync(left, { recursive: true }) : [], [])
  assert.ok(!existsSync(left))
})
