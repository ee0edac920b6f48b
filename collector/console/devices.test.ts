import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { decodePolicy } from '@backstay/proto/policy/policy'
import { standingHash } from '@backstay/proto/policy/standing'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import { type Heartbeat, signHeartbeat } from '@backstay/proto/trust/heartbeat'
import { calmHeartbeat } from '@backstay/proto/trust/testing/heartbeat'
import type { DeviceRow } from '@backstay/proto/wire/frame'
import { ConsoleStage, type EnrolledDevice } from './testing/stage.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

async function founded(): Promise<ConsoleStage> {
  const stage = new ConsoleStage()
  assert.equal((await stage.init('--root', '/home')).code, 0)
  return stage
}

async function enrolled(stage: ConsoleStage, name: string): Promise<EnrolledDevice> {
  const { out } = await stage.asAdmin('token')
  return stage.enroll(out, name)
}

/** The device says something, heard a moment ago; the collector's row is changed as told. */
async function hear(
  stage: ConsoleStage,
  device: EnrolledDevice,
  said: Partial<Heartbeat> = {},
  changes: Partial<DeviceRow> = {},
  key = device.key,
): Promise<void> {
  const calm = calmHeartbeat({ trust: device.trust } as never, { id: device.device })
  const heartbeat = await signHeartbeat(
    p,
    { ...calm, sentAtMs: changes.heardAtMs ?? stage.nowMs, ...said },
    key,
  )
  const { rows } = stage.collector
  const at = rows.findIndex(row => Buffer.from(row.certificate).includes(Buffer.from(device.device, 'hex')))
  const row = rows[at] ?? assert.fail('the device is enrolled')
  const online = { heardAtMs: stage.nowMs - 1000, online: true, onlineSinceMs: stage.nowMs - dayMs }
  rows[at] = { ...row, heartbeat, ...online, lastSeenMs: stage.nowMs, ...changes }
}

test('what needs somebody comes first, with why and since when, and a sum at the end', async () => {
  using stage = await founded()
  const devices = Object.fromEntries(
    await Promise.all(
      ['calm', 'asleep', 'away', 'trouble', 'fresh'].map(async name => [name, await enrolled(stage, name)]),
    ),
  ) as Record<string, EnrolledDevice>
  const { calm, asleep, away, trouble, fresh } = devices
  assert.ok(calm && asleep && away && trouble && fresh)
  stage.nowMs += 20 * dayMs
  assert.equal((await stage.asAdmin('prove')).code, 0)
  const lastCompleteAtMs = stage.nowMs - 4 * minuteMs
  const offline = { online: false, onlineSinceMs: 0, lastCompleteAtMs }
  const seen = (ms: number) => ({ lastSeenMs: stage.nowMs - ms, heardAtMs: stage.nowMs - ms })
  await hear(stage, calm, {}, { lastCompleteAtMs })
  await hear(
    stage,
    asleep,
    { leaving: true },
    { ...offline, ...seen(2 * dayMs), lastCompleteAtMs: stage.nowMs - 3 * dayMs },
  )
  await hear(stage, away, {}, { ...offline, ...seen(8 * dayMs), lastCompleteAtMs: stage.nowMs - 9 * dayMs })
  const unread = [{ code: 'denied', count: 12, forMs: 2 * dayMs }]
  const roots = [{ code: 'emptied', count: 1, forMs: 3 * dayMs }]
  await hear(stage, trouble, { unread, roots }, { lastCompleteAtMs })
  await hear(stage, fresh, { headSequence: 0 }, { lastCompleteAtMs: 0, head: undefined, headReceivedAtMs: 0 })

  const { out, err, code } = await stage.asAdmin('devices')
  assert.equal(code, 0)
  const lines = out.split('\n')
  const names = lines.slice(1, 6).map(line => /(calm|asleep|away|trouble|fresh)/.exec(line)?.[1])
  assert.deepEqual(names, ['fresh', 'away', 'trouble', 'asleep', 'calm'])
  assert.match(out, /^○ never backed up +fresh +no complete snapshot since it was enrolled 20 days ago/m)
  assert.match(
    out,
    /^! at risk +away +silent since \d{4}-\d\d-\d\d; and|^! at risk +away +silent since \d{4}-\d\d-\d\d/m,
  )
  assert.match(out, /^! at risk +trouble +1 folder is empty since \w+day \d\d:\d\d; and 1 more/m)
  assert.match(
    out,
    /^– offline but complete +asleep +all that is known was saved; seen 2 days ago +2 days ago +3 days ago/m,
  )
  assert.match(out, /^✓ protected +calm +backed up 4 minutes ago +now +4 minutes ago +- /m)
  assert.equal(lines.at(-1), '5 devices: 1 protected, 1 offline but complete, 2 at risk, 1 never backed up')
  assert.match(err, /what to do about one: backstay devices fresh/)

  const page = (await stage.asAdmin('device', 'trouble')).out
  assert.match(page, /^trouble: ! at risk, 1 folder is empty since/)
  assert.match(
    page,
    /! 12 files not read \(denied\) since .*\n +run the agent as root, or exclude them; list them: backstay ls trouble --unread/,
  )
  assert.match(page, /^watch +1 of 1 roots by the kernel, 12 folders$/m)
  const json = JSON.parse((await stage.asAdmin('devices', '--json')).out)
  assert.deepEqual(
    json.map((one: { state: string }) => one.state),
    ['never_backed_up', 'at_risk', 'at_risk', 'offline_complete', 'protected'],
  )
  assert.equal(json[2].heartbeat.unread[0].count, 12)
})

