// Alerts, settings, history and the audit log as programs and the console ask for them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHex, hex, utf8 } from '@backstay/proto/bytes'
import { verifyCheckpoint } from '@backstay/proto/log/checkpoint'
import { leafHash } from '@backstay/proto/log/merkle'
import { grewFrom, includes } from '@backstay/proto/log/proof'
import { nodePrimitives as p } from '@backstay/proto/node'
import { laptop, sampleFleet } from '../testing/sample-vault.ts'
import { watched } from './testing/watching.ts'

const api = '/api/v1'
const hook = {
  kind: 'webhook',
  name: 'Hook',
  enabled: true,
  url: 'https://hooks.example.org/T0/hidden',
  secret: 'a very hidden key',
}

test('rules and channels are set up, changed and removed, and every change is in the audit log', async () => {
  await using world = await watched()
  await world.alerts.look()
  const owner = await (await world.at.person('owner', ['owner'])).signIn()
  const { items } = (await owner.ask('GET', `${api}/alert-rules`)).body
  assert.ok(items.length > 10)
  const changed = await owner.ask('PATCH', `${api}/alert-rules/${items[0].id}`, { enabled: false })
  assert.deepEqual([changed.status, changed.body.enabled, changed.body.name], [200, false, items[0].name])
  // Rules that say nothing are over after ten minutes, and what is not said stays as it is.
  assert.equal(changed.body.settleMs, 600_000)
  const settle = async (settleMs: number) => {
    const { status, body } = await owner.ask('PATCH', `${api}/alert-rules/${items[0].id}`, { settleMs })
    return [status, body.settleMs]
  }
  assert.deepEqual(await settle(0), [200, 0])
  const named = await owner.ask('PATCH', `${api}/alert-rules/${items[0].id}`, { name: items[0].name })
  assert.equal(named.body.settleMs, 0)
  for (const far of [-1, 86_400_001, 0.5]) assert.equal((await settle(far))[0], 400)
  const added = await owner.ask('POST', `${api}/channels`, hook)
  assert.equal(added.status, 201, added.text)
  assert.deepEqual(
    [added.body.host, added.body.hasUrl, added.body.hasSecret],
    ['hooks.example.org', true, true],
  )
  const list = await owner.ask('GET', `${api}/channels`)
  assert.doesNotMatch(list.text + added.text, /hidden/)
  // The key stays with the address that it was made for.
  const moved = await owner.ask('PATCH', `${api}/channels/${added.body.id}`, {
    url: 'https://other.example.org/',
  })
  assert.deepEqual([moved.status, moved.body.code], [422, 'bad_channel'])
  const renamed = await owner.ask('PATCH', `${api}/channels/${added.body.id}`, { name: 'Hook 2' })
  assert.deepEqual(
    [renamed.body.name, renamed.body.hasSecret, renamed.body.allowPrivate],
    ['Hook 2', true, false],
  )
  assert.equal((await owner.ask('DELETE', `${api}/channels/${added.body.id}`)).status, 204)
  assert.equal((await owner.ask('DELETE', `${api}/channels/${added.body.id}`)).status, 404)
  const noted = (await owner.ask('GET', `${api}/audit?limit=100`)).body.items
  const actions = noted.map(({ action }: { action: string }) => action)
  for (const action of ['alert-rule-changed', 'channel-added', 'channel-changed', 'channel-removed']) {
    assert.ok(actions.includes(action), action)
  }
  assert.equal(noted[0].actor, 'person:owner')
  assert.doesNotMatch(JSON.stringify(noted), /hidden/)
})

test('who may not may not: viewers read, only owners reach into the private network, nobody sends nonsense', async () => {
  await using world = await watched()
  const viewer = await (await world.at.person('viewer', ['viewer'])).signIn()
  const policy = await (await world.at.person('policy', ['policy'], { totp: true })).signIn()
  assert.equal((await viewer.ask('GET', `${api}/alert-rules`)).status, 200)
  assert.equal((await viewer.ask('GET', `${api}/channels`)).status, 403)
  assert.equal((await viewer.ask('GET', `${api}/audit`)).status, 403)
  assert.equal((await viewer.ask('POST', `${api}/alert-rules`, {})).status, 403)
  const inner = await policy.ask('POST', `${api}/channels`, { ...hook, allowPrivate: true })
  assert.deepEqual([inner.status, inner.body.code], [403, 'not_allowed'])
  for (const bad of [
    {},
    { ...hook, kind: 'pigeon' },
    { ...hook, url: 'file:///etc/passwd' },
    { ...hook, secret: 'x' },
    { kind: 'email', name: 'x', enabled: true, to: ['a@b\r\nRCPT TO:<x@y>'] },
  ]) {
    assert.equal((await policy.ask('POST', `${api}/channels`, bad)).status, 400, JSON.stringify(bad))
  }
  const empty = await policy.ask('POST', `${api}/channels`, { kind: 'email', name: 'x', enabled: true })
  assert.equal(empty.body.code, 'bad_channel')
})

