// What happened is in a log that nobody can rewrite unseen; who asks for it by command gets it with its proofs. A collector that
// was put back from yesterday's copy is told by devices and admins, explained, and goes on being used.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BackupResult, makeFleet, need } from './fleet.ts'
import { jsonOf } from './processes.ts'

const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())
const home = fleet.path('home')
mkdirSync(home)
writeFileSync(join(home, 'thesis.txt'), 'all of it')
const laptop = await fleet.enroll('laptop')
const server = await fleet.enroll('server')
await laptop.backup(home)

interface Line {
  readonly number: number
  readonly action: string
  readonly actor: string
}

/** Of these actions, those that are not in the log within half a minute; what happened comes into it some seconds later. */
async function missingFrom(
  actions: readonly string[],
  ...words: readonly string[]
): Promise<readonly string[]> {
  for (let tries = 0; ; tries++) {
    const lines = jsonOf<Line[]>(need(await fleet.admin('audit', '--json', ...words)))
    const missing = actions.filter(action => !lines.some(line => line.action === action))
    if (missing.length === 0 || tries === 30) return missing
    await sleep(1_000)
  }
}

test('backstay audit shows who did what, and proves each line', async () => {
  const actions = ['trust', 'policy', 'grant', 'certificate', 'escrow', 'commit']
  assert.deepEqual(await missingFrom(actions, '--commits'), [])
  const proved = need(await fleet.admin('audit', '--prove'))
  assert.match(proved.err, /^proved: \d+ line\(s\)/m)
})

test('backstay reports and alerts answer over the pinned API with the admin key', async () => {
  // The collector looks at everybody each minute, and at once at whoever was heard.
  for (let tries = 0; ; tries++) {
    const ran = await fleet.admin('reports', '--json')
    if (ran.code === 0) break
    assert.ok(tries < 90 && /just started/.test(ran.err), ran.err)
    await sleep(1_000)
  }
  const never = jsonOf<{ rows: string[][] }>(need(await fleet.admin('reports', 'never-backed-up', '--json')))
  assert.deepEqual(
    never.rows.map(([name]) => name),
    ['server'],
  )
  const pdf = fleet.path('failing.pdf')
  need(await fleet.admin('reports', 'failing', '--format', 'pdf', '--out', pdf))
  assert.equal(readFileSync(pdf, 'latin1').slice(0, 5), '%PDF-')
  const text = need(await fleet.admin('reports', 'storage', '--format', 'csv')).out
  assert.match(text, /^Device,Group,State,Stored/)
  need(await fleet.admin('alerts', '--json'))
  const unknown = await fleet.admin('alerts', 'acknowledge', 'ffff')
  assert.match(unknown.err, /there is no alert "ffff"/)
})

test('a channel is set up, tried and removed by command, and leads to no private address', async () => {
  let asked = 0
  const hook = createServer((_request, response) => {
    asked++
    response.writeHead(204).end()
  })
  hook.listen(0, '127.0.0.1')
  await once(hook, 'listening')
  try {
    const { port } = hook.address() as AddressInfo
    writeFileSync(fleet.path('url'), `http://127.0.0.1:${port}/hook\n`)
    writeFileSync(fleet.path('key'), 'a key for this drill\n')
    const files = ['--url-file', fleet.path('url'), '--key-file', fleet.path('key')]
    const refused = await fleet.admin(
      'alerts',
      'add-channel',
      'hook',
      '--kind',
      'webhook',
      ...files,
      '--allow-private',
    )
    // The admin of `init` is no owner: that key is on the kit alone.
    assert.match(refused.err, /only an owner may let a channel lead into a private network/)
    need(await fleet.admin('alerts', 'add-channel', 'hook', '--kind', 'webhook', ...files))
    const tried = need(await fleet.admin('alerts', 'test', 'hook'))
    assert.match(tried.out, /did not take it: its address belongs to a private network/)
    assert.doesNotMatch(need(await fleet.admin('alerts', 'channels', '--json')).out, /\/hook/)
    need(await fleet.admin('alerts', 'remove-channel', 'hook'))
    assert.equal(asked, 0)
  } finally {
    hook.close()
  }
})

test('a collector that was put back is told to everybody, and everybody goes on', async () => {
  await fleet.collector.end('SIGTERM')
  const yesterday = fleet.path('yesterday')
  cpSync(fleet.data, yesterday, { recursive: true })
  await fleet.startCollector()
  writeFileSync(join(home, 'more.txt'), 'more')
  await laptop.backup(home)
  // A signed checkpoint is shown for five seconds.
  await sleep(6_000)
  await laptop.backup(home)
  await server.backup(home)
  need(await fleet.admin('devices'))
  await fleet.collector.end('SIGTERM')
  rmSync(fleet.data, { recursive: true })
  cpSync(yesterday, fleet.data, { recursive: true })
  await fleet.startCollector()

  const ran = need(await laptop.run('backup', home, '--json'))
  assert.match(ran.err, /collector's log is shorter than it was .*backups go on/)
  assert.ok(jsonOf<BackupResult>(ran).sequence > 0)
  const devices = need(await fleet.admin('devices'))
  assert.match(devices.err, /warning: the collector's log is (shorter|not what it was)/)
  assert.match(fleet.logs.at(-1) ?? '', /this log is not the one that a witness saw/)
  assert.deepEqual(await missingFrom(['log-fork-seen']), [])
  // It is told for a while, and nothing stands still.
  const again = need(await laptop.run('backup', home, '--json'))
  assert.match(again.err, /collector's log/)
})
