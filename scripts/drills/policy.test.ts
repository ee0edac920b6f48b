// The policy from the admin's command to the device, with real processes on real sockets: pushed, locked
// settings resist, a restart and a kill keep it, and a collector that is rolled back brings nothing old back.
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { FilesEffect } from '../../collector/console/policy/files-effect.ts'
import { type Device, type Fleet, makeFleet, need } from './fleet.ts'
import { jsonOf, type Running } from './processes.ts'
import { until } from './until.ts'

interface Told {
  readonly standing: string
  readonly settings: readonly {
    readonly setting: string
    readonly value: string
    readonly source: string
    readonly locked: boolean
    readonly heldBack: readonly string[]
  }[]
}

const told = async (device: Device) => jsonOf<Told>(need(await device.run('policy', '--json')))
const settingOf = async (device: Device, name: string) =>
  (await told(device)).settings.find(one => one.setting === name)
const obeyed = (line: string) => line.includes('"policy obeyed"')
const stored = (line: string) => line.includes('"snapshot stored"')

async function started(device: Device, hooks: string): Promise<Running> {
  const agent = device.start('run', '--hooks', hooks)
  await agent.line(line => line.includes('"collector connected"'))
  await agent.line(line => line.includes('"folders watched"'))
  return agent
}

async function restarted(agent: Running, device: Device, hooks: string): Promise<Running> {
  await agent.end('SIGTERM')
  return started(device, hooks)
}

/** Milliseconds from the moment when the collector took the newest order to the moment when the device obeyed it. */
async function latency(fleet: Fleet, agent: Running, mark: number): Promise<number> {
  const line = JSON.parse(await agent.line(obeyed, mark)) as { readonly time: string }
  const [newest] = jsonOf<{ receivedAtMs: number }[]>(need(await fleet.admin('policy', 'history', '--json')))
  return Date.parse(line.time) - (newest?.receivedAtMs ?? 0)
}

