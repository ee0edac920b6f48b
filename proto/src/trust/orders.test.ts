// Orders as an attacker would like them to be read; the plain refusals stand in proto/vectors/trust-*.json.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hex } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import { nodePrimitives as p } from '../node.ts'
import { idToBytes } from '../object/id.ts'
import { decodePolicy, encodePolicy, type Policy, signPolicy } from '../policy/policy.ts'
import { standingOf } from '../policy/standing.ts'
import { verifyCertificate } from './certificate.ts'
import { decodeEnvelope, signEnvelope } from './envelope.ts'
import { decodeGrant, requireUsable } from './grant.ts'
import { type Job, signJob } from './job.ts'
import { compareOrders, newOrder, type OrderOptions } from './order.ts'
import { verifyGrant, verifyJob, verifyPastGrant, verifyPolicy } from './orders.ts'
import { DoneJobs, doneJobsMax, noJobs } from './replay.ts'
import { type TestFleet, testDevice, testFleet, testKey, testNowMs, testPolicy } from './testing/fleet.ts'
import { signTrust, verifyTrustChain, verifyTrustHistory } from './trust.ts'

const code = (expected: string) => (error: unknown) => isFailure(error, expected)
const dayMs = 86_400_000

/** The same fleet after its owner signed a second Trust, in which the admin is another. */
async function withoutAdmin(fleet: TestFleet): Promise<TestFleet> {
  const admin = await testKey(p, 'second admin')
  const [first] = fleet.trust.document.admins
  assert.ok(first)
  const document = {
    ...fleet.trust.document,
    version: 2,
    previous: fleet.trust.payloadHash,
    admins: [{ ...first, key: admin.publicKey }],
  }
  const trust = await verifyTrustChain(p, [await signTrust(p, document, [fleet.owner])], fleet.trust)
  return { ...fleet, trust, admin }
}

async function policy(fleet: TestFleet, options: OrderOptions = {}): Promise<Policy> {
  return decodePolicy(decodeEnvelope(await testPolicy(p, fleet, options)).payload)
}

describe('policies', () => {
  it('test 18, fast-forward: of a removed admin, numbered as high as numbers go, lose to the next normal one', async () => {
    const fleet = await testFleet(p)
    const stolen = await policy(fleet, { sequence: Number.MAX_SAFE_INTEGER })
    const later = await withoutAdmin(fleet)
    const normal = await policy(later, { sequence: 1 })
    assert.ok(compareOrders(normal.order, stolen.order) > 0)
    assert.equal(standingOf([normal, stolen]).policies.get(''), normal)
    const fresh = await signPolicy(p, stolen, fleet.admin)
    await assert.rejects(
      verifyPolicy(p, fresh, { trust: later.trust, nowMs: testNowMs }),
      code('not_authorized'),
    )
  })

  it('numbered beyond 2^53 are refused, since they could not be compared', async () => {
    const fleet = await testFleet(p)
    const { order, ...rest } = await policy(fleet)
    const payload = encodePolicy({ ...rest, order: { ...order, sequence: 2 ** 60 } })
    const huge = await signEnvelope(p, 'policy', payload, [fleet.admin])
    await assert.rejects(verifyPolicy(p, huge, { trust: fleet.trust, nowMs: testNowMs }), code('bad_policy'))
  })

  it('that expired keep protecting whoever obeyed them before', async () => {
    const fleet = await testFleet(p)
    const envelope = await testPolicy(p, fleet, { expiresAtMs: testNowMs + 1 })
    const late = { trust: fleet.trust, nowMs: testNowMs + dayMs }
    await assert.rejects(verifyPolicy(p, envelope, late), code('expired'))
    assert.equal((await verifyPolicy(p, envelope, { ...late, held: true })).name, 'test policy')
  })
})

