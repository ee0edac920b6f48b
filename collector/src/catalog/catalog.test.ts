import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { objectId } from '@backstay/proto/object/id'
import { decodeCommit, encodeCommit } from '@backstay/proto/trust/commit'
import { decodeEnvelope, keyIdOf, type PayloadKind } from '@backstay/proto/trust/envelope'
import { newOrder } from '@backstay/proto/trust/order'
import { signRevoke } from '@backstay/proto/trust/revoke'
import { testDevice, testFleet, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleCommit, sampleEscrow } from '../testing/sample-objects.ts'
import { openCatalog } from './catalog.ts'
import { countDamage, listDamage, noteDamage, notePackDamage } from './damage.ts'
import {
  deviceById,
  deviceByKeyId,
  deviceKeyOf,
  listDevices,
  markSeen,
  revokeDevice,
  setTook,
} from './devices.ts'
import { storedIn } from './domain-sums.ts'
import { ordinalOf, writeFacts } from './facts.ts'
import { countGrantUses, grantById, listGrants, releaseGrant, useGrant } from './grants.ts'
import { addObjects, findObjects, markWhole, type NewObject, partialObjects } from './objects.ts'
import { allPacks, packByName, savePack } from './packs.ts'
import { addRecord, hasEscrow, recordsOf, trustChain } from './records.ts'
import { steps } from './schema.ts'
import { addSnapshot, latestSnapshot, listSnapshots, markPublished } from './snapshots.ts'
import { openSqlite } from './sqlite.ts'
import { type Domain, firstVault, fleetDomain, fleetOfVault, foundVault } from './vaults.ts'

const random = seededRandom(1)
const newId = () => objectId(random.bytes(32))
const fleet = await testFleet(p)
const device = await testDevice(p, fleet, 'laptop')
const other = await testDevice(p, fleet, 'server')
const scope = { fleet: fleet.trust.fleet, vault: firstVault }

async function newCatalog() {
  const sql = openSqlite(':memory:')
  await openCatalog(sql)
  return sql
}

async function addFact(
  sql: Awaited<ReturnType<typeof newCatalog>>,
  kind: PayloadKind,
  domain: Domain,
  envelope: Bytes,
) {
  const record = {
    kind,
    domain,
    id: objectId(await p.sha256(envelope)),
    ordinal: ordinalOf(kind, decodeEnvelope(envelope).payload),
    receivedAtMs: testNowMs,
    envelope,
  }
  await addRecord(sql, scope.fleet, record)
  await writeFacts(
    sql,
    scope,
    record,
    domain === fleetDomain ? undefined : await keyIdOf(p, device.key.publicKey),
  )
}

function newObject(domain: Domain, offset: number, whole = true): NewObject {
  return { domain, id: newId(), type: 'page', offset, length: 100, whole }
}

test('opening a catalog twice changes nothing, and a later version is refused', async () => {
  const sql = await newCatalog()
  await openCatalog(sql)
  await rejects(openCatalog(sql, []), { code: 'catalog_newer' })
  equal((await sql.query('select * from steps')).length, steps.length)
  await sql.close()
})

test('a step that was added later is applied to an older catalog', async () => {
  const sql = await newCatalog()
  await openCatalog(sql, [...steps, { name: 'later', statements: ['create table later (value integer)'] }])
  await sql.run('insert into later values (1)')
  await sql.close()
})

test('a vault belongs to one fleet for good', async () => {
  const sql = await newCatalog()
  equal(await fleetOfVault(sql, firstVault), undefined)
  await foundVault(sql, firstVault, fleet.trust.fleet)
  await foundVault(sql, firstVault, fleet.trust.fleet)
  equal(await fleetOfVault(sql, firstVault), fleet.trust.fleet)
  await rejects(foundVault(sql, firstVault, newId() as never), { code: 'wrong_fleet' })
  await sql.close()
})