test('a heartbeat that its device did not sign counts for nothing and is named', async () => {
  using stage = await founded()
  const laptop = await enrolled(stage, 'laptop')
  const other = await enrolled(stage, 'other')
  await hear(stage, laptop, {}, {}, other.key)
  const { out, err } = await stage.asAdmin('devices')
  assert.match(err, /heartbeats that were not signed by their devices: laptop/)
  assert.match(out, /laptop +backed up just now; no heartbeat of it is known yet/)
})

test('a device that names a newer snapshot than the collector shows is at risk', async () => {
  using stage = await founded()
  const laptop = await enrolled(stage, 'laptop')
  await hear(stage, laptop, { headSequence: 3 })
  assert.match(
    (await stage.asAdmin('devices')).out,
    /at risk +laptop +2 snapshots .* are not shown by the collector/,
  )
})

test('test 21, freeze: whether a device follows its policy is told by what it signed', async () => {
  using stage = await founded()
  const laptop = await enrolled(stage, 'laptop')
  const page = async () => (await stage.asAdmin('devices', 'laptop')).out
  await hear(stage, laptop)
  assert.match(await page(), /^policy +.*, not obeyed yet$/m)
  const policy = stage.collector.records
    .map(one => decodeEnvelope(one.envelope))
    .find(one => kindOf(one) === 'policy')
  const order = decodePolicy(policy?.payload ?? assert.fail())
  await hear(stage, laptop, { standing: await standingHash(p, [order]) })
  assert.match(await page(), /^policy +.*, obeyed$/m)
  const failed = await stage.asAdmin('devices', 'nobody')
  assert.equal(failed.code, 1)
  assert.match(failed.err, /no device "nobody" is in this fleet/)
})

test('texts of a device cannot steer the terminal', async () => {
  using stage = await founded()
  const laptop = await enrolled(stage, 'laptop')
  const vitals = {
    ...{ system: 'gpj.\u200eexe', model: '', disks: [{ bytes: 1024, freeBytes: 512 }], memoryBytes: 0 },
    ...{
      memoryFreeBytes: 0,
      batteryPercent: 40,
      charging: false,
      uptimeMs: 0,
      agentMemoryBytes: 0,
      agentCpuMs: 0,
    },
  }
  await hear(stage, laptop, { vitals })
  const { out } = await stage.asAdmin('devices', 'laptop')
  assert.match(out, /gpj\.\\u200eexe/)
  assert.match(out, /^disk 1 +512 B of 1\.0 KiB free$/m)
  assert.match(out, /^battery +40 %$/m)
})