test('a policy reaches devices at once and stays, whatever happens to either side', async t => {
  await using fleet = await makeFleet()
  const [home, other] = [fleet.path('home'), fleet.path('other')]
  for (const folder of [home, other]) {
    mkdirSync(folder)
    writeFileSync(`${folder}/file`, folder)
  }
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  const server = await fleet.enroll('server', { roots: [home] })
  // Below a folder that only root may change, as /etc is; what is below /tmp is not.
  const hooks = mkdtempSync(join(homedir(), 'backstay-hooks-'))
  t.after(() => rmSync(hooks, { recursive: true }))
  const openHooks = fleet.path('hooks')
  mkdirSync(openHooks)
  const ran = fleet.path('hook-ran')
  for (const folder of [hooks, openHooks]) {
    const script = `#!/bin/sh\necho ran >> ${folder === hooks ? ran : `${ran}-open`}\n`
    writeFileSync(`${folder}/dump`, script, { mode: 0o755 })
  }
  let agent = await started(laptop, hooks)
  const second = await started(server, openHooks)
  await agent.line(stored)
  const edit = async (...words: readonly string[]) =>
    jsonOf<{ devices: number }>(need(await fleet.admin('policy', 'edit', '--yes', '--json', ...words)))

  await t.test('edit, push, obey, and the admin sees it', async () => {
    const mark = agent.lineCount
    const links = () => agent.err.split('"collector connected"').length
    const before = links()
    const { devices } = await edit('--set', 'schedule=every 5h', '--set', 'battery=40', '--lock', 'battery')
    const ms = await latency(fleet, agent, mark)
    t.diagnostic(`obeyed after ${ms} ms`)
    assert.equal(links(), before, 'it was pushed')
    assert.equal(devices, 2)
    assert.equal((await settingOf(laptop, 'schedule'))?.value, 'every 5h')
    for (const name of ['laptop', 'server']) {
      const shown = async () => need(await fleet.admin('policy', 'show', name)).out
      await until(shown, said => said.includes('the device obeys this'))
    }
  })

  await t.test('a locked setting resists the layers behind it', async () => {
    const mark = agent.lineCount
    await edit('--device', 'laptop', '--set', 'battery=1', '--set', 'reconcile=6h')
    await agent.line(obeyed, mark)
    const { value, source, locked, heldBack } = (await settingOf(laptop, 'battery')) ?? assert.fail()
    assert.deepEqual([value, source, locked, heldBack], ['40 %', 'fleet', true, ['device']])
    assert.equal((await settingOf(laptop, 'reconcile'))?.value, '6h')
    assert.equal((await settingOf(server, 'reconcile'))?.value, undefined)
  })

  await t.test('other folders are watched and backed up without a restart', async () => {
    const mark = agent.lineCount
    need(await fleet.admin('policy', 'groups', 'add', 'Builders'))
    await edit(
      '--group',
      'Builders',
      '--set',
      `sets.other={roots: [${other}]}`,
      '--set',
      'schedule=continuous',
    )
    need(await fleet.admin('policy', 'assign', 'laptop', '--group', 'Builders', '--yes'))
    await agent.line(line => line.includes('"folders watched"'), mark)
    await agent.line(stored, mark)
    need(await laptop.run('restore', `${other}/file`, '--to', fleet.path('out')))
    const list = need(await fleet.admin('policy', 'groups', 'list')).out
    assert.match(list, /Builders +- +1/)
    assert.equal((await settingOf(laptop, 'sets.other'))?.source, 'group "Builders"')
    const words = ['policy', 'diff', '--group', 'Builders', '--set', 'sets.other={roots: []}'] as const
    const { files } = jsonOf<{ files: FilesEffect }>(need(await fleet.admin(...words, '--json')))
    assert.deepEqual(files.leaving, { files: 1, bytes: other.length, devices: 1 })
    assert.deepEqual(files.folders, [{ device: 'laptop', folder: other, files: 1, bytes: other.length }])
    const excluding = need(await fleet.admin('policy', 'diff', '--set', 'excludes=[file]')).out
    assert.match(excluding, /3 file\(s\) \(.*\) would no longer be protected on 2 of 2 device\(s\) opened/)
    assert.ok(excluding.includes(`  server: ${home}, 1 file(s) (${home.length} B)`), excluding)
  })

  await t.test('killed, and without a collector, it obeys what it obeyed', async () => {
    const before = await told(laptop)
    await agent.end('SIGKILL')
    await fleet.collector.end('SIGTERM')
    assert.deepEqual(await told(laptop), before)
    agent = laptop.start('run')
    await agent.line(line => line.includes('"folders watched"'))
    assert.deepEqual(await told(laptop), before)
    cpSync(fleet.data, fleet.path('yesterday'), { recursive: true })
    await fleet.startCollector()
    await agent.line(line => line.includes('"collector connected"'))
  })

  await t.test(
    "test 42: a hook is root's own file by its name; anything else is an alarm, and the backup runs",
    {
      skip: process.geteuid?.() !== 0,
    },
    async () => {
      const refused = await fleet.admin('policy', 'edit', '--set', 'hooks={before: "x; rm"}', '--yes')
      assert.match(refused.err, /not a name of a-z, 0-9 and -/)
      agent = await restarted(agent, laptop, hooks)
      const marks = [agent.lineCount, second.lineCount]
      await edit('--fleet', '--set', 'hooks={before: dump, after: missing}')
      for (const [index, one] of [agent, second].entries()) await one.line(obeyed, marks[index])
      const good = await laptop.backup()
      assert.match(readFileSync(ran, 'utf8'), /^(ran\n)+$/)
      assert.match(good.alarms.join(), /"missing" after the backup was not run: there is no/)
      const open = await server.backup()
      assert.ok(open.sequence > 0)
      assert.match(open.alarms.join(), /"dump" before the backup was not run: others than root may change/)
      assert.ok(!existsSync(`${ran}-open`))
      await edit('--fleet', '--unset', 'hooks')
    },
  )

  await t.test('an admin hears that a shorter retention must be confirmed on a terminal', async () => {
    const short = await fleet.admin('policy', 'edit', '--set', 'retention={daily: 1}', '--yes')
    assert.equal(short.code, 1)
    assert.match(short.err, /confirmed on a terminal/)
  })

  await t.test('a collector that is rolled back brings no old order back', async () => {
    const mark = agent.lineCount
    await edit('--set', 'schedule=every 7h', '--set', 'pause=30m')
    await agent.line(obeyed, mark)
    const before = await told(laptop)
    await agent.line(line => line.includes('"snapshot stored"') || line.includes('"policy obeyed"'), mark)
    await fleet.collector.end('SIGTERM')
    rmSync(fleet.data, { recursive: true })
    cpSync(fleet.path('yesterday'), fleet.data, { recursive: true })
    const back = agent.lineCount
    await fleet.startCollector()
    await agent.line(line => line.includes('order_refused') || line.includes('not obeyed'), back)
    assert.deepEqual(await told(laptop), before)
    const status = need(await laptop.run('status')).out
    assert.match(status, /warning: the collector shows an order .* may have been rolled back/)
    assert.match(need(await fleet.admin('policy', 'show', 'laptop')).out, /does not obey this yet/)
    const paused = await laptop.run('pause', '1h')
    assert.match(paused.err, /the policy of this device allows a pause of 30 minutes at most/)
    need(await laptop.run('pause', '10m'))
  })
  for (const one of [agent, second]) assert.equal((await one.end('SIGTERM')).code, 0)
})