describe('jobs', () => {
  const audience = [new Uint8Array(16).fill(1)]

  async function job(fleet: TestFleet, kind: Job['kind'] = 'restore'): Promise<Job> {
    const order = newOrder(p, fleet.trust, testNowMs, { expiresAtMs: testNowMs + dayMs, audience })
    return { order, kind, sealed: new Uint8Array() }
  }

  it('test 20, job-replay: are done once, however often they are sent', async () => {
    const fleet = await testFleet(p)
    const done = new DoneJobs()
    const context = { trust: fleet.trust, nowMs: testNowMs, audience, done }
    const envelope = await signJob(p, await job(fleet), fleet.admin)
    const { order } = await verifyJob(p, envelope, context)
    done.add(order.id, order.expiresAtMs, testNowMs)
    await assert.rejects(verifyJob(p, envelope, context), code('job_replayed'))
    const restarted = new DoneJobs(done.remembered())
    await assert.rejects(verifyJob(p, envelope, { ...context, done: restarted }), code('job_replayed'))
    done.add(new Uint8Array(16), testNowMs + 9 * dayMs, order.expiresAtMs)
    assert.equal(done.remembered().done.length, 1, 'an expired job is forgotten')
    await assert.rejects(verifyJob(p, envelope, { ...context, nowMs: order.expiresAtMs }), code('expired'))
  })

  it('test 20, job-replay: signed under an older Trust are refused, though their admin is still there', async () => {
    const fleet = await testFleet(p)
    const { document, payloadHash } = fleet.trust
    const next = await signTrust(p, { ...document, version: 2, previous: payloadHash }, [fleet.owner])
    const trust = await verifyTrustChain(p, [next], fleet.trust)
    const context = { nowMs: testNowMs, audience, done: new DoneJobs() }
    const old = await signJob(p, await job(fleet), fleet.admin)
    await verifyJob(p, old, { ...context, trust: fleet.trust })
    await assert.rejects(verifyJob(p, old, { ...context, trust }), code('old_trust'))
    await verifyJob(p, await signJob(p, await job({ ...fleet, trust }), fleet.admin), { ...context, trust })
  })

  for (const setBackMs of [2, 5 * 60_000, dayMs, 10 * 365 * dayMs]) {
    it(`are not done again when the clock is set back by ${setBackMs / 1000} s after they were forgotten`, async () => {
      // A clock that ran ahead made the device forget a job that had not expired: set right again, it did it once more.
      const fleet = await testFleet(p)
      const envelope = await signJob(p, await job(fleet), fleet.admin)
      const before = new DoneJobs()
      const context = { trust: fleet.trust, nowMs: testNowMs, audience, done: before }
      const { order } = await verifyJob(p, envelope, context)
      before.add(order.id, order.expiresAtMs, testNowMs)
      const aheadMs = order.expiresAtMs + 1
      before.add(new Uint8Array(16), aheadMs + dayMs, aheadMs)
      const done = new DoneJobs(before.remembered())
      const back = { ...context, done, nowMs: aheadMs - setBackMs }
      await assert.rejects(verifyJob(p, envelope, back), code('expired'))
      // One that ends later is as good as ever.
      const { order: usual } = await job(fleet)
      const later = { ...(await job(fleet)), order: { ...usual, expiresAtMs: usual.expiresAtMs + 1 } }
      await verifyJob(p, await signJob(p, later, fleet.admin), back)
    })
  }

  it('test 29, removed-admin: of a removed admin are refused, even when the collector holds back the news from some', async () => {
    const fleet = await testFleet(p)
    const later = await withoutAdmin(fleet)
    const context = { nowMs: testNowMs, audience, done: new DoneJobs() }
    const signedByOld = await signJob(p, await job(fleet), fleet.admin)
    const backdated = await signJob(p, await job(later), fleet.admin)
    for (const envelope of [signedByOld, backdated]) {
      await assert.rejects(verifyJob(p, envelope, { ...context, trust: later.trust }), code('not_authorized'))
    }
    const byNew = await signJob(p, await job(later), later.admin)
    await assert.rejects(verifyJob(p, byNew, { ...context, trust: fleet.trust }), code('not_authorized'))
  })

  it('are refused rather than forgotten when too many are remembered', () => {
    const many = Array.from({ length: doneJobsMax }, (_, n) => ({
      id: String(n),
      expiresAtMs: testNowMs + 1,
    }))
    const done = new DoneJobs({ ...noJobs, done: many })
    assert.throws(() => done.add(new Uint8Array(16), testNowMs + 1, testNowMs), code('too_many_jobs'))
    done.add(new Uint8Array(16), testNowMs + 9, testNowMs + 1)
    assert.equal(done.remembered().done.length, 1)
  })
})

describe('grants', () => {
  it('admit as many devices as they say, until their end', async () => {
    const fleet = await testFleet(p)
    const { grant } = await testDevice(p, fleet, 'laptop')
    requireUsable(grant, 0, testNowMs)
    assert.throws(() => requireUsable(grant, 1, testNowMs), code('grant_used_up'))
    const rollout = { ...grant, maxUses: 500 }
    requireUsable(rollout, 499, testNowMs)
    assert.throws(() => requireUsable(rollout, 500, testNowMs), code('grant_used_up'))
    assert.throws(() => requireUsable(rollout, 0, grant.order.expiresAtMs), code('grant_expired'))
  })

  it('of an admin who left admit nobody new, but the devices they admitted stay', async () => {
    const fleet = await testFleet(p)
    const device = await testDevice(p, fleet, 'laptop')
    const later = await withoutAdmin(fleet)
    const now = { trust: later.trust, nowMs: testNowMs }
    await assert.rejects(verifyGrant(p, device.grantEnvelope, now), code('not_authorized'))
    const chain = [fleet.trust.envelope, later.trust.envelope]
    const history = await verifyTrustHistory(p, chain, fleet.trust.fleet)
    const grant = await verifyPastGrant(p, device.grantEnvelope, history)
    assert.equal((await verifyCertificate(p, device.certificateEnvelope, grant)).device, device.id)
    const expired = { trust: fleet.trust, nowMs: grant.order.expiresAtMs }
    await assert.rejects(verifyGrant(p, device.grantEnvelope, expired), code('expired'))
  })

  it("of one device do not carry another's certificate", async () => {
    const fleet = await testFleet(p)
    const [one, two] = [await testDevice(p, fleet, 'one'), await testDevice(p, fleet, 'two')]
    await assert.rejects(verifyCertificate(p, one.certificateEnvelope, two.grant), code('bad_signature'))
    assert.equal(hex(idToBytes(one.id)), one.certificate.device)
    assert.deepEqual(decodeGrant(decodeEnvelope(one.grantEnvelope).payload), one.grant)
  })
})
