// Alerts on their way to real servers: SMTP with STARTTLS and passwords, HTTP that fails, stalls and misleads.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { readDigest } from '@backstay/proto/trust/digest'
import { listAlerts, openAlerts } from '../catalog/alerts.ts'
import { savePosition } from '../catalog/positions.ts'
import type { Sql } from '../catalog/sql.ts'
import { firstVault } from '../catalog/vaults.ts'
import { selfSigned } from '../link/self-signed.ts'
import { openLog } from '../log.ts'
import { sampleFleet, sampleVault } from '../testing/sample-vault.ts'
import { type Alerts, openAlertRoom } from './alerts.ts'
import { digestDue, digestMessage } from './digest.ts'
import type { FleetFacts } from './facts.ts'
import { post } from './post.ts'
import { keepMail } from './testing/mail-server.ts'

const fleet = { id: sampleFleet.trust.fleet, name: 'Example fleet' }
const tls = selfSigned(Date.now())
const key = 'a key of a webhook that nobody may read'

interface World {
  readonly alerts: Alerts
  readonly sql: Sql
  readonly logged: () => string
  facts: FleetFacts
  clockMs(addMs: number): void
  again(): Alerts
}

async function world(trusting = true): Promise<World> {
  const { sql, clock } = await sampleVault()
  let lines = ''
  const log = openLog('debug', {
    write(line) {
      lines += line
    },
  })
  const made: World = {
    sql,
    logged: () => lines,
    facts: {
      devices: [],
      storage: undefined,
      damagedObjects: 0,
      logFork: undefined,
      erasures: [],
      haltedReleases: [],
      ...{ floods: [], clockHaltedUntilMs: undefined },
    },
    clockMs(addMs) {
      clock.nowMs += addMs
    },
    again: () =>
      openAlertRoom({
        ...{ p, sql, clock, log, key: sampleFleet.collector, fleet: () => fleet },
        facts: async () => made.facts,
        checkpoint: async () => 'backstay/test\n5\n',
        ...(trusting && { mailTls: { ca: tls.certificate, checkServerIdentity: () => undefined } }),
      }),
    get alerts() {
      return room
    },
  }
  const room = made.again()
  return made
}

interface Heard {
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly url: string | undefined
}

/** Answers as told, in this order; then with 204. */
async function receiver(...answers: readonly ((response: ServerResponse) => void)[]) {
  const heard: Heard[] = []
  const waiting = [...answers]
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    heard.push({ headers: request.headers, body, url: request.url })
    const answer = waiting.shift() ?? (() => response.writeHead(204).end())
    answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    heard,
    url: `http://127.0.0.1:${port}/hook?token=hidden`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function addWebhook(alerts: Alerts, url: string, allowPrivate = true): Promise<string> {
  const { channels } = alerts.setUp
  const id = channels.newId()
  await channels.write({ id, kind: 'webhook', name: 'hook', enabled: true, allowPrivate })
  await alerts.setUp.writeChannelSecret(id, { url, key })
  return id
}

const damaged: FleetFacts = {
  devices: [],
  storage: undefined,
  damagedObjects: 3,
  logFork: undefined,
  erasures: [],
  haltedReleases: [],
  ...{ floods: [], clockHaltedUntilMs: undefined },
}
const failing = (status: number) => (response: ServerResponse) => void response.writeHead(status).end()

test('a fleet that began with an older version gets the rules that are new, and none that it deleted', async () => {
  const one = await world()
  await savePosition(one.sql, firstVault, 'first alert rules', '1767225600000')
  const kinds = async () => (await one.alerts.setUp.rules.all()).map(({ kind }) => kind).sort()
  await one.alerts.look()
  assert.deepEqual(await kinds(), ['clock_halted', 'commit_flood'])
  for (const { id } of await one.alerts.setUp.rules.all()) await one.alerts.setUp.rules.remove(id)
  await one.alerts.look()
  assert.deepEqual(await kinds(), [])
})

test('an alert is raised, signed, delivered, and its end as well', async () => {
  await using hook = await receiver()
  const one = await world()
  await addWebhook(one.alerts, hook.url)
  one.facts = damaged
  assert.deepEqual(
    (await one.alerts.look()).map(({ event }) => event),
    ['raised'],
  )
  assert.equal(await one.alerts.outbox.deliver(), 1)
  const [first] = hook.heard
  const [, seconds, v1] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(first?.headers['backstay-signature'])) ?? []
  assert.equal(v1, createHmac('sha256', key).update(`${seconds}.${first?.body}`).digest('hex'))
  const body = JSON.parse(first?.body ?? '')
  assert.equal(body.delivery, first?.headers['backstay-delivery'])
  assert.deepEqual(
    [body.events[0].event, body.events[0].kind, body.severity],
    ['raised', 'scrub_damage', 'critical'],
  )
  one.facts = { ...damaged, damagedObjects: 0 }
  await one.alerts.look()
  one.clockMs(11 * 60_000)
  assert.deepEqual(
    (await one.alerts.look()).map(({ event }) => event),
    ['recovered'],
  )
  await one.alerts.outbox.deliver()
  assert.equal(JSON.parse(hook.heard[1]?.body ?? '').events[0].event, 'recovered')
  assert.equal((await openAlerts(one.sql, fleet.id)).length, 0)
  assert.equal((await listAlerts(one.sql, fleet.id, { limit: 10 })).length, 1)
})

