// What an admin wants restored is for the device alone, and nothing is signed by mistake.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromUtf8, hex } from '@backstay/proto/bytes'
import { openWith } from '@backstay/proto/content/age'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import { decodeJob } from '@backstay/proto/trust/job'
import { decodeRestoreWish } from '@backstay/proto/trust/restore-wish'
import { testIdentity } from '@backstay/proto/trust/testing/fleet'
import { ConsoleStage } from './testing/stage.ts'

test('a restore is sealed to its device, and asked about before it is signed', async () => {
  using stage = new ConsoleStage()
  await stage.init()
  const made = await stage.asAdmin('token', '--json')
  const { token } = JSON.parse(made.out) as { token: string }
  const { device } = await stage.enroll(token, 'ada-laptop')
  const jobs = () =>
    stage.collector.records
      .map(({ envelope }) => decodeEnvelope(envelope))
      .filter(envelope => kindOf(envelope) === 'job')
  const restore = (...words: string[]) =>
    stage.asAdmin('job', 'run', 'ada-laptop', 'restore', ...words, '--no-wait')

  assert.match((await restore('--yes')).err, /say what to restore/)
  assert.match(
    (await restore('papers', '--yes')).err,
    /"papers" names no place on a device: it is not an abs/,
  )
  assert.match((await restore('/home/ada', '--at', 'lately', '--yes')).err, /neither a time nor/)
  assert.match((await stage.asAdmin('job', 'run', 'ada-laptop', 'backup', '/home')).err, /takes neither/)
  assert.match((await restore('/home/ada')).err, /nobody is here to confirm/)
  stage.interactive = true
  stage.answer = question => {
    assert.match(question, /restore "\/home\/ada\/secret plans" on ada-laptop/)
    return 'n'
  }
  assert.match((await restore('/home/ada/secret plans')).err, /it was not confirmed/)
  assert.equal(jobs().length, 0)

  const { code, out } = await restore('/home/ada/secret plans', '--at', '#12', '--yes')
  assert.equal(code, 0)
  assert.match(out, /signed: job/)
  const [envelope] = jobs()
  const { kind, sealed, order } = decodeJob(envelope?.payload ?? assert.fail())
  assert.deepEqual([kind, order.audience.length, device.length], ['restore', 1, 32])
  assert.doesNotMatch(Buffer.from(envelope?.payload ?? []).toString('latin1'), /secret plans/)
  const wish = decodeRestoreWish(await openWith([testIdentity(3).identity], sealed))
  assert.deepEqual(
    [fromUtf8(wish.path), wish.snapshot, wish.place],
    ['/home/ada/secret plans', { kind: 'number', sequence: 12 }, { kind: 'new' }],
  )
  const place = ['--in-place', '--existing', 'leave', '--yes']
  assert.match((await restore('/home/ada', '--existing', 'leave', '--yes')).err, /nothing is in a new folder/)
  assert.match((await restore('/home/ada', '--in-place', '--existing', 'replace')).err, /ever overwritten/)
  assert.equal((await restore('/home/ada', ...place)).code, 0)
  const second = decodeJob(jobs()[1]?.payload ?? assert.fail())
  const inPlace = decodeRestoreWish(await openWith([testIdentity(3).identity], second.sealed))
  assert.deepEqual(inPlace.place, { kind: 'original', existing: 'leave' })
})

test('a pause names one device, its minutes and an end within the hour; it is asked about before it is signed', async () => {
  using stage = new ConsoleStage()
  await stage.init()
  const { token } = JSON.parse((await stage.asAdmin('token', '--json')).out) as { token: string }
  const { device } = await stage.enroll(token, 'ada-laptop')
  const jobs = () =>
    stage.collector.records
      .map(({ envelope }) => decodeEnvelope(envelope))
      .filter(envelope => kindOf(envelope) === 'job')
      .map(({ payload }) => decodeJob(payload))
  const pause = (...words: string[]) => stage.asAdmin('pause', 'ada-laptop', '--no-wait', ...words)

  assert.match((await pause()).err, /nobody is here to confirm/)
  for (const duration of ['25h', '90s', '0m', 'always'])
    assert.notEqual((await pause('--for', duration, '--yes')).code, 0, duration)
  stage.interactive = true
  stage.answer = question => {
    assert.match(question, /pause ada-laptop for 90m\? What changes there meanwhile is on no collector/)
    return 'n'
  }
  assert.match((await pause('--for', '90m')).err, /it was not confirmed/)
  assert.equal(jobs().length, 0)
  assert.match((await pause('--for', '90m', '--yes')).out, /signed: job .*good until/)
  assert.equal((await stage.asAdmin('resume', 'ada-laptop', '--no-wait')).code, 0)
  const [first, second] = jobs()
  const { order, kind, minutes } = first ?? assert.fail()
  assert.deepEqual([kind, minutes, order.audience.map(hex)], ['pause', 90, [device]])
  assert.equal(order.expiresAtMs - order.issuedAtMs, 3_600_000)
  assert.deepEqual([second?.kind, second?.minutes], ['resume', undefined])
})