test('objects are found in their own domain only, in the order asked', async () => {
  const sql = await newCatalog()
  const name = `${'a'.repeat(32)}.pages`
  const pack = await savePack(sql, firstVault, { name, bytes: 500, indexedBytes: 500, state: 'open' })
  const [first, second] = [newObject(device.id, 76), newObject(device.id, 236, false)]
  await addObjects(sql, firstVault, pack, [first, second])
  await addObjects(sql, firstVault, pack, [{ ...first, offset: 999 }])
  const unknown = newId()
  const [b, none, a] = await findObjects(sql, firstVault, device.id, [second.id, unknown, first.id])
  equal(none, undefined)
  deepEqual(a, { pack: name, offset: 76, length: 100, type: 'page', whole: true })
  deepEqual(b, { pack: name, offset: 236, length: 100, type: 'page', whole: false })
  deepEqual(await findObjects(sql, firstVault, other.id, [first.id]), [undefined])
  deepEqual(await storedIn(sql, firstVault, device.id), { objects: 2, bytes: 200 })
  equal((await partialObjects(sql, firstVault, { limit: 10 }))[0]?.id, second.id)
  await markWhole(sql, firstVault, device.id, [second.id])
  deepEqual(await partialObjects(sql, firstVault, { limit: 10 }), [])
  await sql.close()
})

test('packs keep their number, and all of them are walked', async () => {
  const sql = await newCatalog()
  const name = `${'a'.repeat(32)}.pages`
  const pack = { name, bytes: 16, indexedBytes: 16, state: 'open' } as const
  const number = await savePack(sql, firstVault, pack)
  equal(await savePack(sql, firstVault, { ...pack, bytes: 90, indexedBytes: 90, state: 'sealed' }), number)
  deepEqual(await packByName(sql, name), { pack: number, name, bytes: 90, indexedBytes: 90, state: 'sealed' })
  equal((await Array.fromAsync(allPacks(sql, firstVault))).length, 1)
  equal(await packByName(sql, 'none'), undefined)
  await sql.close()
})

test('a damaged object leaves the index until it lies somewhere else', async () => {
  const sql = await newCatalog()
  const name = `${'a'.repeat(32)}.pages`
  const pack = await savePack(sql, firstVault, { name, bytes: 500, indexedBytes: 500, state: 'open' })
  const object = newObject(device.id, 76)
  await addObjects(sql, firstVault, pack, [object])
  const damage = {
    domain: device.id,
    id: object.id,
    pack: name,
    length: 100,
    reason: 'damaged',
    notedAtMs: testNowMs,
  } as const
  await noteDamage(sql, firstVault, { ...damage, offset: 77 })
  equal(await countDamage(sql, firstVault), 0, 'another place is no news about this object')
  await noteDamage(sql, firstVault, { ...damage, offset: 76 })
  deepEqual(await findObjects(sql, firstVault, device.id, [object.id]), [undefined])
  deepEqual(await listDamage(sql, firstVault), [{ ...damage, offset: 76, type: 'page' }])
  deepEqual(await storedIn(sql, firstVault, device.id), { objects: 0, bytes: 0 })
  await sql.close()
})

test('a lost pack takes all its objects behind the loss', async () => {
  const sql = await newCatalog()
  const name = `${'a'.repeat(32)}.pages`
  const pack = await savePack(sql, firstVault, { name, bytes: 500, indexedBytes: 500, state: 'open' })
  const objects = [newObject(device.id, 76), newObject(other.id, 236), newObject(device.id, 396)]
  await addObjects(sql, firstVault, pack, objects)
  equal(await notePackDamage(sql, firstVault, { pack, name }, 300, 'truncated', testNowMs), 2)
  equal((await findObjects(sql, firstVault, device.id, [objects[0]?.id ?? newId()]))[0]?.offset, 76)
  equal(await notePackDamage(sql, firstVault, { pack, name }, 0, 'missing', testNowMs), 1)
  equal(await countDamage(sql, firstVault), 3)
  equal((await listDamage(sql, firstVault, { domain: other.id })).length, 1)
  deepEqual(await storedIn(sql, firstVault, device.id), { objects: 0, bytes: 0 })
  await sql.close()
})

