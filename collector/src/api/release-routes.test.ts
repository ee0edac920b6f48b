// What people see of releases, and what the collector remembers of who fetched one.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { signAssignment } from '@backstay/proto/trust/assignment'
import { signGroup } from '@backstay/proto/trust/group'
import { newOrder } from '@backstay/proto/trust/order'
import { deviceHeader, type ReleasedFile } from '@backstay/proto/trust/release'
import { testDevice, testLayer, testNowMs } from '@backstay/proto/trust/testing/fleet'
import type { HeldRelease, PackageStore } from '../releases/package-store.ts'
import { sampleFleet, server } from '../testing/sample-vault.ts'
import { peopled } from './testing/peopled.ts'

const releases = '/api/v1/releases'
const file: ReleasedFile = {
  ...{ program: 'backstay-agent', target: 'linux-x64', format: 'deb', name: 'a.deb', bytes: 3 },
  sha256: new Uint8Array(32),
}
const held: HeldRelease = {
  release: { version: '9.9.9', issuedAtMs: testNowMs, files: [file] },
  ...{ envelope: new Uint8Array(1), word: undefined },
}
const packages: PackageStore = {
  list: async () => [held],
  find: async version => (version === '9.9.9' ? held : undefined),
  read: async (_, name) => (name === file.name ? { file, bytes: Readable.from(['deb']) } : undefined),
  add: () => Promise.reject(new Error('not here')),
  remove: () => Promise.reject(new Error('not here')),
  say: () => Promise.reject(new Error('not here')),
}

test('releases are listed with their state, and versions with who runs them, waits for them and went silent over them', async () => {
  await using all = await peopled({ packages })
  const before = (await all.as.viewer.ask('GET', releases)).body
  assert.deepEqual(before.releases, [
    {
      ...{ version: '9.9.9', issuedAtMs: testNowMs, bytes: 3 },
      ...{ packages: ['backstay-agent linux-x64 deb'], state: 'handed_out' },
    },
  ])
  assert.equal(before.hasKey, true)
  const fetched = await all.as.viewer.ask('GET', '/packages/9.9.9/a.deb', undefined, {
    [deviceHeader]: server.id,
  })
  assert.equal(fetched.text, 'deb')
  // Of nobody that is known, nothing is remembered.
  await all.as.viewer.ask('GET', '/packages/9.9.9/a.deb', undefined, { [deviceHeader]: `${server.id}'` })
  await all.world.clock.advance(31 * 60_000)
  await all.view.look()
  const later = await (await all.person('later', ['viewer'])).signIn()
  const after = (await later.ask('GET', releases)).body
  assert.deepEqual(
    after.versions.find((one: { version: string }) => one.version === '9.9.9'),
    { version: '9.9.9', devices: 0, unwell: 0, awaited: 0, silent: 1 },
  )
})

test('a collector without a release key holds none, and says so', async () => {
  await using all = await peopled()
  const { body } = await all.as.viewer.ask('GET', releases)
  assert.deepEqual([body.hasKey, body.releases], [false, []])
  assert.equal(body.versions.length > 0, true)
})

// A group is the ring: its policy names the release. Three of its devices fetch it and are not heard again, the others are as
// they were; whoever comes next gets none, until a person says so.
test('a ring that a release silences keeps it from the rest of the fleet', async () => {
  await using all = await peopled({ packages })
  const { world, view } = all
  const ring = Uint8Array.fromHex('71'.repeat(16))
  const names = ['pilot 1', 'pilot 2', 'pilot 3']
  const pilots = await Promise.all(names.map(name => testDevice(p, sampleFleet, name)))
  for (const pilot of pilots) await (await world.enroll(pilot)).close()
  const order = () => newOrder(p, sampleFleet.trust, testNowMs)
  const { admin } = sampleFleet
  const group = {
    kind: 'group',
    order: order(),
    id: ring,
    name: 'pilots',
    parent: undefined,
    retired: false,
  } as const
  const devices = pilots.map(({ id }) => id)
  {
    await using brought = await world.admin()
    await brought.putRecord(await signGroup(p, group, admin))
    await brought.putRecord(
      await signAssignment(p, { kind: 'assignment', order: order(), devices, group: ring }, admin),
    )
    const version = { kind: 'version', value: '9.9.9', locked: false } as const
    await brought.putRecord(await testLayer(p, sampleFleet, [version], { audience: [ring] }))
  }
  await view.look()
  const wanted = [...view.devices.values()]
    .filter(one => one.wantedVersion === '9.9.9')
    .map(one => one.row.name)
  assert.deepEqual(wanted.sort(), names, 'nobody else is to run it')

  const get = (headers = {}) => all.as.viewer.ask('GET', '/packages/9.9.9/a.deb', undefined, headers)
  for (const { id } of pilots) assert.equal((await get({ [deviceHeader]: id })).status, 200)
  assert.equal((await get()).status, 200, 'they may still be installing it')
  await world.clock.advance(31 * 60_000)
  await view.look()
  assert.equal((await get()).body.code, 'release_halted')
  const later = await (await all.person('later', ['viewer'])).signIn()
  const { body } = await later.ask('GET', releases)
  assert.equal(body.releases[0].state, 'halted')
  assert.deepEqual(
    body.versions.find((one: { version: string }) => one.version === '9.9.9'),
    { version: '9.9.9', devices: 0, unwell: 0, awaited: 3, silent: 3 },
  )
})

// A device took the page for a release, and said that it was not signed.
test('a collector without a release key says that it holds none', async () => {
  await using all = await peopled()
  const { status, body } = await all.as.viewer.ask('GET', '/packages/9.9.9')
  assert.deepEqual([status, body.code], [404, 'unknown_route'])
})
