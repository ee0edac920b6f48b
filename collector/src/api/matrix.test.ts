// Every role and every route: who is let in, by a table that was written by hand and not taken from the code.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routes } from '@backstay/proto/rest/routes'
import type { PersonRole } from '@backstay/proto/rest/shapes'
import type { Alerts } from '../alerts/alerts.ts'
import { laptop, server } from '../testing/sample-vault.ts'
import { peopled, salesId } from './testing/peopled.ts'
import { watching } from './testing/watching.ts'

const everybody = ['viewer', 'helpdesk', 'restore', 'policy', 'auditor', 'owner'] as const
/** Who may take care of an alert. */
const carers = ['helpdesk', 'restore', 'policy', 'owner'] as const
const job = 'ab'.repeat(16)

interface Case {
  readonly call: string
  readonly body?: unknown
  readonly roles: readonly PersonRole[] | 'anyone' | 'signed-in'
  /** What somebody gets who sees the group of the other device alone: ok, 404 for what is not his, 403 for what is all's. */
  readonly scoped: 'ok' | 'own' | 404 | 403
}

const device = `/devices/${laptop.id}`
const table: readonly Case[] = [
  { call: 'GET /overview', roles: everybody, scoped: 'ok' },
  { call: 'GET /history', roles: everybody, scoped: 403 },
  { call: 'GET /activity', roles: everybody, scoped: 'ok' },
  { call: 'GET /events', roles: everybody, scoped: 'ok' },
  { call: 'GET /devices', roles: everybody, scoped: 'ok' },
  { call: 'GET /devices.csv', roles: everybody, scoped: 'ok' },
  { call: `GET ${device}`, roles: everybody, scoped: 404 },
  { call: `GET ${device}/snapshots`, roles: everybody, scoped: 404 },
  { call: `GET ${device}/policy`, roles: everybody, scoped: 404 },
  { call: `GET ${device}/jobs`, roles: everybody, scoped: 404 },
  { call: `GET ${device}/parcels`, roles: everybody, scoped: 404 },
  { call: `GET ${device}/jobs/${job}/progress`, roles: everybody, scoped: 404 },
  { call: `GET ${device}/audit`, roles: ['auditor', 'owner'], scoped: 404 },
  { call: `GET ${device}/commits`, roles: everybody, scoped: 404 },
  { call: `POST ${device}/objects`, body: new Uint8Array(32), roles: ['restore', 'owner'], scoped: 404 },
  { call: `POST ${device}/not-same`, body: { device: laptop.id }, roles: ['policy', 'owner'], scoped: 404 },
  { call: 'GET /groups', roles: everybody, scoped: 'ok' },
  { call: 'GET /policies', roles: everybody, scoped: 403 },
  { call: 'GET /policies/rollout', roles: everybody, scoped: 'ok' },
  { call: 'POST /policies/preview', body: {}, roles: ['policy', 'owner'], scoped: 403 },
  { call: 'GET /trust', roles: everybody, scoped: 'ok' },
  { call: 'GET /trust/proposal', roles: everybody, scoped: 'ok' },
  { call: 'POST /trust/proposal', body: {}, roles: ['restore', 'policy', 'auditor', 'owner'], scoped: 403 },
  { call: 'GET /records?kind=policy', roles: everybody, scoped: 'ok' },
  { call: 'GET /records?kind=escrow', roles: ['restore', 'owner'], scoped: 403 },
  { call: 'GET /records?kind=keyring', roles: ['restore', 'owner'], scoped: 403 },
  { call: `GET /records?kind=escrow&device=${laptop.id}`, roles: ['restore', 'owner'], scoped: 404 },
  { call: 'POST /records', body: {}, roles: ['restore', 'policy', 'owner'], scoped: 'ok' },
  { call: 'GET /device-records', roles: everybody, scoped: 'ok' },
  { call: 'GET /grants', roles: everybody, scoped: 403 },
  { call: 'GET /storage', roles: everybody, scoped: 403 },
  { call: 'GET /releases', roles: everybody, scoped: 403 },
  { call: `GET /retention/${laptop.id}`, roles: everybody, scoped: 404 },
  { call: 'GET /intents', roles: everybody, scoped: 'ok' },
  {
    call: 'POST /intents',
    body: { kind: 'backup', device: laptop.id },
    roles: ['helpdesk', 'restore', 'owner'],
    scoped: 404,
  },
  { call: 'POST /intents/7/decline', body: {}, roles: ['restore', 'policy', 'owner'], scoped: 404 },
  { call: 'POST /intents/7/done', body: {}, roles: ['restore', 'policy', 'owner'], scoped: 404 },
  { call: 'GET /session/ways', roles: 'anyone', scoped: 'own' },
  { call: 'POST /session/bootstrap', body: {}, roles: 'anyone', scoped: 'own' },
  { call: 'POST /session/password', body: {}, roles: 'anyone', scoped: 'own' },
  { call: 'POST /session/totp', body: {}, roles: 'anyone', scoped: 'own' },
  { call: 'POST /session/passkey/options', body: {}, roles: 'anyone', scoped: 'own' },
  { call: 'POST /session/passkey/verify', body: {}, roles: 'anyone', scoped: 'own' },
  { call: 'POST /session/oidc/start', body: {}, roles: 'anyone', scoped: 'own' },
  { call: 'GET /session/oidc/callback', roles: 'anyone', scoped: 'own' },
  { call: 'POST /session/key/challenge', body: {}, roles: 'anyone', scoped: 'own' },
  { call: 'POST /session/key', body: {}, roles: 'anyone', scoped: 'own' },
  { call: 'POST /session/step-up', body: {}, roles: 'signed-in', scoped: 'own' },
  { call: 'GET /session', roles: 'signed-in', scoped: 'own' },
  { call: 'GET /sessions', roles: 'signed-in', scoped: 'own' },
  { call: `DELETE /sessions/${job}`, roles: 'signed-in', scoped: 'own' },
  { call: 'GET /people', roles: ['owner'], scoped: 403 },
  { call: 'POST /people', body: {}, roles: ['owner'], scoped: 403 },
  { call: `PATCH /people/${job}`, body: {}, roles: ['owner'], scoped: 403 },
  { call: `DELETE /people/${job}`, roles: ['owner'], scoped: 403 },
  { call: 'POST /me/password', body: {}, roles: 'signed-in', scoped: 'own' },
  { call: 'POST /me/totp', body: {}, roles: 'signed-in', scoped: 'own' },
  { call: 'POST /me/totp/confirm', body: {}, roles: 'signed-in', scoped: 'own' },
  { call: 'DELETE /me/totp', roles: 'signed-in', scoped: 'own' },
  { call: 'GET /me/passkeys', roles: 'signed-in', scoped: 'own' },
  { call: 'POST /me/passkeys/options', body: {}, roles: 'signed-in', scoped: 'own' },
  { call: 'POST /me/passkeys', body: {}, roles: 'signed-in', scoped: 'own' },
  { call: `DELETE /me/passkeys/${job}`, roles: 'signed-in', scoped: 'own' },
  { call: 'GET /alerts', roles: everybody, scoped: 'ok' },
  { call: `POST /alerts/${job}/acknowledge`, body: {}, roles: carers, scoped: 404 },
  { call: `POST /alerts/${job}/mute`, body: { untilMs: 0 }, roles: carers, scoped: 404 },
  { call: 'GET /alert-rules', roles: everybody, scoped: 403 },
  { call: 'POST /alert-rules', body: {}, roles: ['policy', 'owner'], scoped: 403 },
  { call: `PATCH /alert-rules/${job}`, body: {}, roles: ['policy', 'owner'], scoped: 403 },
  { call: `DELETE /alert-rules/${job}`, roles: ['policy', 'owner'], scoped: 403 },
  { call: 'GET /channels', roles: ['policy', 'owner'], scoped: 403 },
  { call: 'POST /channels', body: {}, roles: ['policy', 'owner'], scoped: 403 },
  { call: `PATCH /channels/${job}`, body: {}, roles: ['policy', 'owner'], scoped: 403 },
  { call: `DELETE /channels/${job}`, roles: ['policy', 'owner'], scoped: 403 },
  { call: `POST /channels/${job}/test`, body: {}, roles: ['policy', 'owner'], scoped: 403 },
  { call: 'GET /settings', roles: ['policy', 'owner'], scoped: 403 },
  { call: 'PATCH /settings', body: {}, roles: ['owner'], scoped: 403 },
  { call: 'GET /reports', roles: everybody, scoped: 403 },
  { call: 'GET /reports/stale.csv', roles: everybody, scoped: 403 },
  { call: 'GET /reports/stale.pdf', roles: everybody, scoped: 403 },
  { call: 'GET /reports/stale', roles: everybody, scoped: 403 },
  { call: 'GET /report-schedules', roles: ['policy', 'owner'], scoped: 403 },
  { call: 'POST /report-schedules', body: {}, roles: ['policy', 'owner'], scoped: 403 },
  { call: `PATCH /report-schedules/${job}`, body: {}, roles: ['policy', 'owner'], scoped: 403 },
  { call: `DELETE /report-schedules/${job}`, roles: ['policy', 'owner'], scoped: 403 },
  { call: 'GET /audit', roles: ['auditor', 'owner'], scoped: 403 },
  { call: 'GET /audit.csv', roles: ['auditor', 'owner'], scoped: 403 },
  { call: 'GET /audit.json', roles: ['auditor', 'owner'], scoped: 403 },
  // Of the log, everybody is a witness: they are hashes.
  { call: 'GET /log/checkpoint', roles: 'signed-in', scoped: 'own' },
  { call: 'GET /log/consistency?from=0&to=0', roles: 'signed-in', scoped: 'own' },
  { call: 'GET /log/inclusion?number=0&size=1', roles: ['auditor', 'owner'], scoped: 403 },
  { call: 'GET /tokens', roles: ['owner'], scoped: 403 },
  { call: 'POST /tokens', body: {}, roles: ['owner'], scoped: 403 },
  { call: `DELETE /tokens/${job}`, roles: ['owner'], scoped: 403 },
  // Last, because it ends what it is asked with.
  { call: 'DELETE /session', roles: 'signed-in', scoped: 'own' },
]