test('an alert is listed, muted and acknowledged by name', async () => {
  await using world = await watched()
  const { clock } = world.at.world
  await (await world.at.world.enroll(laptop)).close()
  await world.at.view.look()
  await clock.advance(3 * 86_400_000)
  await world.at.view.look()
  await world.alerts.look()
  const desk = await (await world.at.person('desk', ['helpdesk'])).signIn()
  const { items } = (await desk.ask('GET', `${api}/alerts`)).body
  const never = items.find(({ kind }: { kind: string }) => kind === 'never_backed_up')
  assert.deepEqual([never?.device, never?.state], [laptop.id, 'open'])
  assert.match(never.what, /^laptop was never backed up, enrolled since [^()]+ ago$/, 'nothing is said twice')
  const taken = await desk.ask('POST', `${api}/alerts/${never.id}/acknowledge`, {})
  assert.deepEqual([taken.body.state, taken.body.acknowledgedBy], ['acknowledged', 'person:desk'])
  const muted = await desk.ask('POST', `${api}/alerts/${never.id}/mute`, { untilMs: clock.now() + 1e12 })
  assert.equal(muted.body.mutedUntilMs, clock.now() + 90 * 86_400_000)
  assert.equal((await desk.ask('GET', `${api}/alerts?state=muted`)).body.items.length, 1)
  const again = await desk.ask('POST', `${api}/alerts/${never.id}/mute`, { untilMs: clock.now() })
  assert.equal(again.body.state, 'acknowledged', 'who mutes may end it')
  assert.equal((await desk.ask('POST', `${api}/alerts/${'00'.repeat(16)}/acknowledge`, {})).status, 404)
  const pages = []
  for (let cursor = ''; ; ) {
    const page = (await desk.ask('GET', `${api}/alerts?limit=1${cursor}`)).body
    pages.push(...page.items)
    if (page.nextCursor === undefined) break
    cursor = `&cursor=${page.nextCursor}`
  }
  assert.deepEqual(new Set(pages.map(({ id }) => id)), new Set(items.map(({ id }: { id: string }) => id)))
})

test('a line of the audit log says who it was by the name of today, and the log itself by key and id', async () => {
  await using world = await watched()
  const { view, world: vault } = world.at
  await (await vault.enroll(laptop)).close()
  await view.look()
  const admin = `admin:${hex(await p.sha256(sampleFleet.admin.publicKey))}`
  await world.auditLog.note({ actor: admin, action: 'sign-in' })
  await world.auditLog.note({ actor: `device:${laptop.id}`, action: 'commit', device: laptop.id })
  await world.auditLog.note({ actor: `admin:${'00'.repeat(32)}`, action: 'sign-in' })
  const auditor = await (await world.at.person('auditor', ['auditor'])).signIn()
  const { items } = (await auditor.ask('GET', `${api}/audit`)).body
  type Line = { readonly actor: string; readonly actorName?: string; readonly deviceName?: string }
  const of = (actor: string) => items.find((one: Line) => one.actor === actor) as Line
  assert.equal(of(admin).actorName, sampleFleet.trust.document.admins[0]?.name)
  assert.deepEqual(
    [of(`device:${laptop.id}`).actorName, of(`device:${laptop.id}`).deviceName],
    ['laptop', 'laptop'],
  )
  assert.equal(of(`admin:${'00'.repeat(32)}`).actorName, undefined)
  const exported = (await auditor.ask('GET', `${api}/audit.json`)).text
  assert.doesNotMatch(exported, /actorName|deviceName/)
})

