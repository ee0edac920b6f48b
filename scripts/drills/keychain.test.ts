// Where the keys of a device lie: sealed with a key of systemd's, in a keyring of the desktop, or in files. Whichever was
// chosen is kept; when it is away the agent waits and says so, and is the same device when it comes back.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeFleet, need } from './fleet.ts'
import { openKeyring } from './keyring.ts'
import { jsonOf, type Running, run, start } from './processes.ts'

const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())
const home = fleet.path('home')
mkdirSync(home)
writeFileSync(join(home, 'file'), 'content')

const says = (text: string) => (line: string) => line.includes(text)
const secretFiles = (state: string) =>
  readdirSync(join(state, 'identity'))
    .filter(name => /\.(secret|sealed)$/.test(name))
    .sort()

async function sentence(state: string, environment = {}): Promise<string> {
  const ran = await run('agent', ['status', '--json', '--state', state], { environment })
  return jsonOf<{ sentence: string }>(ran).sentence
}

/** Device ids of this name. */
async function named(name: string): Promise<readonly string[]> {
  const rows = jsonOf<{ name: string; device: string }[]>(need(await fleet.admin('devices', '--json')))
  return rows.filter(one => one.name === name).map(one => one.device)
}

test('keys are sealed with the credential that systemd gives, and nothing works without it but waiting', async () => {
  const state = fleet.path('server')
  const credentials = fleet.path('credentials')
  mkdirSync(credentials)
  writeFileSync(join(credentials, 'backstay-state-key'), 'k'.repeat(32), { mode: 0o400 })
  writeFileSync(join(credentials, 'backstay-token'), await fleet.token('--root', home), { mode: 0o400 })
  const environment = { CREDENTIALS_DIRECTORY: credentials }
  const runAgent = (around = {}): Running =>
    start('agent', ['run', '--name', 'server', '--state', state], { environment: around })
  const first = runAgent(environment)
  await first.line(says('"snapshot stored"'))
  need(await first.end('SIGTERM'))
  assert.deepEqual(secretFiles(state), ['device.sealed', 'epoch-1.sealed'])

  // A copy of the folder, or a unit that forgot the credential.
  const without = runAgent()
  await without.line(says('backstay-state-key, which is not there'))
  assert.match(
    await sentence(state),
    /^not protected: the keys of this device cannot be used: .* not there; tried again/,
  )
  assert.equal((await run('agent', ['backup', home, '--state', state])).code, 1)
  need(await without.end('SIGTERM'))
  const listed = await run('agent', ['snapshots', '--state', state])
  assert.deepEqual([listed.code, /LoadCredentialEncrypted/.test(listed.err)], [1, true])

  const again = runAgent(environment)
  await again.line(says('"snapshot stored"'))
  assert.match(
    need(await run('agent', ['status', '--state', state], { environment })).out,
    /keys: sealed with/,
  )
  need(await again.end('SIGTERM'))
  assert.equal((await named('server')).length, 1)
})

test('a waiting agent keeps keys where whoever brings the token wants them, and moves them when it is asked', async () => {
  const state = fleet.path('mover')
  const credentials = fleet.path('its-credentials')
  mkdirSync(credentials)
  writeFileSync(join(credentials, 'backstay-state-key'), 'm'.repeat(32), { mode: 0o400 })
  const environment = { CREDENTIALS_DIRECTORY: credentials }
  const runAgent = () => start('agent', ['run', '--state', state], { environment })
  const agent = runAgent()
  await agent.line(says('no token yet'))
  const token = await fleet.token('--root', home)
  const mine = ['--state', state]
  const bad = await run('agent', ['enroll', token, '--keychain', 'vault', ...mine])
  assert.deepEqual([bad.code, /"vault" is no keychain/.test(bad.err)], [1, true])
  need(await run('agent', ['enroll', token, '--name', 'mover', '--keychain', 'file', ...mine]))
  assert.deepEqual(secretFiles(state), ['device.secret', 'epoch-1.secret'])
  await agent.line(says('"snapshot stored"'))

  // Without the credential in its own environment: the running agent has it.
  const moved = need(await run('agent', ['keys', '--to', 'credential', ...mine]))
  assert.equal(moved.out, 'keys: sealed with a credential of systemd\n')
  assert.deepEqual(secretFiles(state), ['device.sealed', 'epoch-1.sealed'])
  need(await run('agent', ['backup', ...mine]))
  need(await agent.end('SIGTERM'))
  const again = runAgent()
  await again.line(says('"snapshot stored"'))
  need(await again.end('SIGTERM'))

  const refused = await run('agent', ['keys', '--to', 'file', ...mine])
  assert.deepEqual([refused.code, /which is not there/.test(refused.err)], [1, true])
  need(await run('agent', ['keys', '--to', 'file', ...mine], { environment }))
  assert.deepEqual(secretFiles(state), ['device.secret', 'epoch-1.secret'])
  assert.match(need(await run('agent', ['status', ...mine])).out, /keys: in files/)
  need(await run('agent', ['backup', ...mine]))
  assert.equal((await named('mover')).length, 1)
})

