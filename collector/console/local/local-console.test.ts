// Who may ask the console of an admin's machine, and who may not: other pages, other names of this address, late comers.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { LocalPage } from '@backstay/agent/local-page/local-page'
import type { CollectorProxy } from './collector-proxy.ts'
import { serveLocalConsole } from './local-console.ts'

const pages = mkdtempSync(join(tmpdir(), 'backstay-pages-'))
const passed: string[] = []
const proxy: CollectorProxy = {
  pass(asked: IncomingMessage, response) {
    passed.push(`${asked.method} ${asked.url}`)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  },
  close: () => undefined,
}
const keys = {
  fleet: 'ab'.repeat(32),
  chain: [Uint8Array.of(1)],
  keyFile: Uint8Array.of(2, 3),
  keyName: 'admin.key.age',
  urls: ['wss://c:1'],
}
let local: LocalPage
let word = ''

before(async () => {
  mkdirSync(join(pages, 'assets'))
  writeFileSync(join(pages, 'index.html'), '<!doctype html><html><head></head></html>')
  writeFileSync(join(pages, 'assets/app.js'), 'export {}')
  writeFileSync(join(pages, '..', 'backstay-outside.txt'), 'outside')
  local = await serveLocalConsole({ pages, proxy, port: 0, keys })
  word = new URL(local.url).hash.slice('#enter='.length)
})

after(async () => {
  await local[Symbol.asyncDispose]()
  rmSync(pages, { recursive: true })
  rmSync(join(pages, '..', 'backstay-outside.txt'), { force: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

function ask(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET', body = ''): Promise<Answer> {
  const { hostname, port } = new URL(local.origin)
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers, agent: false }, async answer => {
      let text = ''
      for await (const part of answer.setEncoding('utf8')) text += part
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const enter = (origin = local.origin, given = word) => ask('/local/v1/enter', { origin }, 'POST', given)

describe('the console on this machine', () => {
  test('gives the page to anybody here, marked as its own, under the strict policy', async () => {
    const { status, headers, body } = await ask('/devices/abc')
    assert.equal(status, 200)
    assert.match(body, /<meta name="backstay-console" content="local">/)
    assert.match(String(headers['content-security-policy']), /default-src 'none'/)
    assert.equal(headers['cache-control'], 'no-store')
    assert.match(String((await ask('/assets/app.js')).headers['cache-control']), /immutable/)
  })

  test('gives no file from beside the page', async () => {
    for (const path of [
      '/../backstay-outside.txt',
      '/..%2fbackstay-outside.txt',
      '/assets/%2e%2e/%2e%2e/backstay-outside.txt',
    ])
      assert.doesNotMatch((await ask(path)).body, /^outside/)
    assert.equal((await ask('/assets/nothing.js')).status, 404)
  })

  test('gives neither keys nor the collector without the cookie', async () => {
    for (const path of ['/local/v1/keys', '/api/v1/overview']) {
      assert.equal((await ask(path)).status, 401)
      assert.equal((await ask(path, { cookie: 'backstay-console=guess' })).status, 401)
    }
    assert.deepEqual(passed, [])
  })

  test('is entered with the word of the address, once, and by its own page alone', async () => {
    assert.equal((await enter('https://evil.example')).status, 403)
    assert.equal((await enter(local.origin, 'guess')).status, 403)
    assert.equal((await enter(local.origin, 'x'.repeat(5000))).status, 413)
    const { status, headers } = await enter()
    assert.equal(status, 204)
    const [cookie = ''] = headers['set-cookie'] ?? []
    assert.match(cookie, /HttpOnly; SameSite=Strict; Path=\//)
    assert.equal((await enter()).status, 403)
    const own = { cookie: cookie.split(';')[0] }
    const given = JSON.parse((await ask('/local/v1/keys', own)).body) as typeof keys
    assert.deepEqual({ ...given, chain: [], keyFile: [] }, { ...keys, chain: [], keyFile: [] })
    assert.equal((await ask('/api/v1/overview', own)).status, 200)
    assert.deepEqual(passed, ['GET /api/v1/overview'])

    // Under another name of this address, or from another page, the cookie is worth nothing.
    assert.equal((await ask('/local/v1/keys', { ...own, host: 'evil.example' })).status, 421)
    assert.equal(
      (await ask('/local/v1/keys', { ...own, host: `localhost:${new URL(local.origin).port}` })).status,
      421,
    )
    assert.equal((await ask('/local/v1/keys', { ...own, 'sec-fetch-site': 'cross-site' })).status, 403)
    assert.equal(
      (await ask('/api/v1/records', { ...own, origin: 'https://evil.example' }, 'POST')).status,
      403,
    )
    assert.equal((await ask('/api/v1/records', own, 'POST')).status, 403)
    assert.equal(passed.length, 1)
  })
})
