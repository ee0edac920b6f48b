// Both ends of the link over real sockets on the loopback address.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp, createServer as createTcpServer } from 'node:net'
import { after, test } from 'node:test'
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { requirePin } from '@backstay/agent/link/pinned-tls'
import { wsTransport } from '@backstay/agent/link/ws-transport'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { systemClock } from '@backstay/proto/system-clock'
import { linkPath, objectFrameBytesMax, strangerBytesMax } from '@backstay/proto/wire/limits'
import type { Connection } from '@backstay/proto/wire/transport'
import { transportConformance } from '@backstay/proto/wire/transport.conformance'
import { WebSocket } from 'ws'
import { type ListenerOptions, listen, spkiPinOf } from './listener.ts'
import { selfSigned } from './self-signed.ts'

const tls = selfSigned(Date.now())
const pins = [spkiPinOf(tls)]
const local = { host: '127.0.0.1', port: 0, tls, clock: systemClock }

async function opened(changes: Partial<ListenerOptions> = {}) {
  const waiting: ((connection: Connection) => void)[] = []
  const listener = await listen({ ...local, ...changes }, connection => waiting.shift()?.(connection))
  const url = `wss://127.0.0.1:${listener.port}`
  const next = () => new Promise<Connection>(resolve => waiting.push(resolve))
  return { url, next, port: listener.port, [Symbol.asyncDispose]: () => listener.close() }
}

const shared = await opened()
after(() => shared[Symbol.asyncDispose]())

/** A TCP relay that can be cut. */
async function relayTo(port: number) {
  const sockets = new Set<{ destroy(): void; pause(): void }>()
  const server = createTcpServer(client => {
    const upstream = connectTcp(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.pipe(upstream)
    upstream.pipe(client)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    port: address.port,
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      this.cut()
      server.close()
    },
  }
}

transportConformance('ws', async () => {
  const relay = await relayTo(shared.port)
  const accepted = shared.next()
  const client = await wsTransport({ clock: systemClock }).connect(`wss://127.0.0.1:${relay.port}`, pins)
  return {
    client,
    server: await accepted,
    cut: () => relay.cut(),
    async [Symbol.asyncDispose]() {
      client.close()
      await relay[Symbol.asyncDispose]()
    },
  }
})

test('an impostor with another TLS key receives no byte from us', async () => {
  const impostor = createTlsServer({ ...selfSignedServer(), minVersion: 'TLSv1.3' })
  let received = 0
  impostor.on('secureConnection', socket => {
    socket.on('error', () => undefined)
    socket.on('data', chunk => {
      received += chunk.length
    })
  })
  await once(impostor.listen(0, '127.0.0.1'), 'listening')
  const { port } = impostor.address() as { port: number }
  impostor.on('tlsClientError', () => undefined)
  const gone = once(impostor, 'connection').then(([socket]) => once(socket, 'close'))
  await assert.rejects(wsTransport({ clock: systemClock }).connect(`wss://127.0.0.1:${port}`, pins), {
    code: 'wrong_pin',
    remedy: 'stop',
  })
  await gone
  impostor.close()
  assert.equal(received, 0)
})

test('a resumed session proves no key and is refused; our server resumes none', async () => {
  // A server that resumes, and a client that does what ours never does: it offers an old session.
  const server = createTlsServer({ key: tls.key, cert: tls.certificate, minVersion: 'TLSv1.3' }, socket => {
    socket.on('error', () => undefined)
    socket.end('x')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  const session = await sessionOf(port)
  assert.ok(session, 'the server gave a session')
  const resumed = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, session })
  await once(resumed, 'secureConnect')
  assert.ok(resumed.isSessionReused())
  assert.throws(() => requirePin(resumed, pins), { code: 'wrong_pin' })
  resumed.destroy()
  server.close()

  const ours = await sessionOf(shared.port)
  const again = connectTls({
    port: shared.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ...(ours ? { session: ours } : {}),
  })
  await once(again, 'secureConnect')
  assert.ok(!again.isSessionReused())
  requirePin(again, pins)
  again.destroy()
})

test('below TLS 1.3 nothing is spoken', async () => {
  const old = connectTls({
    port: shared.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2',
  })
  await assert.rejects(once(old, 'secureConnect'))
})

test('what cannot be reached is named with its reason', async () => {
  const transport = wsTransport({ clock: systemClock })
  const closed = createTcpServer()
  await once(closed.listen(0, '127.0.0.1'), 'listening')
  const { port } = closed.address() as { port: number }
  closed.close()
  await once(closed, 'close')
  const url = `wss://127.0.0.1:${port}`
  await assert.rejects(transport.connect(url, pins), {
    code: 'unreachable',
    remedy: 'retry',
    message: `cannot reach the collector at ${url}: nothing listens there`,
  })
  for (const bad of ['ws://127.0.0.1:1', 'https://x', 'collector:7443', '']) {
    await assert.rejects(transport.connect(bad, pins), { code: 'bad_url' })
  }
})

test('connecting ends when the signal says so', async () => {
  // Takes the connection and never says a word.
  const mute = createTcpServer(() => undefined)
  await once(mute.listen(0, '127.0.0.1'), 'listening')
  const { port } = mute.address() as { port: number }
  const stop = new AbortController()
  const connecting = wsTransport({ clock: systemClock }).connect(`wss://127.0.0.1:${port}`, pins, stop.signal)
  setImmediate(() => stop.abort(new Error('enough')))
  await assert.rejects(connecting, /enough/)
  mute.close()
})

test('a second listener on one port says so', async () => {
  await assert.rejects(
    listen({ ...local, port: shared.port }, () => undefined),
    { code: 'port_in_use' },
  )
})

test('what was said before the end still arrives when the listener closes right behind', async () => {
  const world = await opened()
  const accepted = world.next()
  const client = await wsTransport({ clock: systemClock }).connect(world.url, pins)
  client.allow(objectFrameBytesMax)
  const server = await accepted
  void server.send([new Uint8Array([1]), new Uint8Array(3_000_000)])
  server.close()
  const closed = world[Symbol.asyncDispose]()
  const frames = await Array.fromAsync(client.receive())
  assert.deepEqual(
    frames.map(frame => frame.map(part => part.length)),
    [[1, 3_000_000]],
  )
  await closed
})

test('a web page and any other path are refused', async () => {
  const open = (path: string, headers: Record<string, string>) =>
    new Promise<string>(resolve => {
      const socket = new WebSocket(`wss://127.0.0.1:${shared.port}${path}`, {
        rejectUnauthorized: false,
        headers,
      })
      socket.on('error', error => resolve(error.message))
      socket.on('open', () => resolve('open'))
    })
  assert.match(await open(linkPath, { origin: 'https://evil.example' }), /403/)
  assert.match(await open('/other', {}), /404/)
})

test('too many strangers are dropped before TLS, and admitted ones do not count', async () => {
  await using small = await opened({ strangersMax: 1 })
  const transport = wsTransport({ clock: systemClock })
  const accepted = small.next()
  const first = await transport.connect(small.url, pins)
  await assert.rejects(transport.connect(small.url, pins), { code: 'unreachable' })
  ;(await accepted).allow(1000)
  const second = await transport.connect(small.url, pins)
  first.close()
  second.close()
})

/** A client that breaks rules: it speaks WebSocket by itself over TLS. */
async function rude(port: number): Promise<{ socket: TLSSocket; send(...bytes: number[][]): boolean }> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  socket.on('error', () => undefined)
  socket.write(
    [
      `GET ${linkPath} HTTP/1.1`,
      'Host: x',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Extensions: permessage-deflate',
      '\r\n',
    ].join('\r\n'),
  )
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1.1 101/)
  assert.doesNotMatch(String(answer), /deflate/i, 'the offer of compression is declined')
  return { socket, send: (...bytes) => socket.write(Buffer.concat(bytes.map(part => Buffer.from(part)))) }
}

