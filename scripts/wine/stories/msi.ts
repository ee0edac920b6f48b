// The package for Windows as a fleet tool meets it: installed in silence with a token, upgraded, not downgraded, and taken
// away; first all but the state, so that the device stays what it is, and then that too.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFleet, need } from '../../drills/fleet.ts'
import { runHere } from '../../drills/here.ts'
import { jsonOf } from '../../drills/processes.ts'
import { versionOf } from '../../release/windows-resource.ts'
import { signedPackages } from '../built-agent.ts'
import { done, installedIn } from '../installed.ts'
import { windowsNode } from '../windows-node.ts'
import { makeWine, onZ } from '../wine.ts'

const wine = await makeWine()
after(() => wine[Symbol.asyncDispose]())
const releaseKey = join(signedPackages('0.2.0'), 'release-key.pem')
const fleet = await makeFleet({ releaseKey })
after(() => fleet[Symbol.asyncDispose]())

const node = windowsNode()
const { on, programs, state, install, remove, told, agent, logs, everything, settings } = installedIn(wine)
const log = join(state, 'agent.log')
const user = 'C:\\users\\Ada'
const data = `${user}\\data`
const trees = onZ(join(import.meta.dirname, '../inside/trees.ts'))
const tree = (deed: 'make' | 'show', folder: string) =>
  wine.run(node.program, [...node.words, trees, deed, folder])

/** What the properties of an installed program show. */
const shown = (program: string) => {
  const said = versionOf(readFileSync(join(programs, program)))
  return [said?.CompanyName, said?.FileDescription, said?.ProductVersion]
}
const billed = () => {
  const bill = JSON.parse(readFileSync(join(programs, 'sbom.cdx.json'), 'utf8')) as {
    components: { name: string }[]
  }
  return bill.components.map(({ name }) => name)
}
const identity = () => readFileSync(join(state, 'identity/device.json'), 'utf8')

test('installed with a token, the service enrols, backs up, and leaves no token', async () => {
  done(await tree('make', data))
  const token = await fleet.token('--root', user)
  await logs('"snapshot stored"', async () => done(await install('0.1.0', `BACKSTAY_TOKEN=${token}`)))
  assert.deepEqual(readdirSync(settings), ['hooks.d'], 'the token is gone')
  assert.ok(!readFileSync(log, 'utf8').includes(token))
  assert.match(done(await agent('status')).out, /^protected .*\n[\s\S]*agent runs/)
  assert.deepEqual(shown('backstay-agent.exe'), ['Backstay', 'Backstay agent', '0.1.0'])
  assert.deepEqual(shown('backstay-service.exe'), ['Backstay', 'Backstay agent service', '0.1.0'])
  // Of the agent, and of what mingw's compiler puts into the service.
  for (const part of ['koffi', 'mingw-w64', 'libgcc']) {
    assert.match(
      readFileSync(join(programs, 'THIRD-PARTY-NOTICES.txt'), 'utf8'),
      new RegExp(`^${part} \\d`, 'm'),
    )
    assert.ok(billed().includes(part), part)
  }
  const [device] = jsonOf<{ device: string }[]>(need(await fleet.admin('devices', '--json')))
  assert.ok(identity().includes(device?.device ?? 'none'))
})

test('every bit of an awkward folder comes back of what the service has backed up', async () => {
  const before = done(await tree('show', data)).out
  assert.ok(before.split('\n').length > 30 && before.includes('"CON"'), before)
  done(await agent('restore', data, '--to', 'C:\\back'))
  assert.equal(done(await tree('show', 'C:\\back')).out, before)
})

test('what is saved is backed up by itself, and comes back', async () => {
  await logs('"snapshot stored"', () => writeFileSync(on('users/Ada/later.txt'), 'saved later'))
  done(await agent('restore', `${user}\\later.txt`, '--to', 'C:\\later'))
  assert.equal(readFileSync(on('later/later.txt'), 'utf8'), 'saved later')
})

test('the service ends well when it is told to, and goes on as the same device', async () => {
  const before = identity()
  done(await wine.run('net', ['stop', 'BackstayAgent']))
  assert.match(done(await agent('status')).out, /no agent watches/)
  await logs('"collector connected"', async () => done(await wine.run('net', ['start', 'BackstayAgent'])))
  assert.equal(identity(), before)
})

async function refusesOlder(): Promise<void> {
  const before = await everything()
  const refused = await install('0.1.0')
  assert.notEqual(refused.code, 0)
  assert.match(
    told(),
    /backstay-agent 0\.1\.0 is not installed: 0\.2\.0 was here before.*\. Install 0\.2\.0 or newer\./,
  )
  assert.deepEqual(await everything(), before)
}

const updateLog = () => readFileSync(join(state, 'update.log'), 'utf8')

/** What the service is told to do at once that it does once a day, and what came of it. */
async function looksForUpdate(says: RegExp): Promise<void> {
  writeFileSync(join(state, 'update.log'), '')
  const script = onZ(join(import.meta.dirname, '../inside/tell-service.ts'))
  done(await wine.run(node.program, [...node.words, script, 'BackstayAgent', '128']))
  for (const until = Date.now() + 60_000; !says.test(updateLog()); await sleep(100))
    assert.ok(Date.now() < until, updateLog())
}

test('the service installs the release that the policy names, also beside a program that runs, and the device stays the same', async () => {
  const before = identity()
  await looksForUpdate(/the policy names no release/)
  need(await fleet.admin('policy', 'edit', '--set', 'version=0.2.0', '--yes'))
  await looksForUpdate(/does not hold the release that the policy names/)
  const collector = ['--release-key', releaseKey, '--data', fleet.data]
  need(await runHere('collector', ['release', 'add', signedPackages('0.2.0'), ...collector]))
  await logs('"collector connected"', () => looksForUpdate(/^version 0\.2\.0 is installed$/m))
  assert.equal(done(await agent('--version')).out, '0.2.0\n')
  assert.deepEqual(shown('backstay-agent.exe'), ['Backstay', 'Backstay agent', '0.2.0'])
  assert.equal(identity(), before)
  assert.deepEqual(
    readdirSync(state).filter(name => name.startsWith('update')),
    ['update-install.log', 'update.log'],
    'the package is gone',
  )
  // The program that waited for its own end.
  await looksForUpdate(/^version 0\.2\.0, as the policy names it$/m)
  const names = readdirSync(programs)
  assert.ok(names.includes('koffi.node') && !names.some(name => /\.(old|new|gone)$/.test(name)), `${names}`)
})

test('a downgrade is refused with the reason, and changes nothing', refusesOlder)

test('uninstalled, nothing stays but the state: nothing older comes in, and the device is the same when it is installed again', async () => {
  const before = identity()
  done(await remove('0.2.0'))
  assert.deepEqual(await everything(), [[], undefined])
  assert.equal(identity(), before)
  await refusesOlder()
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
