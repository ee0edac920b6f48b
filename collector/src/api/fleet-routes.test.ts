import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { idToBytes, objectId } from '@backstay/proto/object/id'
import { signPolicy } from '@backstay/proto/policy/policy'
import { decodeObjects, encodeIds } from '@backstay/proto/rest/object-stream'
import { signJob } from '@backstay/proto/trust/job'
import { newOrder } from '@backstay/proto/trust/order'
import { testDevice, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { firstVault } from '../catalog/vaults.ts'
import { strangerKey } from '../link/testing/sample-gateway.ts'
import { laptop, sampleFleet, server } from '../testing/sample-vault.ts'
import { savePeriod } from '../upkeep/rotation/status.ts'
import { peopled, salesId } from './testing/peopled.ts'

const api = '/api/v1'
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

test('devices are listed as they are judged, filtered, sorted and paged', async () => {
  await using all = await peopled()
  const ask = async (query: string) => (await all.as.viewer.ask('GET', `${api}/devices${query}`)).body
  const both = await ask('')
  assert.deepEqual(
    both.items.map((item: { name: string; state: string; online: boolean; groupName?: string }) => [
      ...[item.name, item.state, item.online, item.groupName],
    ]),
    [
      ['server', 'never_backed_up', false, undefined],
      ['laptop', 'protected', true, '<b>Sales</b>'],
    ],
  )
  const names = async (query: string) => (await ask(query)).items.map((item: { name: string }) => item.name)
  assert.deepEqual(await names('?sort=name'), ['laptop', 'server'])
  assert.deepEqual(await names('?sort=-name'), ['server', 'laptop'])
  const { agentVersion } = (await ask('?q=laptop')).items[0]
  assert.match(agentVersion, /^\d+\.\d+/)
  const [major = ''] = agentVersion.split('.')
  assert.deepEqual(await names(`?agent=${agentVersion}`), ['laptop'])
  assert.deepEqual(await names(`?agent=${major}`), ['laptop'])
  assert.deepEqual(await names(`?agent=${major}7`), [])
  assert.deepEqual(await names(`?agent=${agentVersion}0`), [])
  assert.deepEqual(await names('?q=LAP'), ['laptop'])
  assert.deepEqual(await names('?q=ada'), ['laptop'], 'who works there')
  assert.deepEqual(await names(`?q=${server.id.slice(0, 6)}`), ['server'])
  assert.deepEqual(await names('?state=never_backed_up,at_risk'), ['server'])
  assert.deepEqual(await names(`?group=${salesId}`), ['laptop'])
  assert.deepEqual(await names('?group=none'), ['server'])
  assert.deepEqual(await names('?online=false'), ['server'])
  const first = await ask('?limit=1&sort=name')
  assert.deepEqual([first.total, first.items[0].name], [2, 'laptop'])
  const second = await ask(`?limit=1&sort=name&cursor=${first.nextCursor}`)
  assert.deepEqual([second.items[0].name, second.nextCursor], ['server', undefined])
})

test('a device says who works there, where its keys lie and what its system keeps from the agent', async () => {
  await using all = await peopled()
  const one = (await all.as.viewer.ask('GET', `${api}/devices/${laptop.id}`)).body
  assert.deepEqual([one.user, one.keyProtection, one.access], ['Ada', 'file', []])
  const silent = (await all.as.viewer.ask('GET', `${api}/devices/${server.id}`)).body
  assert.deepEqual([silent.user, silent.keyProtection, silent.access], [undefined, undefined, []])
})

test('a machine that was set up anew looks like the device that it was, until somebody says otherwise', async () => {
  await using all = await peopled()
  const mark = new Uint8Array(16).fill(7)
  const [old, anew] = [
    await testDevice(p, sampleFleet, 'old', [mark]),
    await testDevice(p, sampleFleet, 'anew', [mark]),
  ]
  await (await all.world.enroll(old)).close()
  await (await all.world.enroll(anew)).close()
  // It came an hour after the other was heard last.
  const later = 'update devices set enrolled_at_ms = enrolled_at_ms + 3600000 where device = ?'
  await all.world.vault.sql.run(later, [idToBytes(anew.id)])
  await all.view.look()
  const { viewer, policy } = all.as
  const likeness = async (id: string) => (await viewer.ask('GET', `${api}/devices/${id}`)).body.looksLike
  assert.deepEqual([(await likeness(anew.id))?.name, await likeness(old.id)], ['old', undefined])
  const listed = (await viewer.ask('GET', `${api}/devices?q=anew`)).body.items[0]
  assert.deepEqual(listed.looksLike.device, old.id)

  const path = `${api}/devices/${anew.id}/not-same`
  assert.equal((await viewer.ask('POST', path, { device: old.id })).status, 403)
  assert.equal((await policy.ask('POST', path, { device: 'ff'.repeat(16) })).status, 404)
  assert.equal((await policy.ask('POST', path, { device: old.id })).status, 204)
  assert.equal(await likeness(anew.id), undefined)
  await all.view.look()
  assert.equal(await likeness(anew.id), undefined, 'it is remembered')
})

test('an answer that did not change costs a header', async () => {
  await using all = await peopled()
  const path = `${api}/devices/${laptop.id}`
  const first = await all.as.viewer.ask('GET', path)
  const tag = first.headers.get('etag') ?? ''
  const again = await all.as.viewer.ask('GET', path, undefined, { 'if-none-match': tag })
  assert.deepEqual([again.status, again.text], [304, ''])
})

test('the overview counts, and says what somebody must do', async () => {
  await using all = await peopled()
  const { body } = await all.as.viewer.ask('GET', `${api}/overview`)
  assert.equal(body.coverage, 0.5)
  assert.deepEqual([body.counts.protected, body.counts.never_backed_up], [1, 1])
  assert.deepEqual([body.fleet.name, body.hostedKeys], ['example fleet', false])
  assert.equal(body.attention[0].code, 'never_backed_up')
  assert.ok(body.attention[0].remedy.length > 0)
  assert.ok(body.storage.bytes > 0 && body.storage.logicalBytes > 0)
})

test('a name with markup stays text, and a spreadsheet takes no formula', async () => {
  await using all = await peopled()
  const { body, headers } = await all.as.viewer.ask('GET', `${api}/groups`)
  assert.equal(body.items[0].name, '<b>Sales</b>')
  assert.match(headers.get('content-type') ?? '', /^application\/json/)
  const sheet = await all.as.viewer.ask('GET', `${api}/devices.csv`)
  assert.match(sheet.headers.get('content-type') ?? '', /^text\/csv/)
  assert.equal(sheet.text.split('\r\n').length, 4)
})

test('a policy put by REST is pushed to the device as one put over the link, and a stranger signs nothing', async () => {
  await using all = await peopled()
  const { trust, admin } = sampleFleet
  const layer = async (key = admin) =>
    signPolicy(
      p,
      {
        order: newOrder(p, trust, testNowMs),
        name: 'fleet',
        settings: [{ kind: 'battery', value: 20, locked: true }],
      },
      key,
    )
  const put = async (envelope: Uint8Array) =>
    all.as.policy.ask('POST', `${api}/records`, { envelope: base64(envelope) })
  const strange = await put(await layer(strangerKey))
  assert.deepEqual([strange.status, strange.body.code], [422, 'not_authorized'])
  const kept = await put(await layer())
  assert.equal(kept.status, 201)
  await all.world.clock.advance(2_000)
  const { body } = await all.as.viewer.ask('GET', `${api}/devices/${server.id}/policy`)
  assert.deepEqual(
    body.settings.map((one: { key: string; text: string; locked: boolean }) => [
      one.key,
      one.text,
      one.locked,
    ]),
    [['battery', '20 %', true]],
  )
  const [newest] = (await all.as.viewer.ask('GET', `${api}/policies`)).body.items
  assert.deepEqual([newest.layer, newest.signer], ['fleet', 'first admin'])
  const nobodys = await all.as.restore.ask('POST', `${api}/records`, { envelope: base64(await layer()) })
  assert.deepEqual([nobodys.status, nobodys.body.code], [403, 'wrong_role'])
})

test('a job is listed with its state; restore brings restores, policy brings backups', async () => {
  await using all = await peopled()
  const { trust, admin } = sampleFleet
  const order = newOrder(p, trust, testNowMs, {
    ...{ audience: [Uint8Array.fromHex(laptop.id)], expiresAtMs: all.world.clock.now() + 3_600_000 },
  })
  const envelope = await signJob(p, { order, kind: 'backup', sealed: new Uint8Array() }, admin)
  assert.equal(
    (await all.as.policy.ask('POST', `${api}/records`, { envelope: base64(envelope) })).status,
    201,
  )
  const { items } = (await all.as.viewer.ask('GET', `${api}/devices/${laptop.id}/jobs`)).body
  assert.deepEqual([items[0].job, items[0].kind, items[0].state], [hex(order.id), 'backup', 'waiting'])
})

test('objects come as they are stored, what is not held is said, and a broken question is refused', async () => {
  await using all = await peopled()
  const ids = [objectId(new Uint8Array(32)), ...all.tree.objects.map(one => one.id)]
  const ask = (body: Uint8Array) =>
    fetch(`${all.url}${api}/devices/${laptop.id}/objects`, {
      method: 'POST',
      headers: {
        'content-type': 'application/octet-stream',
        origin: all.url.replace('http:', 'https:'),
        cookie: `__Host-backstay=${all.as.restore.cookies.get('__Host-backstay')}`,
      },
      body: body as BodyInit,
    })
  const response = await ask(encodeIds(ids))
  const found = new Map<number, Uint8Array | undefined>()
  for await (const { index, stored } of decodeObjects(
    response.body as unknown as AsyncIterable<Uint8Array>,
  )) {
    found.set(index, stored && new Uint8Array(stored))
  }
  assert.equal(found.size, ids.length)
  assert.equal(found.get(0), undefined)
  for (const [at, { stored }] of all.tree.objects.entries()) {
    assert.deepEqual(found.get(at + 1), new Uint8Array(stored))
  }
  assert.equal((await ask(new Uint8Array(33))).status, 400)
  assert.equal((await ask(new Uint8Array(100_000))).status, 413)
})

test('signed parts of every device are there for whoever verifies them himself', async () => {
  await using all = await peopled()
  const { items } = (await all.as.restore.ask('GET', `${api}/device-records?limit=1`)).body
  const lean = (await all.as.restore.ask('GET', `${api}/device-records?limit=1&lean=true`)).body
  assert.deepEqual([lean.items[0].certificate, lean.items[0].head], [items[0].certificate, undefined])
  const one = (words: string) => all.as.restore.ask('GET', `${api}/device-records?${words}`)
  const own = (await one(`device=${laptop.id}`)).body
  assert.deepEqual([own.items.length, own.nextCursor], [1, undefined])
  assert.ok(own.items[0].head !== undefined)
  assert.deepEqual((await one(`device=${'00'.repeat(16)}`)).body.items, [])
  assert.equal((await one('lean=perhaps')).status, 400)
  assert.equal(items.length, 1)
  const { body } = await all.as.restore.ask('GET', `${api}/devices/${laptop.id}/commits`)
  assert.equal(body.items.length, 1)
  const snapshots = (await all.as.viewer.ask('GET', `${api}/devices/${laptop.id}/snapshots`)).body.items
  assert.equal(snapshots[0].id, body.items[0].id)
  assert.ok(snapshots[0].reasons.length > 0, 'the newest stays')
  const escrows = await all.as.restore.ask('GET', `${api}/records?kind=escrow&device=${laptop.id}`)
  assert.equal(escrows.body.items.length, 1)
})

test('help desk asks, a key holder closes, once', async () => {
  await using all = await peopled()
  const wish = { kind: 'restore', device: laptop.id, sealed: base64(new Uint8Array(300)), note: '<script>' }
  const tooMuch = { ...wish, sealed: base64(new Uint8Array(17_000)) }
  await all.world.clock.advance(5 * 60_000)
  assert.equal((await all.as.helpdesk.ask('POST', `${api}/intents`, wish)).body.code, 'step_up_needed')
  const up = { method: 'password', password: 'correct horse battery staple' }
  assert.equal((await all.as.helpdesk.ask('POST', `${api}/session/step-up`, up)).status, 200)
  const made = await all.as.helpdesk.ask('POST', `${api}/intents`, wish)
  assert.deepEqual([made.status, made.body.state, made.body.by], [201, 'open', 'person:helpdesk'])
  assert.equal((await all.as.helpdesk.ask('POST', `${api}/intents`, tooMuch)).status, 400)
  const done = `${api}/intents/${made.body.id}/done`
  assert.equal((await all.as.helpdesk.ask('POST', done, {})).status, 403)
  assert.equal((await all.as.restore.ask('POST', done, {})).body.state, 'done')
  assert.equal((await all.as.restore.ask('POST', done, {})).body.code, 'already_done')
})

test('a wish is answered by who may sign what was wished for', async () => {
  await using all = await peopled()
  const ask = async (kind: string) => {
    const { body } = await all.as.helpdesk.ask('POST', `${api}/intents`, { kind, device: laptop.id })
    return `${api}/intents/${body.id}`
  }
  const [backup, restore] = [await ask('backup'), await ask('restore')]
  const refused = await all.as.policy.ask('POST', `${restore}/decline`, {})
  assert.deepEqual([refused.status, refused.body.code], [403, 'not_allowed'])
  assert.equal((await all.as.policy.ask('POST', `${backup}/done`, {})).body.state, 'done')
  const open = await all.as.viewer.ask('GET', `${api}/intents?state=open`)
  assert.deepEqual(
    open.body.items.map((one: { kind: string }) => one.kind),
    ['restore'],
  )
})

test('a collector says within which time it reads all again, and nothing of the kind when it never does', async () => {
  await using all = await peopled()
  const period = async (ms: number) => {
    await savePeriod(all.world.vault.sql, firstVault, ms)
    return (await all.as.viewer.ask('GET', `${api}/storage`)).body.scrub.periodMs
  }
  assert.deepEqual([await period(86_400_000), await period(0)], [86_400_000, undefined])
})

test('a storage page, a rollout and metrics are there', async () => {
  await using all = await peopled()
  const { body } = await all.as.viewer.ask('GET', `${api}/storage`)
  assert.ok(body.bytes > 0)
  assert.equal(body.devices.find((one: { name: string }) => one.name === 'laptop').snapshots, 1)
  assert.deepEqual(body.retention, { snapshots: 1, mayGo: 0, devicesTotal: 0, devices: [] })
  assert.equal((await all.as.viewer.ask('GET', `${api}/policies/rollout`)).body.items.length, 2)
  const { text } = await all.as.viewer.ask('GET', '/metrics')
  assert.match(text, /^backstay_devices\{state="protected"\} 1$/m)
  assert.match(text, /^# TYPE backstay_http_request_seconds histogram$/m)
  assert.match(text, /^backstay_http_request_seconds_bucket\{route="GET \/storage",le="\+Inf"\} 1$/m)
})

// A stolen restore session took every escrow and object along, and the log had no line of it.
test('what opens backups is in the log before it goes out, once for each session and device', async () => {
  await using all = await peopled()
  const reads = () => all.noted.filter(({ action }) => action.endsWith('-read'))
  const objects = () =>
    all.as.restore.ask('POST', `${api}/devices/${laptop.id}/objects`, new Uint8Array(32), {
      'content-type': 'application/octet-stream',
    })
  await objects()
  await objects()
  await all.as.restore.ask('GET', `${api}/records?kind=escrow&device=${laptop.id}`)
  await all.as.restore.ask('GET', `${api}/records?kind=escrow`)
  await all.as.restore.ask('GET', `${api}/records?kind=keyring`)
  await all.as.viewer.ask('GET', `${api}/records?kind=escrow`)
  const by = 'person:restore'
  assert.deepEqual(reads(), [
    { actor: by, action: 'objects-read', device: laptop.id },
    { actor: by, action: 'escrow-read', device: laptop.id },
    { actor: by, action: 'escrow-read' },
    { actor: by, action: 'keyring-read' },
  ])
  const another = await (await all.person('restore2', ['restore'])).signIn()
  await another.ask('GET', `${api}/records?kind=keyring`)
  assert.equal(reads().length, 5)
})

test('whoever sees some groups gets no figure of the whole fleet', async () => {
  await using all = await peopled()
  const scoped = await (await all.person('scoped', ['viewer'], { groups: [salesId] })).signIn()
  const metrics = await scoped.ask('GET', '/metrics')
  assert.deepEqual([metrics.status, metrics.body.code], [403, 'out_of_scope'])
  const { body } = await scoped.ask('GET', `${api}/overview`)
  assert.deepEqual([body.storage, body.scrub, body.drill], [undefined, undefined, { unproven: 1 }])
  assert.ok((await all.as.viewer.ask('GET', `${api}/overview`)).body.storage.bytes > 0)
})

test('a preview says whom an unsigned policy would touch', async () => {
  await using all = await peopled()
  const { encodePolicy } = await import('@backstay/proto/policy/policy')
  const order = newOrder(p, sampleFleet.trust, testNowMs, { audience: [Uint8Array.fromHex(salesId)] })
  const policy = encodePolicy({
    order,
    name: 'x',
    settings: [{ kind: 'metered', value: false, locked: false }],
  })
  const { body } = await all.as.policy.ask('POST', `${api}/policies/preview`, { policy: base64(policy) })
  assert.deepEqual(body, {
    devices: 1,
    touched: [{ device: laptop.id, name: 'laptop', keys: ['metered'] }],
    ...{ snapshots: 0, droppedSnapshots: 0 },
  })
})