const mask = [0, 0, 0, 0]

async function endOf(connection: Connection): Promise<string> {
  try {
    for await (const _ of connection.receive());
    return 'closed'
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('test 13, ws-flood: it is cut at its limit: one large frame, many bytes before admission', async () => {
  const cases: readonly (readonly [string, (send: (...bytes: number[][]) => boolean) => void])[] = [
    // A length of 100 MiB announced.
    ['frame_too_large', send => send([0x82, 0xff, 0, 0, 0, 0, 0x06, 0x40, 0, 0], mask)],
    // 100,000 bytes in one frame of a stranger, of which the limit is 64 KiB.
    [
      'frame_too_large',
      send => send([0x82, 0xff, 0, 0, 0, 0, 0, 0x01, 0x86, 0xa0], mask, new Array(100_000).fill(1)),
    ],
    // Small frames without end.
    [
      'frame_too_large',
      send => {
        for (let sent = 0; sent <= strangerBytesMax; sent += 1024) {
          send([0x82, 0xfe, 0x03, 0xf8], mask, new Array(1016).fill(1))
        }
      },
    ],
  ]
  for (const [code, attack] of cases) {
    const accepted = shared.next()
    const { socket, send } = await rude(shared.port)
    const ended = endOf(await accepted)
    attack(send)
    assert.equal(await ended, code)
    if (!socket.closed) await once(socket, 'close')
  }
})

test('test 13, ws-flood: fragments of one byte, compressed frames, unmasked frames and text are cut', async () => {
  const attacks: readonly ((send: (...bytes: number[][]) => boolean) => void)[] = [
    send => {
      send([0x02, 0x81], mask, [1])
      for (let i = 0; i < 1000; i++) send([0x00, 0x81], mask, [1])
    },
    send => send([0xc2, 0x81], mask, [1]),
    send => send([0x82, 0x01], [1]),
    send => send([0x81, 0x81], mask, [0x41]),
  ]
  for (const attack of attacks) {
    const accepted = shared.next()
    const { socket, send } = await rude(shared.port)
    const server = await accepted
    server.allow(objectFrameBytesMax)
    const ended = endOf(server)
    attack(send)
    assert.equal(await ended, 'link_cut')
    if (!socket.closed) await once(socket, 'close')
  }
})

test('test 13, ws-flood: a link without pong ends, and one that is alive does not', async () => {
  const clock = simulatedClock()
  await using small = await opened({ clock, pingMs: 20, silenceMs: 60 })
  let accepted = small.next()
  const alive = await wsTransport({ clock: simulatedClock() }).connect(small.url, pins)
  const answering = await accepted
  accepted = small.next()
  // A client that reads and never answers a ping.
  const { socket } = await rude(small.port)
  const silent = endOf(await accepted)
  const pinged = once(socket, 'data')
  await clock.advance(20)
  assert.equal((await pinged)[0][0], 0x89)
  for (let i = 0; i < 20; i++) {
    // Long enough in real time for a pong to come back over the loopback.
    await new Promise(resolve => setTimeout(resolve, 2))
    await clock.advance(10)
  }
  assert.equal(await silent, 'link_cut')
  await answering.send([new Uint8Array(1)])
  alive.close()
})

function selfSignedServer() {
  const { key, certificate } = selfSigned(Date.now())
  return { key, cert: certificate }
}

async function sessionOf(port: number): Promise<Buffer | undefined> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, minVersion: 'TLSv1.3' })
  const sessions: Buffer[] = []
  socket.on('session', session => sessions.push(session))
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  return sessions.at(-1)
}