test('an alert that was raised before a crash is delivered after it, once, under the same number', async () => {
  await using hook = await receiver(failing(503))
  const one = await world()
  await addWebhook(one.alerts, hook.url)
  one.facts = damaged
  await one.alerts.look()
  assert.equal(await one.alerts.outbox.deliver(), 0)
  // Another process, the same catalog: what it knew is gone.
  const after = one.again()
  assert.deepEqual(await after.look(), [])
  assert.equal(await after.outbox.deliver(), 0, 'not before its time')
  one.clockMs(30_000)
  assert.equal(await after.outbox.deliver(), 1)
  assert.equal(await after.outbox.deliver(), 0)
  const numbers = hook.heard.map(({ headers }) => headers['backstay-delivery'])
  assert.equal(numbers.length, 2)
  assert.equal(numbers[0], numbers[1])
})

test('what nobody takes is tried ever more rarely, told in the channel, and given up after three days', async () => {
  const one = await world()
  const id = await addWebhook(one.alerts, 'http://127.0.0.1:1/')
  one.facts = damaged
  await one.alerts.look()
  let attempts = 0
  for (let hour = 0; hour < 80; hour++) {
    const before = one.logged().split('not delivered').length
    await one.alerts.outbox.deliver()
    attempts += one.logged().split('not delivered').length - before
    one.clockMs(3_600_000)
  }
  const news = await one.alerts.outbox.newsOf(id)
  assert.equal(news.lastFailure?.code, 'channel_failed')
  assert.equal(news.waiting, 0)
  assert.ok(attempts > 60 && attempts < 80, `${attempts}`)
  assert.match(one.logged(), /delivered to nobody/)
})

test('a redirect to a private address is not followed, and a private address is not asked', async () => {
  await using inner = await receiver()
  await using hook = await receiver(response => response.writeHead(307, { location: inner.url }).end())
  const one = await world()
  const refused = (what: RegExp) => (error: unknown) =>
    isFailure(error, 'channel_refused') && what.test(String(error))
  await assert.rejects(one.alerts.test(await addWebhook(one.alerts, hook.url)), refused(/redirect/))
  assert.equal(inner.heard.length, 0)
  const port = new URL(hook.url).port
  for (const host of [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '10.1.2.3',
    '192.168.0.9',
    '[fd12::1]',
    '[::ffff:127.0.0.1]',
    '0x7f000001',
    '2130706433',
  ]) {
    const url = `http://${host}:${port}/`
    await assert.rejects(
      post({ url, headers: {}, body: '', allowPrivate: false }),
      refused(/private|none/),
      host,
    )
  }
  for (const host of ['169.254.169.254', '0.0.0.0', '[fe80::1]', '[::]']) {
    const url = `http://${host}:${port}/`
    await assert.rejects(post({ url, headers: {}, body: '', allowPrivate: true }), refused(/none/), host)
  }
  assert.equal(hook.heard.length, 1)
})

test('a receiver that never answers is given up and holds up nobody', async () => {
  await using stuck = await receiver(() => undefined)
  const control = new AbortController()
  const sending = post({ url: stuck.url, headers: {}, body: 'x', allowPrivate: true, signal: control.signal })
  while (stuck.heard.length === 0) await new Promise(setImmediate)
  control.abort()
  await assert.rejects(sending, error => isFailure(error, 'channel_failed'))
})

test('each service gets its own form, and names from devices are text in all of them', async () => {
  await using hook = await receiver()
  const one = await world()
  const { channels } = one.alerts.setUp
  for (const kind of ['slack', 'teams', 'ntfy'] as const) {
    const id = channels.newId()
    await channels.write({ id, kind, name: kind, enabled: true, allowPrivate: true })
    await one.alerts.setUp.writeChannelSecret(id, {
      url: hook.url.replace('/hook', '/topic'),
      key: 'ntfy token of sixteen',
    })
  }
  const name = '<!channel> [x](http://evil)\r\nSubject: y'
  one.facts = {
    ...damaged,
    damagedObjects: 0,
    devices: [
      {
        ...{ device: 'aa'.repeat(16), name, groups: [], reasons: [] },
        state: 'unprotected',
        stateSinceMs: 0,
        lastContactMs: 9e15,
        ...{ platform: '', enrolledAtMs: 0, lastCompleteAtMs: undefined, storedBytes: 0, unread: 0 },
      },
    ],
  }
  await one.alerts.look()
  assert.equal(await one.alerts.outbox.deliver(), 3)
  const bodies = hook.heard.map(({ body }) => body)
  const slack = JSON.parse(bodies.find(body => 'text' in JSON.parse(body)) ?? '{}')
  assert.ok(slack.text.includes('&lt;!channel&gt;') && !slack.text.includes('<!channel>'))
  const teams = bodies.find(body => body.includes('AdaptiveCard')) ?? ''
  assert.ok(teams.includes('\\\\[x\\\\]'))
  const ntfy = hook.heard.find(({ url }) => url === '/')
  assert.deepEqual(
    [JSON.parse(ntfy?.body ?? '{}').topic, ntfy?.headers.authorization],
    ['topic', 'Bearer ntfy token of sixteen'],
  )
  assert.ok(!JSON.parse(ntfy?.body ?? '{}').title.includes('\n'))
})

