// A token that asks for approval: a machine comes by itself, is heard, and stores nothing until an admin says where it stands.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFleet, need } from './fleet.ts'
import { jsonOf, run, start } from './processes.ts'
import { until } from './until.ts'

interface Listed {
  readonly state: string
}

const says = (text: string) => (line: string) => line.includes(text)

test('a device that waits for approval backs up within seconds when it comes', async t => {
  await using fleet = await makeFleet()
  const home = fleet.path('home')
  mkdirSync(home)
  writeFileSync(join(home, 'file'), 'content')
  const listed = async () => jsonOf<Listed[]>(need(await fleet.admin('devices', '--json')))[0]
  const environment = { BACKSTAY_TOKEN: await fleet.token('--approval', '--root', home) }
  const state = fleet.path('laptop')
  const agent = start('agent', ['run', '--name', 'laptop', '--state', state], { environment })
  t.after(() => agent.end('SIGKILL'))
  await agent.line(says('"approval_needed"'))
  await shown(
    async () => need(await run('agent', ['status', '--state', state])).out,
    /^never backed up: the collector waits for an admin to let this device in/,
  )
  assert.equal((await listed())?.state, 'never_backed_up')
  // The next heartbeat says why.
  await shown(async () => need(await fleet.admin('devices')).out, /waits for an admin to let it in/)
  assert.match(need(await fleet.admin('devices', 'laptop')).out, /backstay policy assign laptop/)

  const mark = agent.lineCount
  need(await fleet.admin('policy', 'assign', 'laptop', '--no-group', '--yes'))
  await agent.line(says('"snapshot stored"'), mark)
  await shown(async () => (await listed())?.state ?? '', /^protected$/)
  need(await agent.end('SIGTERM'))
})

/** What somebody sees who looks again and again. */
async function shown(look: () => Promise<string>, wanted: RegExp): Promise<void> {
  await until(look, seen => wanted.test(seen))
}
