import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { signCheckpoint, verifyCheckpoint } from '@backstay/proto/log/checkpoint'
import { entryBytes } from '@backstay/proto/log/entry'
import { leafHash } from '@backstay/proto/log/merkle'
import { grewFrom, includes } from '@backstay/proto/log/proof'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { FleetId } from '@backstay/proto/object/id'
import { faultySql } from '../catalog/faulty-sql.ts'
import type { Sql } from '../catalog/sql.ts'
import { openLog } from '../log.ts'
import { Faults } from '../packs/faults.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleTree } from '../testing/sample-objects.ts'
import { backUp, enrol, laptop, type SampleVault, sampleFleet, sampleVault } from '../testing/sample-vault.ts'
import { openCollectorLog } from './collector-log.ts'

const own = sampleFleet.trust.fleet
const by = { fleet: own, keys: [sampleFleet.collector.publicKey] }

function logOf(vault: SampleVault, sql: Sql = vault.sql, fleet: () => FleetId | undefined = () => own) {
  const log = openLog('error', { write: () => undefined })
  return openCollectorLog({ p, sql, clock: vault.clock, key: sampleFleet.collector, fleet, log })
}

async function worked(): Promise<SampleVault> {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop)
  await backUp(vault.ingest, laptop, await sampleTree(seededRandom(1)))
  return vault
}

test('what came in is entered once, in order, whoever looks and however often', async () => {
  const vault = await worked()
  const log = logOf(vault)
  const heard: string[] = []
  log.heard(entries => heard.push(...entries.map(({ action }) => action)))
  assert.equal(await log.follow(), 5)
  assert.equal(await log.follow(), 0)
  assert.equal(heard.length, 5)
  await log.note({ actor: 'person:x', action: 'sign-in' })
  assert.equal(heard.pop(), 'sign-in')
  assert.equal(await logOf(vault).follow(), 0)
  const entries = (await log.entries({ limit: 100 })).toReversed().filter(one => one.action !== 'sign-in')
  assert.deepEqual(entries.map(({ action }) => action).toSorted(), [
    'certificate',
    'commit',
    'escrow',
    'grant',
    'trust',
  ])
  const commit = entries.find(({ action }) => action === 'commit')
  assert.deepEqual(
    [commit?.actor, commit?.device, commit?.detail],
    [`device:${laptop.id}`, laptop.id, { complete: true, sequence: 1 }],
  )
  assert.match(entries.find(({ action }) => action === 'grant')?.actor ?? '', /^admin:[0-9a-f]{64}$/)
})

test('every entry is proved under a checkpoint that the collector signed, before and after a restart', async () => {
  const vault = await worked()
  const log = logOf(vault)
  await log.follow()
  const early = await verifyCheckpoint(p, (await log.checkpoint()).note, by)
  const again = logOf(vault)
  await Promise.all(
    Array.from({ length: 30 }, (_, n) => again.note({ actor: 'person:a', action: 'sign-in', detail: { n } })),
  )
  vault.clock.nowMs += 60_000
  const late = await verifyCheckpoint(p, (await again.checkpoint()).note, by)
  assert.deepEqual([early.size, late.size], [5, 35])
  assert.ok(await grewFrom(p, early, late, await again.consistency(5, 35)))
  const entries = await again.entries({ limit: 100 })
  for (const { number, ...entry } of entries) {
    const leaf = await leafHash(p, entryBytes(entry))
    const proof = await again.inclusion(number, late.size)
    assert.ok(
      await includes(p, { leaf, index: number, size: late.size, root: late.root, proof }),
      `${number}`,
    )
  }
  assert.deepEqual(
    entries.slice(0, 30).map(({ detail }) => detail?.n),
    Array.from({ length: 30 }, (_, n) => 29 - n),
  )
})

test('a batch that fails is not half in the log, and what follows is', async () => {
  const vault = await worked()
  let failing = false
  const faults = new Faults(({ kind }) =>
    failing && kind === 'commit' ? { done: 'none', error: new Error('disk') } : undefined,
  )
  const log = logOf(vault, faultySql(vault.sql, faults))
  await log.follow()
  failing = true
  await assert.rejects(log.note({ actor: 'person:a', action: 'lost' }))
  failing = false
  await log.note({ actor: 'person:a', action: 'kept' })
  const { size } = await logOf(vault).checkpoint()
  assert.equal(size, 6)
  assert.equal((await log.entries({ limit: 1 }))[0]?.action, 'kept')
})

test('notes before a fleet was founded are its first entries', async () => {
  const vault = await worked()
  let fleet: FleetId | undefined
  const log = logOf(vault, vault.sql, () => fleet)
  await log.note({ actor: 'setup', action: 'set-up-refused' })
  assert.equal(await log.shown(undefined), undefined)
  await assert.rejects(log.checkpoint(), error => isFailure(error, 'not_founded'))
  fleet = own
  await log.follow()
  assert.ok((await log.entries({ limit: 100 })).some(({ action }) => action === 'set-up-refused'))
})

test('a collector that was put back hears it from the first witness, once', async () => {
  const vault = await worked()
  const log = logOf(vault)
  await log.follow()
  const root = new Uint8Array(32).fill(1)
  const stranger = await signCheckpoint(p, own, { size: 900, root }, laptop.key)
  assert.deepEqual((await log.shown(stranger.note))?.proof, [])
  const kind = () => log.fork?.kind
  assert.equal(kind(), undefined)
  const ours = await signCheckpoint(p, own, { size: 900, root }, sampleFleet.collector)
  await log.shown(ours.note)
  await log.shown(ours.note)
  assert.equal(kind(), 'log_rolled_back')
  assert.equal((await log.entries({ limit: 100, action: 'log-fork-seen' })).length, 1)
})

test('ranges that the log does not have are refused', async () => {
  const vault = await worked()
  const log = logOf(vault)
  await log.follow()
  const refused = (error: unknown) => isFailure(error, 'bad_range')
  for (const [a, b] of [
    [0, 99],
    [5, 5],
    [-1, 3],
    [0.5, 3],
  ] as const) {
    await assert.rejects(log.inclusion(a, b), refused)
  }
  await assert.rejects(log.consistency(3, 99), refused)
  await assert.rejects(log.consistency(4, 3), refused)
})
