// What happened is in a log that nobody can rewrite unseen; who asks for it by command gets it with its proofs. A collector that
// was put back from yesterday's copy is told by devices and admins, explained, and goes on being used.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { decodeCheckpoint } from '@backstay/proto/log/checkpoint'
import { type BackupResult, type Device, makeFleet, need } from './fleet.ts'
import { jsonOf } from './processes.ts'
import { until } from './until.ts'

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

async function logLines(...words: readonly string[]): Promise<readonly Line[]> {
  return jsonOf<Line[]>(need(await fleet.admin('audit', '--json', ...words)))
}

/** What happened comes into the log some seconds later. */
async function logged(actions: readonly string[], ...words: readonly string[]): Promise<void> {
  await until(
    () => logLines(...words),
    lines => actions.every(action => lines.some(line => line.action === action)),
  )
}

/** How long the log was that this device saw last. */
function sizeSeen({ state }: Device): number {
  const [, checkpoint = ''] =
    /"checkpoint":"([\w-]+)"/.exec(readFileSync(join(state, 'identity/log.json'), 'utf8')) ?? []
  return decodeCheckpoint(Uint8Array.fromBase64(checkpoint, { alphabet: 'base64url' })).size
}

test('backstay audit shows who did what, and proves each line', async () => {
  const actions = ['trust', 'policy', 'grant', 'certificate', 'escrow', 'commit']
  await logged(actions, '--commits')
  const proved = need(await fleet.admin('audit', '--prove'))
  assert.match(proved.err, /^proved: \d+ line\(s\)/m)
})

test('backstay reports and alerts answer over the pinned API with the admin key', async () => {
  // The collector looks at everybody each minute, and at once at whoever was heard.
  await until(
    () => fleet.admin('reports', '--json'),
    ran => {
      assert.ok(ran.code === 0 || /just started/.test(ran.err), ran.err)
      return ran.code === 0
    },
  )
  const never = jsonOf<{ rows: string[][] }>(need(await fleet.admin('reports', 'never-backed-up', '--json')))
  assert.deepEqual(
    never.rows.map(([name]) => name),
    ['server'],
  )
  const pdf = fleet.path('failing.pdf')
  need(await fleet.admin('reports', 'failing', '--format', 'pdf', '--out', pdf))
  assert.equal(readFileSync(pdf, 'latin1').slice(0, 5), '%PDF-')
  const overview = jsonOf<{ attentionTotal: number }>(need(await fleet.admin('overview', '--json')))
  assert.ok(overview.attentionTotal > 0)
  assert.match(need(await fleet.admin('overview')).out, /^50 % protected: .*\n[\s\S]*needs you now/)
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
    assert.match(need(await fleet.admin('alerts', 'change-channel', 'hook', '--off')).out, /hook, off/)
    const words = ['--kind', 'silent', '--threshold', '3', '--channel', 'hook', '--repeat-hours', '24']
    need(await fleet.admin('alerts', 'add-rule', 'Silent for long', ...words))
    need(await fleet.admin('alerts', 'change-rule', 'Silent for long', '--off', '--severity', 'critical'))
    const rules = need(await fleet.admin('alerts', 'rules')).out
    assert.match(rules, /off +Silent for long +critical +3 .*1 channel/)
    need(await fleet.admin('alerts', 'remove-rule', 'Silent for long'))
    assert.match((await fleet.admin('alerts', 'remove-rule', 'Silent for long')).err, /there is no rule/)
    need(await fleet.admin('alerts', 'remove-channel', 'hook'))
    assert.equal(asked, 0)
  } finally {
    hook.close()
  }
})

test('what goes out by mail is set up by command', async () => {
  const stale = ['--report', 'stale', '--to', 'it@example.org', '--every', 'day', '--hour', '6']
  need(await fleet.admin('reports', 'add-schedule', 'Each morning', ...stale))
  need(await fleet.admin('reports', 'change-schedule', 'Each morning', '--format', 'csv'))
  assert.match(
    need(await fleet.admin('reports', 'schedules')).out,
    /Each morning +stale +csv +every day at 6 +it@example\.org/,
  )
  need(await fleet.admin('reports', 'remove-schedule', 'Each morning'))
  assert.match(need(await fleet.admin('reports', 'schedules')).out, /no report goes out by mail/)

  const mail = ['--mail-host', 'mail.example.org', '--mail-from', 'backup@example.org']
  const refused = await fleet.admin('settings', 'change', ...mail)
  assert.match(refused.err, /your roles do not allow this/)
  const kit = ['--kit', fleet.path('admin', 'recovery-kit.html')]
  const digest = ['--digest', 'on', '--digest-hour', '5']
  const silent = await fleet.admin('settings', 'change', ...mail, ...digest, ...kit)
  assert.match(silent.err, /through no channel.*\n.*--digest-channel/)
  const own = ['--kind', 'email', '--to', 'it@example.org']
  need(await fleet.admin('alerts', 'add-channel', 'on call', ...own))
  need(await fleet.admin('settings', 'change', ...mail, ...digest, '--digest-channel', 'on call', ...kit))
  const { out } = need(await fleet.admin('settings'))
  assert.match(out, /by mail\.example\.org:587 \(starttls\) from backup@example\.org/)
  assert.match(out, /a signed digest goes out daily at 5 through 1 channel/)
  need(await fleet.admin('settings', 'change', '--no-mail', '--digest', 'off', ...kit))
  assert.match(need(await fleet.admin('settings')).out, /no mail server/)
})

test('a collector that was put back is told to everybody, and everybody goes on', async () => {
  await fleet.collector.end('SIGTERM')
  const yesterday = fleet.path('yesterday')
  cpSync(fleet.data, yesterday, { recursive: true })
  await fleet.startCollector()
  // One that has just begun signs all that it has.
  const [newest] = await logLines('--commits')
  const yesterdays = (newest?.number ?? assert.fail()) + 1
  writeFileSync(join(home, 'more.txt'), 'more')
  // A signed checkpoint is shown for some seconds. The log shall have grown for both by more than the one put back grows by itself.
  const both = [laptop, server]
  await until(
    async () => {
      for (const device of both) await device.backup(home)
      return Math.min(...both.map(sizeSeen))
    },
    size => size > yesterdays + 10,
  )
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
  await fleet.collector.line(line => line.includes('this log is not the one that a witness saw'))
  await logged(['log-fork-seen'])
  // It is told for a while, and nothing stands still.
  const again = need(await laptop.run('backup', home, '--json'))
  assert.match(again.err, /collector's log/)
})
