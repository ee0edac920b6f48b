import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createPlain } from 'node:net'
import { test } from 'node:test'
import { environmentProxy, throughProxy } from './proxy.ts'

test('NO_PROXY names hosts, what is below them, ports, or everything', () => {
  const goes = (NO_PROXY: string, host: string, port = 443) =>
    environmentProxy({ HTTPS_PROXY: 'http://proxy:3128', NO_PROXY })({ host, port }) !== undefined
  assert.equal(goes('', 'backup.example.org'), true)
  assert.equal(goes('example.org', 'backup.example.org'), false)
  assert.equal(goes('.example.org', 'backup.Example.org'), false)
  assert.equal(goes('*.example.org', 'example.org'), false)
  assert.equal(goes('example.org', 'badexample.org'), true)
  assert.equal(goes('localhost, backup.example.org:7443', 'backup.example.org', 7443), false)
  assert.equal(goes('backup.example.org:7443', 'backup.example.org', 8443), true)
  assert.equal(goes('::1', '::1'), false)
  assert.equal(goes('*', 'anything'), false)
})

test('a variable that is no proxy is a clear error, and none is none', () => {
  assert.equal(environmentProxy({})({ host: 'a', port: 1 }), undefined)
  assert.equal(environmentProxy({ https_proxy: 'proxy:3128' })({ host: 'a', port: 1 })?.host, 'proxy:3128')
  for (const HTTPS_PROXY of ['socks5://proxy', 'http://', 'http://a b']) {
    assert.throws(() => environmentProxy({ HTTPS_PROXY })({ host: 'a', port: 1 }), { code: 'bad_proxy' })
  }
})

test('bytes go through a tunnel as they are, and the proxy is shown its password', async () => {
  await using far = createPlain(socket => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(far, 'listening')
  const asked: unknown[] = []
  await using proxy = createServer().listen(0, '127.0.0.1')
  proxy.on('connect', (request, socket) => {
    asked.push(request.url, request.headers['proxy-authorization'])
    const on = connect((far.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(on).pipe(socket)
    })
  })
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  const tunnel = await throughProxy(new URL(`http://ada:se%20cret@127.0.0.1:${port}`), {
    host: '::1',
    port: 7443,
  })
  tunnel.write('hello')
  assert.equal(String((await once(tunnel, 'data'))[0]), 'hello')
  assert.deepEqual(asked, ['[::1]:7443', `Basic ${Buffer.from('ada:se cret').toString('base64')}`])
  tunnel.destroy()
})

test('a proxy that refuses or is not there says so, and is worth another try', async () => {
  await using proxy = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
  proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Authenticate\r\n\r\n'))
  await once(proxy, 'listening')
  const url = new URL(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
  const refused = { code: 'unreachable', remedy: 'retry', message: /wants a name and a password/ }
  await assert.rejects(throughProxy(url, { host: 'a', port: 1 }), refused)
  await assert.rejects(throughProxy(new URL('http://127.0.0.1:1'), { host: 'a', port: 1 }), {
    code: 'unreachable',
  })
})
