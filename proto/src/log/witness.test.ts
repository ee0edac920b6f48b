import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromUtf8, utf8 } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import { nodePrimitives as p } from '../node.ts'
import { fleetId } from '../object/id.ts'
import { testKey } from '../trust/testing/fleet.ts'
import { decodeCheckpoint, signCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { consistencyProof } from './proof.ts'
import { type GrownLog, grow } from './testing/grown-log.ts'
import { forkToldMs, type WitnessedLog, witness } from './witness.ts'

const fleet = fleetId(new Uint8Array(32).fill(7))
const key = await testKey(p, 'collector')
const stranger = await testKey(p, 'another collector')
const entries = (first: string) =>
  Array.from({ length: 20 }, (_, index) => utf8(`${index === 0 ? first : ''}${index}`))
const log = await grow(p, entries('one'))
const other = await grow(p, entries('other'))

const checkpoint = (grown: GrownLog, size: number, by = key) =>
  signCheckpoint(p, fleet, { size, root: grown.roots[size] ?? assert.fail() }, by)
const shown = async (grown: GrownLog, from: number, size: number, by = key) => ({
  checkpoint: (await checkpoint(grown, size, by)).note,
  proof: from <= size ? await consistencyProof(p, grown.hashAt, from, size) : [],
})
const see = (
  held: WitnessedLog | undefined,
  now: Awaited<ReturnType<typeof shown>> | undefined,
  nowMs = 1000,
  by = key,
) => witness(p, held, now, { fleet, collectorKey: by.publicKey, nowMs })
const holding = async (size: number) => (await see(undefined, await shown(log, 0, size))) ?? assert.fail()

test('a checkpoint is a signed note that says origin, size and root', async () => {
  const { note, origin } = await checkpoint(log, 12)
  const [first, size, root, blank, signature] = fromUtf8(note).split('\n')
  assert.equal(first, origin)
  assert.match(origin, /^backstay\/(07){32}\/[0-9a-f]{16}$/)
  assert.deepEqual([size, root, blank], ['12', log.roots[12]?.toBase64(), ''])
  assert.match(signature ?? '', /^— backstay\/\S+ [A-Za-z0-9+/]+=*$/)
  const read = await verifyCheckpoint(p, note, { fleet, keys: [stranger.publicKey, key.publicKey] })
  assert.deepEqual(read, decodeCheckpoint(note))
})

test('a checkpoint with any byte changed, cut or repeated is none', async () => {
  const { note } = await checkpoint(log, 12)
  const by = { fleet, keys: [key.publicKey] }
  const refused = (damaged: Uint8Array) =>
    assert.rejects(
      verifyCheckpoint(p, damaged, by),
      error => isFailure(error, 'bad_checkpoint') || isFailure(error, 'bad_signature'),
    )
  for (const at of note.keys()) {
    await refused(note.map((byte, index) => (index === at ? byte ^ 1 : byte)))
    await refused(note.slice(0, at))
  }
  await refused(utf8(`${fromUtf8(note)}${'x'.repeat(2000)}`))
  await assert.rejects(verifyCheckpoint(p, note, { fleet, keys: [stranger.publicKey] }), error =>
    isFailure(error, 'bad_signature'),
  )
  const otherFleet = { fleet: fleetId(new Uint8Array(32).fill(8)), keys: [key.publicKey] }
  await assert.rejects(verifyCheckpoint(p, note, otherFleet), error => isFailure(error, 'bad_signature'))
})

test('further signatures and lines of others do not hide ours', async () => {
  const { note } = await checkpoint(log, 12)
  const more = `${fromUtf8(note)}— somebody.example ${new Uint8Array(68).toBase64()}\n— other.example ${new Uint8Array(9).toBase64()}\n`
  assert.equal((await verifyCheckpoint(p, utf8(more), { fleet, keys: [key.publicKey] })).size, 12)
})

test('a witness follows a log that grows, stays or begins', async () => {
  const held = await holding(5)
  assert.equal(held.fork, undefined)
  for (const size of [5, 6, 20]) {
    const now = await see(held, await shown(log, 5, size))
    assert.deepEqual([now?.fork, decodeCheckpoint(now?.checkpoint ?? assert.fail()).size], [undefined, size])
  }
  assert.equal(await see(undefined, undefined), undefined)
})

test('a rewritten log, one that was put back and one that is withheld are each told by their name', async () => {
  const held = await holding(5)
  assert.equal((await see(held, await shown(other, 5, 9)))?.fork?.kind, 'log_rewritten')
  assert.equal((await see(held, await shown(other, 5, 5)))?.fork?.kind, 'log_rewritten')
  assert.equal((await see(held, { ...(await shown(log, 5, 9)), proof: [] }))?.fork?.kind, 'log_rewritten')
  assert.equal((await see(held, await shown(log, 5, 4)))?.fork?.kind, 'log_rolled_back')
  assert.equal((await see(held, undefined))?.fork?.kind, 'log_withheld')
  assert.equal((await see(held, await shown(log, 5, 9, stranger)))?.fork?.kind, 'log_withheld')
})

test('the evidence stays, the new line is followed, and a quiet month ends the alarm', async () => {
  const held = await holding(9)
  const back = (await see(held, await shown(other, 9, 4), 1000)) ?? assert.fail()
  assert.deepEqual(back.fork?.before, held.checkpoint)
  const on = (await see(back, await shown(other, 4, 12), 2000)) ?? assert.fail()
  assert.deepEqual(on.fork, { kind: 'log_rolled_back', before: held.checkpoint, sinceMs: 1000, lastMs: 1000 })
  const again = (await see(on, await shown(log, 12, 13), 3000)) ?? assert.fail()
  assert.deepEqual(again.fork, { ...on.fork, lastMs: 3000 })
  assert.equal((await see(again, await shown(log, 13, 14), 3000 + forkToldMs))?.fork, undefined)
})

test('a log that was withheld for a moment and grew meanwhile is no alarm; one that changed meanwhile is', async () => {
  const withheld = (await see(await holding(5), undefined)) ?? assert.fail()
  assert.equal((await see(withheld, undefined, 2000))?.fork?.sinceMs, 1000)
  assert.equal((await see(withheld, await shown(log, 5, 9), 2000))?.fork, undefined)
  assert.equal((await see(withheld, await shown(other, 5, 9), 2000))?.fork?.kind, 'log_rewritten')
  const rewritten = (await see(await holding(5), await shown(other, 5, 9))) ?? assert.fail()
  assert.equal((await see(rewritten, undefined, 2000))?.fork?.kind, 'log_rewritten')
})

test('a collector that owners replaced begins another log', async () => {
  const now = await see(await holding(9), await shown(other, 0, 3, stranger), 1000, stranger)
  assert.equal(now?.fork, undefined)
  assert.equal(decodeCheckpoint(now?.checkpoint ?? assert.fail()).size, 3)
})
