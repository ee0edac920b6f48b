// What a hostile collector, or a thief of some owner keys, might try with the Trust chain.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hex } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import { nodePrimitives as p } from '../node.ts'
import { cosignEnvelope, decodeEnvelope, keyIdOf, kindOf, signEnvelope, signersOf } from './envelope.ts'
import { testFleet, testIdentity, testKey, testNowMs, testTrustDocument } from './testing/fleet.ts'
import {
  adminsWith,
  fleetOf,
  signTrust,
  type TrustDocument,
  verifyTrustChain,
  verifyTrustHistory,
} from './trust.ts'

const code = (expected: string) => (error: unknown) => isFailure(error, expected)

describe('Trust', () => {
  it('refuses a recovery recipient that the collector swapped', async () => {
    const { trust } = await testFleet(p)
    const evil = await testKey(p, 'evil collector')
    const swapped: TrustDocument = {
      ...trust.document,
      version: 2,
      previous: trust.payloadHash,
      kitRecipient: testIdentity(5).recipient,
      deskRecipient: testIdentity(5).recipient,
    }
    await assert.rejects(
      verifyTrustChain(p, [await signTrust(p, swapped, [evil])], trust),
      code('trust_threshold'),
    )
    const owned = { ...swapped, owners: [{ key: evil.publicKey, label: '' }] }
    await assert.rejects(
      verifyTrustChain(p, [await signTrust(p, owned, [evil])], trust),
      code('trust_threshold'),
    )
    const founded = await signTrust(p, { ...owned, version: 1, previous: new Uint8Array() }, [evil])
    await assert.rejects(verifyTrustChain(p, [founded], trust.fleet), code('wrong_fleet'))
    await assert.rejects(verifyTrustChain(p, [founded], trust), code('trust_rollback'))
  })

  it('gives two fleets of one document different ids when their salt differs', async () => {
    const owner = await testKey(p, 'owner')
    const documents = await Promise.all(
      [1, 2].map(n => testTrustDocument(p, { salt: new Uint8Array(16).fill(n) })),
    )
    const ids = await Promise.all(documents.map(async one => fleetOf(p, await signTrust(p, one, [owner]))))
    assert.notEqual(ids[0], ids[1])
  })

  it('lets owners on several machines sign one after another', async () => {
    const [a, b] = await Promise.all(['a', 'b'].map(name => testKey(p, name)))
    assert.ok(a && b)
    const owners = [a, b].map(key => ({ key: key.publicKey, label: '' }))
    const half = await signTrust(p, await testTrustDocument(p, { owners, threshold: 2 }), [a])
    const fleet = await fleetOf(p, half)
    await assert.rejects(verifyTrustChain(p, [half], fleet), code('trust_threshold'))
    const whole = await cosignEnvelope(p, 'trust', half, [b])
    assert.equal((await verifyTrustChain(p, [whole], fleet)).document.version, 1)
    await assert.rejects(cosignEnvelope(p, 'job', half, [b]), code('wrong_kind'))
  })

  it('keeps the believed document when nothing newer comes, and refuses one cut in the middle', async () => {
    const { trust, owner } = await testFleet(p)
    assert.equal(await verifyTrustChain(p, [], trust), trust)
    const next = { ...trust.document, version: 2, previous: trust.payloadHash }
    const envelope = await signTrust(p, next, [owner])
    for (const length of [0, 1, envelope.length >> 1, envelope.length - 1]) {
      const cut = verifyTrustChain(p, [envelope.subarray(0, length)], trust)
      await assert.rejects(cut, code('bad_envelope'), `cut to ${length}`)
    }
    const history = await verifyTrustHistory(p, [trust.envelope, envelope], trust.fleet)
    assert.deepEqual(
      history.map(one => one.document.version),
      [1, 2],
    )
  })

  it('refuses a chain longer than a fleet can have lived', async () => {
    const { trust } = await testFleet(p)
    await assert.rejects(
      verifyTrustChain(p, Array(1025).fill(trust.envelope), trust.fleet),
      code('bad_trust'),
    )
  })

  it('lets admins act within their roles and time, owners always', async () => {
    const [early, late] = await Promise.all(['early', 'late'].map(name => testKey(p, name)))
    assert.ok(early && late)
    const admin = { name: '', recipient: testIdentity(2).recipient }
    const { trust, owner } = await testFleet(p, {
      admins: [
        { ...admin, key: early.publicKey, roles: ['policy'], notAfterMs: testNowMs },
        { ...admin, key: late.publicKey, roles: ['restore', 'enroll'], notAfterMs: 0 },
      ],
    })
    const who = (...args: Parameters<typeof adminsWith>) => adminsWith(...args).map(hex)
    const [ownerKey, earlyKey, lateKey] = [owner, early, late].map(key => hex(key.publicKey))
    assert.deepEqual(who(trust, 'policy', testNowMs - 1), [ownerKey, earlyKey])
    assert.deepEqual(who(trust, 'policy', testNowMs), [ownerKey])
    assert.deepEqual(who(trust, 'restore', testNowMs), [ownerKey, lateKey])
    assert.deepEqual(who(trust, 'owner', testNowMs), [ownerKey])
  })
})

describe('a signed envelope', () => {
  it('is refused, whichever of its bits is turned', async () => {
    const key = await testKey(p, 'owner')
    const envelope = await signEnvelope(p, 'grant', new Uint8Array(40).fill(1), [key])
    for (let bit = 0; bit < envelope.length * 8; bit++) {
      const turned = Uint8Array.from(envelope)
      turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7))
      let signers: unknown[] = []
      try {
        signers = await signersOf(p, 'grant', decodeEnvelope(turned), [key.publicKey])
      } catch (error) {
        assert.ok(isFailure(error), `bit ${bit}: ${error}`)
      }
      assert.deepEqual(signers, [], `bit ${bit}`)
    }
  })

  it('of a kind that is not known says so', async () => {
    const key = await testKey(p, 'owner')
    const envelope = decodeEnvelope(await signEnvelope(p, 'grant', new Uint8Array(1), [key]))
    assert.equal(kindOf(envelope), 'grant')
    assert.throws(() => kindOf({ ...envelope, payloadType: 'application/x' }), code('unknown_kind'))
    assert.deepEqual(envelope.signatures[0]?.keyId, await keyIdOf(p, key.publicKey))
  })

  it('larger than a mebibyte is not even decoded', () => {
    assert.throws(() => decodeEnvelope(new Uint8Array(1024 * 1024 + 1)), code('bad_envelope'))
  })

  it('made of nested or endless messages costs nothing', () => {
    const nested = new Uint8Array(60_000).fill(0x1a)
    assert.throws(() => decodeEnvelope(nested), code('bad_envelope'))
    const manySignatures = new Uint8Array(1024 * 1024).map((_, index) => (index % 2 === 0 ? 0x1a : 0))
    const started = performance.now()
    assert.throws(() => decodeEnvelope(manySignatures), code('bad_envelope'))
    assert.ok(performance.now() - started < 2000)
  })
})
