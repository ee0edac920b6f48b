// Signed one-time commands with real processes: done once, followed, and nothing that writes to people's files.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Device, makeFleet, need } from './fleet.ts'
import { jsonOf, type Running } from './processes.ts'

interface Ran {
  readonly job: string
  readonly state: string
  readonly code: string
  readonly found: Readonly<Record<string, unknown>>
}

async function started(device: Device): Promise<Running> {
  const agent = device.start('run')
  await agent.line(line => line.includes('"collector connected"'))
  return agent
}

test('a job is done once, by the device that it is for, and its result is for whoever signed it', {
  timeout: 240_000,
}, async t => {
  await using fleet = await makeFleet()
  const root = fleet.path('home')
  mkdirSync(root)
  writeFileSync(`${root}/thesis`, 'content')
  const laptop = await fleet.enroll('laptop', { roots: [root] })
  let agent = await started(laptop)
  await agent.line(line => line.includes('"snapshot stored"'))
  const run = async (kind: string) =>
    jsonOf<Ran>(need(await fleet.admin('job', 'run', 'laptop', kind, '--json')))

  await t.test('backup, verify and diagnostics', async () => {
    writeFileSync(`${root}/second`, 'more')
    const { state, found } = await run('backup')
    assert.deepEqual([state, Number(found.sequence) >= 2], ['done', true])
    const verified = await run('verify')
    assert.deepEqual([verified.state, verified.found.files, verified.found.damaged], ['done', 2, 0])
    const { found: status } = await run('diagnostics')
    assert.deepEqual([status.doing, status.isConnected], ['run', true])
    const list = need(await fleet.admin('job', 'list', 'laptop')).out
    assert.match(list, /diagnostics +done/)
    assert.match(
      (await fleet.admin('job', 'run', 'laptop', 'shell')).err,
      /jobs are backup, verify, diagnostics/,
    )
  })

  await t.test(
    'a device that is away does it when it comes, and a restart does not do it again',
    async () => {
      await agent.end('SIGTERM')
      need(await fleet.admin('job', 'run', 'laptop', 'backup', '--no-wait'))
      assert.match(need(await fleet.admin('job', 'list', 'laptop')).out, /backup +waits/)
      agent = await started(laptop)
      await agent.line(line => line.includes('"job done"'))
      await fleet.collector.end('SIGTERM')
      await fleet.startCollector()
      await agent.end('SIGKILL')
      agent = await started(laptop)
      await agent.line(line => line.includes('"snapshot stored"'))
      assert.doesNotMatch(agent.err, /"job begun"/)
      assert.doesNotMatch(need(await fleet.admin('job', 'list', 'laptop')).out, /waits/)
    },
  )
  assert.equal((await agent.end('SIGTERM')).code, 0)
})
