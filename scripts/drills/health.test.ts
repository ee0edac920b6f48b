// Who is protected, as an admin sees it: while the agent runs, killed, paused, with a folder gone, and told to end.
import assert from 'node:assert/strict'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { HealthState, Reason } from '@backstay/proto/health/health'
import { makeFleet, need } from './fleet.ts'
import { jsonOf } from './processes.ts'
import { until } from './until.ts'

interface Listed {
  readonly name: string
  readonly state: HealthState
  readonly reasons: readonly Reason[]
  readonly online: boolean
  readonly heartbeat?: { readonly leaving: boolean; readonly vitals?: { readonly disks: readonly object[] } }
}

test('an admin sees how a device is, and a running agent says so at once', async t => {
  await using fleet = await makeFleet()
  const root = fleet.path('home')
  mkdirSync(`${root}/documents`, { recursive: true })
  for (let i = 0; i < 20; i++) writeFileSync(`${root}/documents/${i}`, `${i}`)
  mkdirSync(`${root}/music`)
  const laptop = await fleet.enroll('laptop', { roots: [`${root}/documents`, `${root}/music`] })

  async function seen(isSo: (device: Listed) => boolean): Promise<Listed> {
    const listed = async () => jsonOf<Listed[]>(need(await fleet.admin('devices', '--json')))[0]
    return (await until(listed, device => device !== undefined && isSo(device))) ?? assert.fail()
  }

  await t.test('never backed up, then protected', async () => {
    const { state, reasons } = await seen(() => true)
    assert.deepEqual([state, reasons[0]?.code], ['never_backed_up', 'never_backed_up'])
  })
  let agent = laptop.start('run')
  await agent.line(line => line.includes('"snapshot stored"'))
  const well = await seen(({ state, heartbeat }) => state === 'protected' && heartbeat !== undefined)
  assert.ok(well.online && (well.heartbeat?.vitals?.disks.length ?? 0) >= 1)

  await t.test('killed, it is offline, and what was saved is known to be complete', async () => {
    await agent.end('SIGKILL')
    const { reasons, heartbeat } = await seen(({ state }) => state === 'offline_complete')
    assert.ok(reasons.some(({ code }) => code === 'offline'))
    assert.equal(heartbeat?.leaving, false)
    agent = laptop.start('run')
    await agent.line(line => line.includes('"collector connected"'))
  })

  await t.test('paused by somebody, it says until when', async () => {
    need(await laptop.run('pause', '1h'))
    const { reasons } = await seen(({ state }) => state === 'paused')
    assert.ok((reasons[0]?.untilMs ?? 0) > Date.now() + 50 * 60_000)
    need(await laptop.run('resume'))
  })

  await t.test('a folder that vanished is at risk, in words and with a remedy', async () => {
    renameSync(`${root}/documents`, fleet.path('elsewhere'))
    // The agent notices by itself within 15 s.
    await laptop.backup()
    await seen(({ state }) => state === 'at_risk')
    const { out } = need(await fleet.admin('devices', 'laptop'))
    assert.match(out, /^laptop: ! at risk, 1 folder is not there since \d\d:\d\d/)
    assert.match(out, /mount the disk or give the folder back/)
    renameSync(fleet.path('elsewhere'), `${root}/documents`)
    await laptop.backup()
    await seen(({ state }) => state === 'protected')
  })

  await t.test('told to end, it says so; the collector that begins anew still knows it', async () => {
    need(await agent.end('SIGTERM'))
    await fleet.collector.end('SIGTERM')
    await fleet.startCollector()
    const { state, heartbeat } = await seen(() => true)
    assert.deepEqual([state, heartbeat?.leaving], ['offline_complete', true])
    const { out } = need(await fleet.admin('devices'))
    assert.match(out, /^– offline but complete +laptop/m)
    assert.match(out, /\n1 device: 1 offline but complete$/m)
  })
})
