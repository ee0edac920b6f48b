import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type PersonPlaces, personAt } from './person.ts'

const top = await mkdtemp(join(tmpdir(), 'backstay-person-'))
after(() => rm(top, { recursive: true }))
const at = (name: string) => join(top, name)
const me = process.geteuid?.() ?? 0

const nobodyHere: PersonPlaces = {
  ...{ platform: 'linux', own: undefined, sessions: at('none'), console: at('none'), passwd: at('none') },
  homes: () => [],
}

test('the account of a user’s own agent is who works there', async () => {
  assert.equal(await personAt({ ...nobodyHere, own: 'ada' }), 'ada')
  assert.equal(await personAt(nobodyHere), '')
  assert.equal(
    await personAt({ ...nobodyHere, own: 'a\u001b[31m' }),
    'a\ufffd[31m',
    'never what steers a terminal',
  )
  assert.equal(await personAt({ ...nobodyHere, own: 'a'.repeat(65) }), '')
})

test('of the machine’s agent it is who sits at the screen, no service and nobody who left', async () => {
  const sessions = at('sessions')
  await mkdir(sessions)
  const session = (name: string, facts: string) => writeFile(join(sessions, name), facts)
  await session('1', 'UID=0\nUSER=root\nACTIVE=1\nCLASS=user\n')
  await session('2', 'UID=1000\nUSER=ada\nACTIVE=0\nCLASS=user\n')
  await session('3', 'UID=110\nUSER=gdm\nACTIVE=1\nCLASS=greeter\n')
  assert.equal(await personAt({ ...nobodyHere, sessions }), '')
  await session('4', 'UID=1001\nUSER=kim\nACTIVE=1\nCLASS=user\nTTY=tty2\n')
  await session('5', 'not a session')
  assert.equal(await personAt({ ...nobodyHere, sessions }), 'kim')
})

test('with nobody there it is the owner of the home that was used last', { skip: me !== 0 }, async () => {
  const { chown } = await import('node:fs/promises')
  await writeFile(
    at('passwd'),
    'root:x:0:0::/root:\nada:x:1000:1000::/home/ada:\nkim:x:1001:1001::/home/kim:\n',
  )
  const homes = ['ada', 'kim', 'service'].map(name => at(`home-${name}`))
  for (const [index, home] of homes.entries()) {
    await mkdir(home)
    await chown(home, [1000, 1001, 110][index] ?? 0, 0)
    await utimes(home, 1000 + index, [2000, 1000, 3000][index] ?? 0)
  }
  const linux = { ...nobodyHere, passwd: at('passwd'), homes: () => [...homes, at('gone')] }
  assert.equal(await personAt(linux), 'ada')
  assert.equal(await personAt({ ...linux, platform: 'win32' }), 'home-service')
  // A Mac says by its console who sits there.
  assert.equal(await personAt({ ...linux, platform: 'darwin', console: at('home-kim') }), 'home-kim')
})
