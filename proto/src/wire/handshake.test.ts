import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bytes, utf8 } from '../bytes.ts'
import { nodePrimitives as p } from '../node.ts'
import { challenge, collectorOf, prove, proves, type Transcript } from './handshake.ts'

const key = async (name: string) => p.signingKey(await p.sha256(utf8(name)))
const collector = await key('collector')
const device = await key('device')
const binding = new Uint8Array(32).fill(1)
const hello = utf8('a hello frame')

async function transcript(changes: Partial<Transcript> = {}): Promise<Transcript> {
  const made = await challenge(p, collector, hello, binding)
  return { hello, challenge: made, opening: undefined, channelBinding: binding, ...changes }
}

function bent(bytes: Bytes): Bytes {
  const copy = bytes.slice()
  copy[0] = (copy[0] ?? 0) ^ 1
  return copy
}

test('both sides prove themselves to each other', async () => {
  const seen = await transcript()
  assert.equal(await collectorOf(p, seen, [device.publicKey, collector.publicKey]), collector.publicKey)
  assert.ok(await proves(p, device.publicKey, seen, await prove(p, device, seen)))
})

test('a relay that holds two valid TLS channels fits neither', async () => {
  const seen = await transcript({ channelBinding: new Uint8Array(32).fill(2) })
  await assert.rejects(collectorOf(p, seen, [collector.publicKey]), { code: 'wrong_channel' })
  const signature = await prove(p, device, seen)
  assert.ok(!(await proves(p, device.publicKey, { ...seen, channelBinding: binding }, signature)))
})

test('a challenge for another hello, or one that was changed, is refused', async () => {
  const seen = await transcript()
  const changed: readonly Transcript[] = [
    { ...seen, hello: bent(hello) },
    { ...seen, challenge: { ...seen.challenge, nonce: bent(seen.challenge.nonce) } },
    { ...seen, challenge: { ...seen.challenge, signature: bent(seen.challenge.signature) } },
  ]
  for (const one of changed) {
    await assert.rejects(collectorOf(p, one, [collector.publicKey]), { code: 'wrong_channel' })
  }
})

test('a collector that is not in Trust is refused, and one of another version', async () => {
  const seen = await transcript()
  await assert.rejects(collectorOf(p, seen, [device.publicKey]), { code: 'wrong_collector' })
  await assert.rejects(collectorOf(p, seen, []), { code: 'wrong_collector' })
  const newer = { ...seen, challenge: { ...seen.challenge, version: 2 } }
  await assert.rejects(collectorOf(p, newer, [collector.publicKey]), { code: 'wrong_version' })
})

test('a proof covers every byte that both sides have seen', async () => {
  const seen = await transcript({ opening: utf8('an enroll frame') })
  const signature = await prove(p, device, seen)
  const changed: readonly Transcript[] = [
    { ...seen, hello: bent(hello) },
    { ...seen, opening: utf8('another enroll frame') },
    { ...seen, opening: undefined },
    { ...seen, channelBinding: bent(binding) },
    { ...seen, challenge: { ...seen.challenge, signature: bent(seen.challenge.signature) } },
    { ...seen, challenge: { ...seen.challenge, nonce: bent(seen.challenge.nonce) } },
  ]
  assert.ok(await proves(p, device.publicKey, seen, signature))
  for (const one of changed) assert.ok(!(await proves(p, device.publicKey, one, signature)))
  assert.ok(!(await proves(p, collector.publicKey, seen, signature)))
})

test('bytes cannot move between the parts of a transcript', async () => {
  const one = await transcript({ hello: utf8('ab'), opening: utf8('c') })
  const other = { ...one, hello: utf8('a'), opening: utf8('bc') }
  assert.ok(!(await proves(p, device.publicKey, other, await prove(p, device, one))))
})

test('a proof is worth nothing in the next session', async () => {
  const signature = await prove(p, device, await transcript())
  assert.ok(!(await proves(p, device.publicKey, await transcript(), signature)))
})