test('certificates, grants, escrows, Trust and revocations become rows', async () => {
  const sql = await newCatalog()
  const keyId = await keyIdOf(p, device.key.publicKey)
  await addFact(sql, 'trust', fleetDomain, fleet.trust.envelope)
  await addFact(sql, 'grant', fleetDomain, device.grantEnvelope)
  await addFact(sql, 'certificate', device.id, device.certificateEnvelope)
  equal(await hasEscrow(sql, scope.fleet, device.id, 2), false)
  await addFact(sql, 'escrow', device.id, await sampleEscrow(fleet, device, 2))
  ok(await hasEscrow(sql, scope.fleet, device.id, 2))
  equal(await hasEscrow(sql, scope.fleet, other.id, 2), false)
  deepEqual(await trustChain(sql, scope.fleet), [fleet.trust.envelope])
  deepEqual(await trustChain(sql, scope.fleet, 1), [])
  equal((await recordsOf(sql, scope.fleet, 'escrow')).length, 1)

  const row = await deviceByKeyId(sql, scope.fleet, keyId)
  equal(row?.device, device.id)
  equal(row?.name, 'laptop')
  deepEqual(row?.grant, device.grantEnvelope)
  equal(row?.lastSeenMs, undefined)
  await markSeen(sql, scope.fleet, [
    { device: device.id, atMs: 60 },
    // The clock was set back: the later word counts, or silence would not be noticed for as long.
    { device: device.id, atMs: 50 },
  ])
  await setTook(sql, scope.fleet, device.id, { version: '1.4.0', atMs: 60 })
  const seen = await deviceById(sql, scope.fleet, device.id)
  deepEqual([seen?.lastSeenMs, seen?.took], [50, { version: '1.4.0', atMs: 60 }])

  const order = newOrder(p, fleet.trust, testNowMs)
  const revoke = { order, device: device.id, grantId: device.grant.order.id, reason: 'lost' }
  await addFact(sql, 'revoke', fleetDomain, await signRevoke(p, revoke, fleet.admin))
  equal(await deviceKeyOf(sql, scope.fleet, device.id), undefined)
  await revokeDevice(sql, scope.fleet, device.id, testNowMs + 1)
  equal((await listDevices(sql, scope.fleet))[0]?.revokedAtMs, testNowMs)
  equal((await grantById(sql, scope.fleet, device.grant.order.id))?.revokedAtMs, testNowMs)
  await sql.close()
})

test('a grant is used as often as it allows and no more, however many ask at once', async () => {
  const sql = await newCatalog()
  await addFact(sql, 'grant', fleetDomain, device.grantEnvelope)
  const id = device.grant.order.id
  const tries = await Promise.all([1, 2, 3].map(() => useGrant(sql, scope.fleet, id)))
  deepEqual(tries, [true, false, false])
  await releaseGrant(sql, scope.fleet, id)
  equal(await useGrant(sql, scope.fleet, id), true)
  equal(await useGrant(sql, scope.fleet, new Uint8Array(16)), false)
  await sql.run('update grants set uses = 0')
  await addFact(sql, 'certificate', device.id, device.certificateEnvelope)
  await countGrantUses(sql, scope.fleet)
  equal((await listGrants(sql, scope.fleet))[0]?.uses, 1)
  await sql.close()
})

test('snapshots are listed newest first, and the head is the newest that is complete here', async () => {
  const sql = await newCatalog()
  await addFact(sql, 'certificate', device.id, device.certificateEnvelope)
  const ids: string[] = []
  for (let sequence = 1; sequence <= 4; sequence++) {
    const options = { sequence, ...(sequence > 1 ? { previous: newId() } : {}), complete: sequence !== 3 }
    const { id, stored } = await sampleCommit(fleet, device, newId(), options)
    const commit = decodeCommit(decodeEnvelope(stored.subarray(17 + 32)).payload)
    deepEqual(decodeCommit(encodeCommit(commit)), commit)
    ids.push(id)
    await addSnapshot(sql, firstVault, id, commit, testNowMs + sequence, sequence !== 4)
  }
  const list = await listSnapshots(sql, scope.fleet, device.id)
  deepEqual(
    list.map(row => row.id),
    [ids[2], ids[1], ids[0]],
  )
  equal((await listSnapshots(sql, scope.fleet, device.id, { limit: 1, beforeSequence: 3 }))[0]?.id, ids[1])
  equal((await listSnapshots(sql, scope.fleet, undefined)).length, 3)
  equal((await listSnapshots(sql, scope.fleet, device.id, { unpublished: true })).length, 4)
  equal((await latestSnapshot(sql, scope.fleet, device.id))?.sequence, 3)
  const row = await deviceById(sql, scope.fleet, device.id)
  deepEqual([row?.head?.sequence, row?.lastCompleteAtMs], [3, testNowMs + 2])
  await markPublished(sql, scope.fleet, device.id, ids[3] as never)
  equal((await deviceById(sql, scope.fleet, device.id))?.head?.sequence, 4)
  equal(await deviceById(sql, scope.fleet, other.id), undefined)
  await sql.close()
})