test('mail goes over STARTTLS with a password, and a digest is proved by its signature', async () => {
  await using server = await keepMail({ tls })
  const one = await world()
  const { setUp } = one.alerts
  const mail = {
    host: 'localhost',
    port: server.port,
    security: 'starttls',
    user: 'backstay',
    from: 'backstay@example.org',
  } as const
  await setUp.changeSettings({ mail: { ...mail, password: 'mail password' } })
  const id = setUp.channels.newId()
  await setUp.channels.write({
    id,
    kind: 'email',
    name: 'IT',
    enabled: true,
    to: ['it@example.org'],
    allowPrivate: false,
  })
  await one.alerts.test(id)
  // A server that cannot prove its name is told nothing.
  const strict = await world(false)
  await strict.alerts.setUp.changeSettings({ mail: { ...mail, password: 'mail password' } })
  await strict.alerts.setUp.channels.write(await setUp.channels.one(id))
  await assert.rejects(strict.alerts.test(id), error => isFailure(error, 'channel_failed'))
  assert.equal(server.mails.length, 1)
  assert.deepEqual(server.mails[0] && { ...server.mails[0], text: '' }, {
    to: ['it@example.org'],
    text: '',
    secure: true,
    user: 'backstay',
  })
  await setUp.changeSettings({ mail: { ...mail, password: 'wrong' } })
  await assert.rejects(
    one.alerts.test(id),
    error => isFailure(error, 'channel_refused') && /user or password/.test(error.message),
  )
  // Its password is not carried to another server.
  await setUp.changeSettings({ mail: { ...mail, host: '127.0.0.1' } })
  assert.equal((await setUp.mailServer())?.password, undefined)
  assert.ok(!JSON.stringify(await setUp.settings()).includes('wrong'))
})

test('the digest of a day is signed to the letter', async () => {
  const told = { fleetName: 'Example', facts: damaged, open: [], checkpoint: 'backstay/test\n5\n' }
  const { text } = await digestMessage(p, sampleFleet.collector, told, Date.UTC(2026, 0, 1))
  const by = [sampleFleet.admin.publicKey, sampleFleet.collector.publicKey]
  const lines = await readDigest(p, text, by)
  assert.ok(lines?.includes('damaged objects: 3'))
  assert.deepEqual(
    await readDigest(p, `a list adds this\r\n${text.replaceAll('\n', '\r\n')}and that`, by),
    lines,
  )
  assert.equal(await readDigest(p, text.replace('damaged objects: 3', 'damaged objects: 0'), by), undefined)
  assert.equal(await readDigest(p, text, [sampleFleet.admin.publicKey]), undefined)
  for (const cut of ['', text.slice(0, -40), text.slice(40)])
    assert.equal(await readDigest(p, cut, by), undefined)
  const noon = new Date(2026, 0, 5, 12).getTime()
  assert.ok(digestDue(7, undefined, noon) && digestDue(7, noon - 86_400_000, noon))
  assert.ok(!digestDue(7, noon - 3_600_000, noon) && !digestDue(13, noon - 3_600_000, noon))
})

test('no secret of a channel is in a log line or in what the packs keep', async () => {
  await using hook = await receiver(failing(500))
  const one = await world()
  const id = await addWebhook(one.alerts, hook.url)
  one.facts = damaged
  await one.alerts.look()
  await one.alerts.outbox.deliver()
  await assert.rejects(one.alerts.test(await addWebhook(one.alerts, 'http://127.0.0.1:1/?token=hidden')))
  assert.doesNotMatch(one.logged(), /hidden|nobody may read/)
  assert.doesNotMatch(JSON.stringify(await one.alerts.setUp.channels.one(id)), /hidden|nobody may read/)
})

test('rules that were deleted do not come back at the next start', async () => {
  const one = await world()
  await one.alerts.look()
  const rules = await one.alerts.setUp.rules.all()
  assert.ok(rules.length > 10)
  for (const { id } of rules) await one.alerts.setUp.rules.remove(id)
  await one.again().look()
  assert.deepEqual(await one.alerts.setUp.rules.all(), [])
})
