// A change of Trust that waits for more owners: kept for them, and neither made up, pushed aside nor brought back by anybody else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { signTrust, type TrustDocument, verifyTrustChain } from '@backstay/proto/trust/trust'
import { sampleGateway } from '../link/testing/sample-gateway.ts'
import { sampleFleet } from '../testing/sample-vault.ts'
import { keepProposal, readProposal } from './proposal.ts'

const { trust, owner } = sampleFleet

function next(changes: Partial<TrustDocument>, by = owner) {
  const { document, payloadHash } = trust
  return signTrust(p, { ...document, version: 2, previous: payloadHash, ...changes }, [by])
}

test('the newest that an owner signed is kept, until Trust goes on', async () => {
  await using world = await sampleGateway()
  const { sql } = world.vault
  const keep = async (envelope: Uint8Array) => keepProposal(p, sql, trust, envelope, testNowMs)
  assert.equal(await readProposal(sql, trust), undefined)
  const [first, second] = [await next({ fleetName: 'first' }), await next({ fleetName: 'second' })]
  for (const envelope of [first, second]) {
    await keep(envelope)
    assert.deepEqual(await readProposal(sql, trust), envelope)
  }
  const stranger = await testKey(p, 'stranger')
  const owned = { owners: [{ key: stranger.publicKey, label: '' }] }
  for (const [envelope, code] of [
    [await next({ fleetName: 'forged' }, stranger), 'trust_threshold'],
    [await next(owned, stranger), 'trust_threshold'],
    [await next({ version: 3 }), 'trust_gap'],
    [await next({ previous: new Uint8Array(32) }), 'trust_gap'],
    [trust.envelope, 'trust_gap'],
    [first.subarray(0, 20), 'bad_envelope'],
  ] as const)
    await assert.rejects(keep(envelope), { code })
  assert.deepEqual(await readProposal(sql, trust), second)
  const gone = await verifyTrustChain(p, [first], trust)
  assert.equal(await readProposal(sql, gone), undefined, 'Trust went on without it')
})
