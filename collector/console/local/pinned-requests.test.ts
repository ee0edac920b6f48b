// Requests over kept connections, to a real TLS server that lets go of them at the worst moment.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { Bytes } from '@backstay/proto/bytes'
import { spkiPinOf } from '../../src/link/listener.ts'
import { selfSigned } from '../../src/link/self-signed.ts'
import { type PinnedRequest, pinnedRequests, placeOf } from './pinned-requests.ts'

/** A server that answers the first request of each connection, and cuts it at the second. */
async function forgetfulServer(pinOf = (right: Bytes) => right) {
  const seen: string[] = []
  const served = new WeakSet()
  const tls = selfSigned(Date.now())
  const server = createServer(
    { key: tls.key, cert: tls.certificate },
    (request: IncomingMessage, response: ServerResponse) => {
      seen.push(`${request.method} ${request.url}`)
      if (served.has(request.socket)) return void request.socket.destroy()
      served.add(request.socket)
      response.end(`answer to ${request.url}`)
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = new URL(`wss://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const requests = pinnedRequests([pinOf(spkiPinOf(tls))])
  const ask = async (path: string, more: Partial<PinnedRequest> = {}) => {
    const { signal } = new AbortController()
    return text(await requests.ask(target, { method: 'GET', path, headers: {}, signal, ...more }))
  }
  return {
    ...{ seen, ask },
    async [Symbol.asyncDispose]() {
      requests.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('what only reads is asked again when a kept connection turns out to be closed', async () => {
  await using server = await forgetfulServer()
  // Three connections are open at once, and kept.
  await Promise.all(['/a', '/b', '/c'].map(path => server.ask(path)))
  assert.equal(await server.ask('/d'), 'answer to /d')
  assert.deepEqual(server.seen.slice(3), ['GET /d', 'GET /d', 'GET /d', 'GET /d'])
})

test('what may have changed something is never sent twice', async () => {
  await using server = await forgetfulServer()
  await server.ask('/a')
  await assert.rejects(server.ask('/b', { method: 'POST', body: Uint8Array.of(1) }), { code: 'ECONNRESET' })
  assert.deepEqual(server.seen, ['GET /a', 'POST /b'])
})

test('who ends a request gets no answer of another connection', async () => {
  await using server = await forgetfulServer()
  await server.ask('/a')
  await assert.rejects(server.ask('/b', { signal: AbortSignal.abort() }), { name: 'AbortError' })
  assert.deepEqual(server.seen, ['GET /a'])
})

test('a collector with another key is told nothing', async () => {
  await using server = await forgetfulServer(() => new Uint8Array(32))
  await assert.rejects(server.ask('/a'), { code: 'wrong_pin' })
  assert.deepEqual(server.seen, [])
})

test('a collector is reached by name, by number, by number of IPv6, and at 443 when nothing else is said', () => {
  const place = (url: string) => placeOf(new URL(url))
  assert.deepEqual(place('wss://backup.example.org:7443'), { host: 'backup.example.org', port: 7443 })
  assert.deepEqual(place('wss://backup.example.org'), { host: 'backup.example.org', port: 443 })
  assert.deepEqual(place('wss://[::1]:8443'), { host: '::1', port: 8443 })
  assert.deepEqual(place('wss://192.0.2.1'), { host: '192.0.2.1', port: 443 })
})