test('the table has every route of the API', () => {
  const named = new Set(table.map(({ call }) => shapeOf(call)))
  const all = new Set(routes.map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '*')}`))
  assert.deepEqual([...named].toSorted(), [...all].toSorted())
})

test('test 50, rbac-matrix: every route lets in those who may, and nobody else', async () => {
  await using all = await peopled({ more: world => watching(world).routes })
  const stranger = all.browser()
  for (const one of table) {
    // What one address may ask as a stranger is a limit of its own.
    await all.world.clock.advance(5_000)
    const without = await call(stranger, one)
    assert.equal(refusedAs(without), one.roles === 'anyone' ? 'let in' : 'not_signed_in', one.call)
    for (const role of everybody) {
      const may = typeof one.roles === 'string' || one.roles.includes(role)
      assert.equal(
        refusedAs(await call(all.as[role], one)),
        may ? 'let in' : 'not_allowed',
        `${role}: ${one.call}`,
      )
    }
  }
})

test('somebody who sees one group finds nothing of the others, and nothing of all', async () => {
  await using all = await peopled({ more: world => watching(world).routes })
  const roles = ['viewer', 'helpdesk', 'restore', 'policy', 'auditor'] as const
  const other = await (await all.person('other', roles, { groups: ['77'.repeat(16)] })).signIn()
  const sales = await (await all.person('sales', roles, { groups: [salesId] })).signIn()
  for (const one of table) {
    const isOwners = typeof one.roles !== 'string' && one.roles.every(role => role === 'owner')
    if (one.scoped === 'own' || isOwners) continue
    const { status, body } = await call(other, one)
    // A body that is none is found before anything that is in it.
    const wanted = one.call === 'POST /records' ? 400 : one.scoped === 'ok' ? 200 : one.scoped
    assert.equal(status, wanted, one.call)
    if (status === 404) assert.match(body.code, /unknown_device|not_found/, one.call)
  }
  const ids = async (who: typeof other) =>
    (await who.ask('GET', '/api/v1/devices')).body.items.map((item: { device: string }) => item.device)
  assert.deepEqual([await ids(other), await ids(sales)], [[], [laptop.id]])
  assert.equal((await sales.ask('GET', `/api/v1${device}/snapshots`)).body.items.length, 1)
  assert.equal((await sales.ask('GET', `/api/v1/devices/${server.id}`)).status, 404)
  assert.equal((await sales.ask('GET', '/api/v1/device-records')).body.items.length, 1)
  assert.equal((await sales.ask('GET', '/api/v1/overview')).body.counts.never_backed_up, 0)
})

function call(who: Awaited<ReturnType<typeof peopled>>['as']['owner'], { call, body }: Case) {
  const [method = '', path = ''] = call.split(' ')
  const headers = body instanceof Uint8Array ? { 'content-type': 'application/octet-stream' } : {}
  return who.ask(method, `/api/v1${path}`, body, headers)
}

function refusedAs({
  status,
  body,
}: {
  readonly status: number
  readonly body: { code?: string } | undefined
}): string {
  const code = body?.code ?? ''
  if (code === 'not_signed_in' || code === 'not_allowed') return code
  assert.notEqual(status, 500)
  return 'let in'
}

function shapeOf(call: string): string {
  return call
    .replace(/\?.*$/, '')
    .replace(/[0-9a-f]{32}/g, '*')
    .replace(/reports\/stale/, 'reports/*')
    .replace(/\/7\//, '/*/')
}

test('an alert about a device of others is neither seen, taken care of nor muted', async () => {
  const made: { alerts?: Alerts } = {}
  await using all = await peopled({
    more(world) {
      const { alerts, routes } = watching(world)
      made.alerts = alerts
      return routes
    },
  })
  const { clock } = all.world
  await clock.advance(3 * 86_400_000)
  await all.view.look()
  await made.alerts?.look()
  const sales = await (await all.person('sales', ['helpdesk'], { groups: [salesId] })).signIn()
  const { items } = (
    await (await all.person('desk', ['helpdesk'])).signIn().then(desk => desk.ask('GET', '/api/v1/alerts'))
  ).body
  const foreign = items.find((one: { device?: string }) => one.device === server.id)
  assert.ok(foreign !== undefined)
  const seen = (await sales.ask('GET', '/api/v1/alerts')).body.items
  assert.ok(seen.every((one: { device?: string }) => one.device === laptop.id))
  for (const [deed, body] of [
    ['acknowledge', {}],
    ['mute', { untilMs: clock.now() + 1000 }],
  ] as const) {
    const refused = await sales.ask('POST', `/api/v1/alerts/${foreign.id}/${deed}`, body)
    assert.deepEqual([refused.status, refused.body.code], [404, 'not_found'], deed)
  }
})

test('what Prometheus reads is for whoever has a role, and sees all', async () => {
  await using all = await peopled()
  assert.equal((await all.browser().ask('GET', '/metrics')).status, 401)
  for (const role of everybody) assert.equal((await all.as[role].ask('GET', '/metrics')).status, 200, role)
})
