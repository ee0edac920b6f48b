// Releases that are held here: only what the release key signed, never an older one, and none further that does devices harm.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isRolloutHalted, type RolloutFacts } from '@backstay/proto/health/rollout'
import { nodePrimitives as p } from '@backstay/proto/node'
import { deviceHeader, type ReleasedFile, signRelease } from '@backstay/proto/trust/release'
import { testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import express from 'express'
import { packageStore, releaseFile } from './package-store.ts'
import { releaseFiles } from './release-files.ts'
import { rolloutFacts, spreadOf, stateOf } from './rollout.ts'

const top = mkdtempSync(join(tmpdir(), 'backstay-releases-'))
after(() => rmSync(top, { recursive: true }))
const maker = await testKey(p, 'release maker')
const deb = randomBytes(50_000)

async function made(version: string, by = maker, content = deb): Promise<string> {
  const folder = mkdtempSync(join(top, 'made-'))
  const name = `backstay-agent_${version}_amd64.deb`
  const file: ReleasedFile = {
    ...{ program: 'backstay-agent', target: 'linux-x64', format: 'deb', name, bytes: deb.length },
    sha256: createHash('sha256').update(deb).digest(),
  }
  writeFileSync(join(folder, name), content)
  writeFileSync(
    join(folder, releaseFile),
    await signRelease(p, { version, issuedAtMs: testNowMs, files: [file] }, by),
  )
  return folder
}

test('a release is taken in whole, or not at all', async () => {
  const folder = join(top, 'held')
  const store = packageStore(p, folder, maker.publicKey)
  assert.deepEqual(await store.list(), [])
  await store.add(await made('1.4.0'))
  await store.add(await made('1.10.0'))
  assert.deepEqual(
    (await store.list()).map(({ release }) => release.version),
    ['1.10.0', '1.4.0'],
  )
  await assert.rejects(store.add(await made('1.9.0')), { code: 'older_release' })
  await assert.rejects(store.add(await made('1.10.0')), { code: 'older_release' })
  await assert.rejects(store.add(await made('2.0.0', await testKey(p, 'stranger'))), { code: 'not_released' })
  await assert.rejects(store.add(await made('2.0.0', maker, deb.subarray(1))), { code: 'package_differs' })
  await assert.rejects(store.add(mkdtempSync(join(top, 'empty-'))), { code: 'no_release' })
  assert.deepEqual(readdirSync(folder).sort(), ['1.10.0', '1.4.0'], 'nothing half is left')
  // What somebody put here by hand is nothing.
  mkdirSync(join(folder, '3.0.0'))
  writeFileSync(
    join(folder, '3.0.0', releaseFile),
    await signRelease(p, { version: '1.4.0', issuedAtMs: 1, files: [] }, maker),
  )
  assert.equal((await store.list()).length, 2)
  assert.equal(await store.find('../held/1.4.0'), undefined)
})

test('an older release is removed, and the newest stays to keep older ones out', async () => {
  const folder = join(top, 'removed')
  const store = packageStore(p, folder, maker.publicKey)
  for (const version of ['1.4.0', '1.5.0']) await store.add(await made(version))
  await assert.rejects(store.remove('1.5.0'), { code: 'newest_release' })
  await assert.rejects(store.remove('../removed/1.4.0'), { code: 'no_release' })
  // An earlier one was cut off.
  mkdirSync(join(folder, '.1.3.0.gone'))
  assert.equal((await store.remove('1.4.0')).version, '1.4.0')
  assert.deepEqual(readdirSync(folder), ['1.5.0'])
  await assert.rejects(store.remove('1.4.0'), { code: 'no_release' })
  await assert.rejects(store.add(await made('1.4.0')), { code: 'older_release' })
})

test('devices fetch it, but for one that was stopped, and one that does them harm', async () => {
  const store = packageStore(p, join(top, 'served'), maker.publicKey)
  await store.add(await made('1.4.0'))
  let facts: RolloutFacts = { updated: 10, updatedUnwell: 0, others: 90, othersUnwell: 1 }
  const taken: string[] = []
  const app = express()
  app.use(
    '/packages',
    releaseFiles(store, {
      factsOf: () => facts,
      noteTaken: async (device, version) => void taken.push(`${device} ${version}`),
    }),
  )
  app.use(
    ((error, _request, response, _next) =>
      void response.status(409).send(error.code)) as express.ErrorRequestHandler,
  )
  const server = createServer(app)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const ask = async (path: string, headers = {}) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/packages/${path}`
    const answer = await fetch(url, { headers })
    return answer.ok ? Buffer.from(await answer.arrayBuffer()) : answer.text()
  }
  const name = 'backstay-agent_1.4.0_amd64.deb'
  assert.deepEqual(await ask(`1.4.0/${name}`), deb)
  assert.deepEqual(taken, [], 'whoever asks may have it')
  await ask(`1.4.0/${name}`, { [deviceHeader]: 'ab12' })
  await ask('1.4.0', { [deviceHeader]: 'ab12' })
  assert.deepEqual(taken, ['ab12 1.4.0'], 'to look is not to take')
  assert.ok(Buffer.isBuffer(await ask('1.4.0')))
  for (const path of ['1.5.0', '1.4.0/other', `1.4.0/..%2f1.4.0%2f${name}`, `..%2f/${name}`])
    assert.equal(await ask(path), 'no_release', path)
  facts = { updated: 10, updatedUnwell: 4, others: 90, othersUnwell: 1 }
  assert.equal(await ask('1.4.0'), 'release_halted')
  assert.equal(await ask(`1.4.0/${name}`), 'release_halted')
  await store.say('1.4.0', 'go')
  assert.ok(Buffer.isBuffer(await ask('1.4.0')))
  facts = { ...facts, updatedUnwell: 0 }
  await store.say('1.4.0', 'stop')
  assert.equal(await ask('1.4.0'), 'release_halted')
  await store.say('1.4.0', undefined)
  assert.ok(Buffer.isBuffer(await ask('1.4.0')))
  await assert.rejects(store.say('1.5.0', 'stop'), { code: 'no_release' })
  server.close()
})

test('a release is held back when those that run it are clearly worse than the others', () => {
  const halted = (updated: number, updatedUnwell: number, others: number, othersUnwell: number) =>
    isRolloutHalted({ updated, updatedUnwell, others, othersUnwell })
  assert.equal(halted(0, 0, 100, 50), false)
  assert.equal(halted(2, 2, 98, 0), false, 'two may have their own trouble')
  assert.equal(halted(3, 3, 97, 0), true)
  assert.equal(halted(100, 10, 900, 0), false)
  assert.equal(halted(100, 15, 900, 0), true)
  assert.equal(halted(100, 40, 900, 360), false, 'a fleet that is ill anyway')
  assert.equal(halted(10, 5, 0, 0), true, 'the first of all')
})

test('who runs what, and who waits for what', () => {
  const device = (version: string, state: string, wantedVersion = '') =>
    ({
      health: { state },
      heard: version === '' ? undefined : { heartbeat: { agentVersion: version } },
      wantedVersion,
      row: {},
    }) as never
  const devices = [
    device('1.3.0', 'protected', '1.4.0'),
    device('1.3.0', 'unprotected'),
    device('1.4.0', 'at_risk', '1.4.0'),
    device('1.4.0', 'retired'),
    device('', 'never_backed_up', '1.4.0'),
  ]
  assert.deepEqual(rolloutFacts(devices, '1.4.0', testNowMs), {
    updated: 1,
    updatedUnwell: 1,
    others: 3,
    othersUnwell: 1,
  })
  assert.deepEqual(spreadOf(devices, testNowMs), [
    { version: '1.3.0', devices: 2, unwell: 1, awaited: 0, silent: 0 },
    { version: '1.4.0', devices: 1, unwell: 1, awaited: 2, silent: 0 },
    { version: '', devices: 1, unwell: 0, awaited: 0, silent: 0 },
  ])
  assert.equal(stateOf({ word: 'stop' }, rolloutFacts([], '1.4.0', testNowMs)), 'stopped')
})

// 1.4.0 ended as it started: no device said ever again which version it ran, so all counted as sound ones of 1.3.0.
test('a release after which devices fall silent is held back', () => {
  const minute = 60_000
  const took = (agoMinutes: number, seenAgoMinutes: number, rest: object = {}) =>
    ({
      health: { state: 'offline_complete' },
      heard: { heartbeat: { agentVersion: '1.3.0' } },
      wantedVersion: '1.4.0',
      row: {
        took: { version: '1.4.0', atMs: testNowMs - agoMinutes * minute },
        lastSeenMs: testNowMs - seenAgoMinutes * minute,
      },
      ...rest,
    }) as never
  const others = Array.from(
    { length: 90 },
    () => ({ health: { state: 'protected' }, wantedVersion: '', row: {} }) as never,
  )
  const gone = [took(60, 58), took(200, 199), took(5000, 4990)]
  const facts = rolloutFacts([...others, ...gone], '1.4.0', testNowMs)
  assert.deepEqual(facts, { updated: 3, updatedUnwell: 3, others: 90, othersUnwell: 0 })
  assert.equal(stateOf({ word: undefined }, facts), 'halted')
  assert.equal(spreadOf(gone, testNowMs).find(one => one.version === '1.4.0')?.silent, 3)
  const well = [
    took(10, 9), // It may still be installing.
    took(60, 5), // It came back, with the old version: its package manager refused.
    took(60, 58, { onlineSinceMs: 1 }),
    took(60, 58, { heard: { heartbeat: { agentVersion: '1.4.0' } } }), // It came back with the new one, and was switched off.
    took(60, 58, { health: { state: 'retired' } }),
  ]
  assert.equal(rolloutFacts(well, '1.4.0', testNowMs).updatedUnwell, 0)
  assert.equal(rolloutFacts(gone, '1.5.0', testNowMs).updatedUnwell, 0, 'of another release')
})
