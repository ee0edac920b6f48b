// Whatever bytes come from outside, a parser answers with a value or with a Failure, and soon. SEED repeats a run.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Bytes } from '../bytes.ts'
import { decodeCommitBody } from '../content/commit-body.ts'
import { isFailure } from '../failure.ts'
import { nodePrimitives as p } from '../node.ts'
import { decodePolicy } from '../policy/policy.ts'
import { decodeAssignment } from './assignment.ts'
import { decodeCertificate } from './certificate.ts'
import { decodeCommit } from './commit.ts'
import { decodeEnvelope } from './envelope.ts'
import { decodeEscrow } from './escrow-record.ts'
import { decodeForget } from './forget.ts'
import { decodeGrant } from './grant.ts'
import { decodeGroup } from './group.ts'
import { decodeHeartbeat } from './heartbeat.ts'
import { decodeHold } from './hold.ts'
import { decodeJob } from './job.ts'
import { decodeKeyring } from './keyring.ts'
import { decodeProof } from './proof.ts'
import { decodeReceipt } from './receipt.ts'
import { decodeReport } from './report.ts'
import { decodeRestoreWish } from './restore-wish.ts'
import { decodeRevoke } from './revoke.ts'
import { decodeSetup } from './setup.ts'
import { testDevice, testFleet, testPolicy } from './testing/fleet.ts'
import { testHeartbeat } from './testing/heartbeat.ts'
import { decodeToken } from './token.ts'
import { decodeTrust } from './trust-document.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_007)
const decoders: Record<string, (bytes: Bytes) => unknown> = {
  decodeEnvelope,
  decodeTrust,
  decodeGrant,
  decodeCertificate,
  decodeCommit,
  decodeEscrow,
  decodeKeyring,
  decodeRevoke,
  decodeJob,
  decodeProof,
  decodeForget,
  decodeReceipt,
  decodeHold,
  decodeHeartbeat,
  decodePolicy,
  decodeGroup,
  decodeAssignment,
  decodeReport,
  decodeRestoreWish,
  decodeCommitBody,
}

it(`random and mutated bytes give a value or a Failure (SEED=${seed})`, async () => {
  const fleet = await testFleet(p)
  const device = await testDevice(p, fleet, 'laptop')
  const whole = [
    fleet.trust.envelope,
    device.grantEnvelope,
    device.certificateEnvelope,
    await testPolicy(p, fleet),
    await testHeartbeat(p, fleet, device),
  ]
  const samples = [...whole, ...whole.map(envelope => decodeEnvelope(envelope).payload), new Uint8Array()]
  const random = generator(seed)
  for (let round = 0; round < 400; round++) {
    const sample = samples[random(samples.length)] as Bytes
    const bytes = round % 4 === 0 ? noise(random, random(200)) : mutated(random, sample)
    for (const [name, decode] of Object.entries(decoders)) {
      try {
        decode(bytes)
      } catch (error) {
        assert.ok(isFailure(error), `${name} threw ${error} (round ${round})`)
        assert.match(error.message, /^not (an?|the) |recipient/)
      }
    }
  }
})

it(`random text gives a Failure (SEED=${seed})`, () => {
  const random = generator(seed)
  for (let round = 0; round < 300; round++) {
    const text = Array.from({ length: random(60) }, () => String.fromCharCode(random(0x500))).join('')
    for (const [prefix, decode] of [
      ['backstay-enroll:', decodeToken],
      ['backstay-setup:', decodeSetup],
    ] as const) {
      assert.throws(() => decode(prefix + text), isFailure)
      assert.throws(() => decode(text), isFailure)
    }
  }
})

it('a failure never shows what a token holds', () => {
  const secret = 'c2VjcmV0'.repeat(20)
  assert.throws(
    () => decodeToken(`backstay-enroll:${secret}`),
    error => isFailure(error) && !JSON.stringify([error.message, error.hint]).includes(secret.slice(0, 16)),
  )
})

function generator(start: number): (below: number) => number {
  let state = start >>> 0
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function noise(random: (below: number) => number, length: number): Bytes {
  return Uint8Array.from({ length }, () => random(256))
}

function mutated(random: (below: number) => number, bytes: Bytes): Bytes {
  const copy = Uint8Array.from(bytes)
  for (let n = random(3); n >= 0; n--)
    if (copy.length > 0) copy[random(Math.min(copy.length, 300))] = random(256)
  return random(3) === 0 ? copy.subarray(0, random(copy.length + 1)) : copy
}
