// Opening a device's keys for a restore, by the desk and by the kit.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { makeEscrow } from '@backstay/proto/content/escrow'
import { epochKeys } from '@backstay/proto/content/keys'
import { readKit } from '@backstay/proto/content/kit'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { DeviceId } from '@backstay/proto/object/id'
import { signEscrow, verifyEscrow } from '@backstay/proto/trust/escrow-record'
import { testKey } from '@backstay/proto/trust/testing/fleet'
import { type AdminSession, openAdmin } from './admin.ts'
import { adminFolder } from './admin-folder.ts'
import { ConsoleStage, passphrase } from './testing/stage.ts'
import { unlockDevice, unlockDeviceWithKit } from './unlock.ts'

const code = (expected: string) => (error: unknown) => isFailure(error, expected)

async function stageWithDevice() {
  const stage = new ConsoleStage()
  await stage.init()
  const { out } = await stage.asAdmin('token')
  const enrolled = await stage.enroll(out, 'laptop')
  const around = { primitives: p, environment: { BACKSTAY_PASSPHRASE: passphrase } } as never
  const admin = await openAdmin(around, adminFolder(p, stage.admin), {})
  const { trust } = enrolled
  const link = await stage.collector.admin({
    urls: [],
    trust,
    signingKey: admin.signingKey,
    signal: new AbortController().signal,
  })
  const known = { fleet: trust.fleet, urls: [], chain: [trust.envelope] }
  const session: AdminSession = {
    primitives: p,
    admin,
    link,
    known,
    history: [trust],
    trust,
    witnessed: undefined,
    async [Symbol.asyncDispose]() {},
  }
  const kit = readKit(readFileSync(join(stage.admin, 'recovery-kit.html'), 'utf8'))
  return { stage, enrolled, admin, session, kit }
}

it('gives the same keys by the desk and by the kit', async () => {
  const { stage, enrolled, admin, session, kit } = await stageWithDevice()
  using _stage = stage
  const { device, secrets } = enrolled
  const keys = await epochKeys(p, secrets.deviceSecret, secrets.borderSecret, 1)
  for (const unlocked of [
    await unlockDevice(session, admin, device),
    await unlockDeviceWithKit(session, kit, device),
  ]) {
    assert.equal(unlocked.certificate.name, 'laptop')
    assert.deepEqual(unlocked.keys, new Map([[1, keys]]))
    assert.deepEqual(unlocked.secrets.get(1), secrets)
  }
})

it('opens every epoch, by the newest escrow of each that opens', async () => {
  const { stage, enrolled, admin, session } = await stageWithDevice()
  using _stage = stage
  const { device, key, trust, secrets } = enrolled
  const second = { epoch: 2, deviceSecret: p.random(32), borderSecret: secrets.borderSecret }
  const options = { trust, device, signingKey: key }
  const escrow = await makeEscrow(p, { ...options, secrets: second, nowMs: stage.nowMs + 1 })
  await stage.collector.keep(escrow, device)
  // A newer one of epoch 2 that promises keys which are not inside: the older still serves.
  const lie = {
    ...(await verifyEscrow(p, escrow, key.publicKey)),
    check: p.random(32),
    issuedAtMs: stage.nowMs + 2,
  }
  await stage.collector.keep(await signEscrow(p, lie, key), device)
  const { secrets: opened, tried } = await unlockDevice(session, admin, device)
  assert.deepEqual([...opened.keys()].toSorted(), [1, 2])
  assert.deepEqual(opened.get(2), second)
  assert.deepEqual(
    tried.map(one => [one.epoch, one.failure?.code]),
    [
      [2, 'escrow_mismatch'],
      [2, undefined],
      [1, undefined],
    ],
  )
})

it('does not count what the device did not sign, and says what is missing', async () => {
  const { stage, enrolled, admin, session } = await stageWithDevice()
  using _stage = stage
  const { device, key } = enrolled
  const index = stage.collector.records.findIndex(record => record.device === device)
  const [kept] = stage.collector.records.splice(index, 1)
  assert.ok(kept)
  await assert.rejects(unlockDevice(session, admin, device), code('no_escrow'))
  const record = await verifyEscrow(p, kept.envelope, key.publicKey)
  await stage.collector.keep(await signEscrow(p, record, await testKey(p, 'collector')), device)
  await assert.rejects(unlockDevice(session, admin, device), code('no_escrow'))
  await stage.collector.keep(await signEscrow(p, { ...record, check: p.random(32) }, key), device)
  await assert.rejects(unlockDevice(session, admin, device), code('not_recoverable'))
  await assert.rejects(unlockDevice(session, admin, 'ff'.repeat(16) as DeviceId), code('unknown_device'))
})

it('does not unlock a device whose certificate no admin stands behind', async () => {
  const { stage, enrolled, admin, session } = await stageWithDevice()
  using _stage = stage
  const [row] = stage.collector.rows
  assert.ok(row)
  stage.collector.rows.splice(0, 1, { ...row, grant: row.certificate })
  await assert.rejects(unlockDevice(session, admin, enrolled.device), isFailure)
})