test('an exported line of the audit log is proved without believing anybody', async () => {
  await using world = await watched()
  await world.auditLog.follow()
  const auditor = await (await world.at.person('=cmd|auditor', ['auditor'])).signIn()
  await world.auditLog.note({ actor: '=cmd|x', action: 'sign-in', detail: { way: 'passkey' } })
  await world.at.world.clock.advance(10_000)
  const exported = (await auditor.ask('GET', `${api}/audit.json`)).body
  const by = { fleet: sampleFleet.trust.fleet, keys: [sampleFleet.collector.publicKey] }
  const checkpoint = await verifyCheckpoint(p, utf8(exported.checkpoint), by)
  assert.equal(checkpoint.size, exported.items.length)
  const bytes = (digits: string) => fromHex(digits) ?? assert.fail()
  for (const { number, entry, proof } of exported.items) {
    const leaf = await leafHash(p, utf8(entry))
    assert.ok(await includes(p, { ...checkpoint, leaf, index: number, proof: proof.map(bytes) }))
  }
  const one = (await auditor.ask('GET', `${api}/log/inclusion?number=0&size=${checkpoint.size}`)).body
  assert.equal(one.entry, exported.items.at(-1).entry)
  await world.auditLog.note({ actor: 'person:b', action: 'sign-in' })
  await world.at.world.clock.advance(10_000)
  const later = (await auditor.ask('GET', `${api}/log/checkpoint`)).body
  const grown = (await auditor.ask('GET', `${api}/log/consistency?from=${checkpoint.size}&to=${later.size}`))
    .body
  const now = await verifyCheckpoint(p, utf8(later.checkpoint), by)
  assert.ok(await grewFrom(p, checkpoint, now, grown.proof.map(bytes)))
  assert.equal((await auditor.ask('GET', `${api}/log/consistency?from=5&to=4000`)).body.code, 'bad_range')
  const table = await auditor.ask('GET', `${api}/audit.csv`)
  assert.match(table.headers.get('content-type') ?? '', /text\/csv/)
  assert.match(table.text, /'=cmd\|x/)
})

// "JSON with proofs" gave the newest thousand lines, CSV ten thousand, and neither said that there were more.
test('an export of the log is whole, or says that it is not', async () => {
  await using world = await watched()
  await world.auditLog.follow()
  const auditor = await (await world.at.person('auditor', ['auditor'])).signIn()
  const notes = []
  for (let at = 0; at < 2_100; at++)
    notes.push(world.auditLog.note({ actor: 'person:x', action: 'sign-in', target: `n${at}` }))
  await Promise.all(notes)
  await world.at.world.clock.advance(10_000)
  const table = (await auditor.ask('GET', `${api}/audit.csv?actor=person:x`)).text.trimEnd().split('\r\n')
  assert.equal(table.length, 2_101)
  assert.match(table.at(-1) ?? '', /,n0,/)

  const numbers = new Set<number>()
  for (let cursor = ''; ; ) {
    const { body } = await auditor.ask('GET', `${api}/audit.json?actor=person:x&limit=1500${cursor}`)
    for (const { number } of body.items) numbers.add(number)
    if (body.nextCursor === undefined) break
    cursor = `&cursor=${body.nextCursor}`
  }
  assert.equal(numbers.size, 2_100)
})

// The newest page was taken, and what the checkpoint did not cover yet was left out of it: behind fifty new lines nothing was shown.
test('an export right after many new lines holds as many as were asked for, those that are proved', async () => {
  await using world = await watched()
  await world.auditLog.follow()
  const auditor = await (await world.at.person('auditor', ['auditor'])).signIn()
  const many = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () => world.auditLog.note({ actor: 'person:x', action: 'sign-in' })),
    )
  await many(5)
  await world.at.world.clock.advance(10_000)
  const old = (await auditor.ask('GET', `${api}/log/checkpoint`)).body.size as number
  await many(60)
  const { body } = await auditor.ask('GET', `${api}/audit.json?limit=2`)
  assert.deepEqual(
    body.items.map(({ number }: { number: number }) => number),
    [old - 1, old - 2],
  )
  const older = await auditor.ask('GET', `${api}/audit.json?limit=1&cursor=${body.nextCursor}`)
  assert.equal(older.body.items[0]?.number, old - 3)
})

test('reports are read as tables, CSV and PDF, and their schedules set up, changed and removed', async () => {
  await using world = await watched()
  await (await world.at.world.enroll(laptop)).close()
  await world.at.view.look()
  const viewer = await (await world.at.person('viewer', ['viewer'])).signIn()
  const { items } = (await viewer.ask('GET', `${api}/reports`)).body
  assert.deepEqual(items.find((one: { kind: string }) => one.kind === 'never-backed-up')?.rows, 1)
  assert.match((await viewer.ask('GET', `${api}/reports/never-backed-up.csv`)).text, /laptop/)
  assert.match((await viewer.ask('GET', `${api}/reports/coverage.pdf`)).text, /^%PDF-/)
  assert.equal((await viewer.ask('GET', `${api}/reports/nothing`)).status, 400)

  const policy = await (await world.at.person('policy', ['policy'], { totp: true })).signIn()
  const weekly = {
    ...{ name: 'Weekly', report: 'stale', format: 'pdf', every: 'week', hour: 7, enabled: true },
    to: ['it@example.org'],
  }
  const added = await policy.ask('POST', `${api}/report-schedules`, weekly)
  assert.deepEqual([added.status, added.body.nextAtMs > world.at.world.clock.now()], [201, true])
  const one = `${api}/report-schedules/${added.body.id}`
  const off = await policy.ask('PATCH', one, { enabled: false })
  assert.deepEqual([off.body.enabled, off.body.nextAtMs, off.body.name], [false, undefined, 'Weekly'])
  for (const bad of [{ hour: 24 }, { to: [] }, { to: ['x\r\nBcc: y@example.org'] }, { every: 'year' }])
    assert.equal((await policy.ask('PATCH', one, bad)).status, 400, JSON.stringify(bad))
  assert.equal((await policy.ask('DELETE', one)).status, 204)
  assert.equal((await policy.ask('DELETE', one)).status, 404)
})
