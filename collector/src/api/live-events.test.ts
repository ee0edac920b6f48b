import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveEvent } from '@backstay/proto/rest/overview'
import { laptop } from '../testing/sample-vault.ts'
import { type Peopled, peopled, salesId } from './testing/peopled.ts'

test('a page hears of a device that went, and takes up where it lost its line', async () => {
  await using all = await peopled()
  await using first = await follow(all)
  const { id } = await first.next()
  await all.leave()
  await all.view.catchUp()
  const heard = await first.next()
  assert.deepEqual([heard.event?.type, (heard.event as { online?: boolean }).online], ['device', false])
  await using again = await follow(all, id)
  assert.equal((await again.next()).event, undefined, 'where it is now comes first')
  assert.deepEqual((await again.next()).event, heard.event)
})

test('an id of another run or of long ago is told to ask for everything again', async () => {
  await using all = await peopled()
  for (const id of ['1.1', '99999999999999.5', 'x', '0']) {
    await using stream = await follow(all, id)
    await stream.next()
    assert.equal((await stream.next()).event?.type, 'reset', id)
  }
})

test('progress and reports of jobs are told', async () => {
  await using all = await peopled()
  await using stream = await follow(all)
  await stream.next()
  const job = new Uint8Array(16).fill(3)
  all.world.fleet.jobs.tell(laptop.id, { kind: 'jobProgress', job, entries: 4, bytes: 5, heardAtMs: 0 })
  const { event } = await stream.next()
  assert.deepEqual(event, {
    ...{ type: 'job', device: laptop.id, job: '03'.repeat(16), state: 'running', entries: 4, bytes: 5 },
    atMs: all.world.clock.now(),
  })
})

test('a wish is told to whoever sees its device, orders to everybody, and what is about the fleet to who sees it', async () => {
  await using all = await peopled()
  const scoped = await (await all.person('scoped', ['viewer'], { groups: ['77'.repeat(16)] })).signIn()
  await using stream = await follow(all)
  await using blind = await follow(all, undefined, scoped)
  await stream.next()
  await blind.next()
  const wish = { kind: 'backup', device: laptop.id }
  const { body } = await all.as.helpdesk.ask('POST', '/api/v1/intents', wish)
  await all.as.restore.ask('POST', `/api/v1/intents/${body.id}/decline`, {})
  const told = async () => {
    const { event } = await stream.next()
    return event?.type === 'intent' ? [event.intent, event.device, event.state] : event?.type
  }
  assert.deepEqual(
    [await told(), await told()],
    [
      [body.id, laptop.id, 'open'],
      [body.id, laptop.id, 'declined'],
    ],
  )
  const atMs = all.world.clock.now()
  all.api.events.tell({ type: 'activity', atMs }, 'fleet')
  all.world.fleet.news.tell({ kind: 'fleet' })
  assert.deepEqual([await told(), await told()], ['activity', 'orders'])
  assert.equal((await blind.next()).event?.type, 'orders', 'the first that he hears')
})

test('one person follows with eight pages and no more', async () => {
  await using all = await peopled()
  await using streams = new AsyncDisposableStack()
  for (let count = 0; count < 8; count++) {
    const stream = streams.use(await follow(all))
    await stream.next()
  }
  const ninth = await all.as.viewer.ask('GET', '/api/v1/events')
  assert.deepEqual([ninth.status, ninth.body.code], [429, 'too_many_streams'])
})

// A page that was opened before its person signed out, or was narrowed to one group, heard of all devices until it was closed.
test('a stream ends with its session, however that ends, at the next heartbeat', async () => {
  await using all = await peopled()
  const isOver = async (stream: Awaited<ReturnType<typeof follow>>) => {
    await all.world.clock.advance(15_000)
    await assert.rejects(async () => {
      for (;;) await stream.next()
    }, /the stream ended/)
  }
  const left = await (await all.person('left', ['viewer'])).signIn()
  await using first = await follow(all, undefined, left)
  await first.next()
  await left.ask('DELETE', '/api/v1/session')
  await isOver(first)

  const narrowed = await all.person('narrowed', ['viewer'])
  await using second = await follow(all, undefined, await narrowed.signIn())
  await second.next()
  const up = { method: 'password', password: 'correct horse battery staple' }
  await all.as.owner.ask('POST', '/api/v1/session/step-up', up)
  const changed = await all.as.owner.ask('PATCH', `/api/v1/people/${narrowed.id}`, { groups: [salesId] })
  assert.equal(changed.status, 200)
  await isOver(second)

  const silent = await (await all.person('silent', ['viewer'])).signIn()
  await using third = await follow(all, undefined, silent)
  await third.next()
  await all.world.clock.advance(30 * 60_000)
  await isOver(third)
})

interface Heard {
  readonly id: string
  readonly event: LiveEvent | undefined
}

async function follow(
  all: Peopled,
  lastId?: string,
  who = all.as.viewer,
): Promise<AsyncDisposable & { next(): Promise<Heard> }> {
  const end = new AbortController()
  const cookie = `__Host-backstay=${who.cookies.get('__Host-backstay')}`
  const headers = { cookie, ...(lastId !== undefined && { 'last-event-id': lastId }) }
  const response = await fetch(`${all.url}/api/v1/events`, { headers, signal: end.signal })
  assert.equal(response.status, 200)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  return {
    async next() {
      while (!text.includes('\n\n')) {
        const { value, done } = await reader.read()
        if (done) throw new Error('the stream ended')
        text += new TextDecoder().decode(value)
      }
      const at = text.indexOf('\n\n')
      const lines = text.slice(0, at).split('\n')
      text = text.slice(at + 2)
      const field = (name: string) => lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2)
      const data = field('data')
      return {
        id: field('id') ?? '',
        event: data === undefined ? undefined : (JSON.parse(data) as LiveEvent),
      }
    },
    async [Symbol.asyncDispose]() {
      end.abort()
      await reader.cancel().catch(() => undefined)
    },
  }
}
