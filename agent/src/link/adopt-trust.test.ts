// New recipients in Trust: the device seals its keys of every epoch for them, whatever ends it in between, and believes nobody else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from '@backstay/proto/bytes'
import { openEscrow } from '@backstay/proto/content/escrow'
import { Failure, isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { ObjectId } from '@backstay/proto/object/id'
import { verifyEscrow } from '@backstay/proto/trust/escrow-record'
import { testDevice, testFleet, testIdentity, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import {
  signTrust,
  type TrustDocument,
  type VerifiedTrust,
  verifyTrustChain,
} from '@backstay/proto/trust/trust'
import type { KnownTrust } from '../keys/identity.ts'
import { type Adopting, adoptTrust, escrowToRecipients } from './adopt-trust.ts'

const fleet = await testFleet(p)
const device = await testDevice(p, fleet, 'laptop')
const code = (expected: string) => (error: unknown) => isFailure(error, expected)
const epochs = [1, 2].map(epoch => ({ epoch, deviceSecret: p.random(32) }))

class Stage {
  disk: KnownTrust = { chain: [fleet.trust.envelope], escrowedFor: 1 }
  readonly put: Bytes[] = []
  /** Envelopes that the collector still takes before the link is cut. */
  takes = Number.POSITIVE_INFINITY

  readonly adopting: Adopting = {
    primitives: p,
    clock: { now: () => testNowMs, monotonic: () => 0, sleep: async () => undefined },
    identities: {
      readTrust: async () => this.disk,
      writeTrust: async trust => {
        this.disk = trust
      },
    },
    identity: {
      device: device.id,
      secrets: { signingSeed: p.random(32), borderSecret: p.random(32), identity: device.identity, epochs },
    },
    signingKey: device.key,
  }
  readonly session = {
    putRecord: async (envelope: Bytes) => {
      if (this.takes-- <= 0) throw new Failure('link_cut', 'the link was cut', { remedy: 'retry' })
      this.put.push(envelope)
      return '' as ObjectId
    },
  }

  /** What the disk says after a restart, and then what a connection does that shows these. */
  async connect(envelopes: readonly Bytes[]): Promise<VerifiedTrust> {
    const believed = await verifyTrustChain(p, this.disk.chain, fleet.trust.fleet)
    const trust = await adoptTrust(this.adopting, believed, envelopes)
    await escrowToRecipients(this.adopting, trust, this.session)
    return trust
  }
}

async function next(trust: VerifiedTrust, changes: Partial<TrustDocument>, by = fleet.owner): Promise<Bytes> {
  const { version } = trust.document
  const document = { ...trust.document, version: version + 1, previous: trust.payloadHash, ...changes }
  return signTrust(p, document, [by])
}

const newKit = testIdentity(4)
const withNewKit = await next(fleet.trust, { kitRecipient: newKit.recipient })

test('every epoch is sealed for the kit that came, once, and opens with it', async () => {
  const stage = new Stage()
  await stage.connect([withNewKit])
  await stage.connect([])
  const records = await Promise.all(stage.put.map(one => verifyEscrow(p, one, device.key.publicKey)))
  assert.deepEqual(
    records.map(({ epoch, trustVersion }) => [epoch, trustVersion]),
    [
      [1, 2],
      [2, 2],
    ],
  )
  for (const [index, record] of records.entries()) {
    const { deviceSecret } = await openEscrow(p, record, newKit.identity, 'kit')
    assert.deepEqual(deviceSecret, epochs[index]?.deviceSecret)
  }
})

test('cut off after it believed, and again between two epochs, it seals them with the next connection', async () => {
  // It used to compare what it believed with what came: a cut in between, and no device ever came under the new kit.
  const stage = new Stage()
  for (const takes of [0, 1]) {
    stage.takes = takes
    await assert.rejects(stage.connect([withNewKit].slice(stage.disk.chain.length - 1)), code('link_cut'))
    assert.deepEqual([stage.disk.chain.length, stage.disk.escrowedFor], [2, 1])
  }
  stage.takes = Number.POSITIVE_INFINITY
  await stage.connect([])
  assert.deepEqual([stage.put.length, stage.disk.escrowedFor], [3, 2])
})

test('many versions that were slept through are one sealing, and none when the recipients are the same', async () => {
  const stage = new Stage()
  const second = await verifyTrustChain(p, [withNewKit], fleet.trust)
  const third = await verifyTrustChain(p, [await next(second, { fleetName: 'another name' })], second)
  await stage.connect([second.envelope, third.envelope])
  assert.equal(stage.put.length, 2)
  await stage.connect([await next(third, { fleetName: 'a third name' })])
  assert.equal(stage.put.length, 2)
})

test('a forged, older or broken-off Trust is not believed, and nothing is sealed for it', async () => {
  const stage = new Stage()
  const [thief, other] = await Promise.all([testKey(p, 'thief'), testFleet(p, { fleetName: 'other' })])
  const mine = { kitRecipient: testIdentity(2).recipient }
  const owned = { ...mine, owners: [{ key: thief.publicKey, label: '' }] }
  const second = await verifyTrustChain(p, [withNewKit], fleet.trust)
  for (const [forged, expected] of [
    [await next(fleet.trust, mine, thief), 'trust_threshold'],
    [await next(fleet.trust, owned, thief), 'trust_threshold'],
    // The owner of before signs, whose kit was replaced: he must be in the version that comes, too.
    [await next(fleet.trust, owned, fleet.owner), 'trust_threshold'],
    [await next(second, mine), 'trust_gap'],
    [fleet.trust.envelope, 'trust_rollback'],
    [await next(other.trust, mine, other.owner), 'trust_fork'],
    [withNewKit.subarray(0, 100), 'bad_envelope'],
  ] as const)
    await assert.rejects(stage.connect([forged]), code(expected))
  assert.deepEqual([stage.put.length, stage.disk.chain.length], [0, 1])
})