test('keys lie in the keyring of the desktop; locked out, the agent waits, and goes on by itself', async t => {
  await using keyring = await openKeyring(fleet.path('desktop'))
  if (keyring === undefined) {
    console.log('not tested: keys in a keyring need gnome-keyring and dbus, which are not installed')
    return t.skip('needs gnome-keyring and dbus')
  }
  await keyring.unlock()
  const { environment } = keyring
  const state = fleet.path('laptop')
  const token = await fleet.token('--root', home, '--uses', '2')
  const enroll = ['enroll', token, '--name', 'laptop', '--state', state, '--keychain', 'system']
  need(await run('agent', enroll, { environment }))
  assert.deepEqual(secretFiles(state), [])
  const [device] = await named('laptop')
  need(await run('agent', ['backup', '--state', state, home], { environment }))
  assert.match(
    need(await run('agent', ['status', '--state', state], { environment })).out,
    /keys: in the keyring/,
  )

  // Nobody has signed in after a restart of the machine.
  await keyring.end()
  const agent = start('agent', ['run', '--state', state], { environment })
  await agent.line(says('"no keys"'))
  assert.match(
    await sentence(state, environment),
    /^not protected: the keys .* keyring of this system, which does not answer/,
  )
  const twice = await run('agent', ['enroll', token, '--state', state], { environment })
  assert.deepEqual([twice.code, /does not answer/.test(twice.err)], [1, true])
  await keyring.unlock()
  await agent.line(says('"snapshot stored"'))
  need(await agent.end('SIGTERM'))
  assert.deepEqual(await named('laptop'), [device])

  const toFiles = await run('agent', ['keys', '--to', 'file', '--state', state], { environment })
  assert.equal(need(toFiles).out, 'keys: in files that only their owner may read\n')
  assert.deepEqual(secretFiles(state), ['device.secret', 'epoch-1.secret'])
  need(await run('agent', ['keys', '--to', 'system', '--state', state], { environment }))
  assert.deepEqual(secretFiles(state), [])
  need(await run('agent', ['backup', '--state', state, home], { environment }))
  assert.deepEqual(await named('laptop'), [device])

  const asked = await run('agent', ['enroll', token, '--state', fleet.path('x'), '--keychain', 'system'])
  assert.deepEqual(
    [asked.code, /keyring of this system does not answer/.test(asked.err)],
    [1, true],
    'no bus',
  )
})

test('the promises of keychains hold for a real keyring', async t => {
  await using keyring = await openKeyring(fleet.path('another-desktop'))
  if (keyring === undefined) return t.skip('needs gnome-keyring and dbus')
  await keyring.unlock()
  const suite = join(import.meta.dirname, '../../agent/src/keys/keychain.test.ts')
  const child = spawn(process.execPath, ['--test', suite], { stdio: 'pipe', env: keyring.environment })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => (said += text))
  const code = await new Promise(resolve => child.on('close', resolve))
  assert.equal(code, 0, said)
  assert.match(said, /the keychain of the system/)
  assert.doesNotMatch(said, /not tested/)
})
