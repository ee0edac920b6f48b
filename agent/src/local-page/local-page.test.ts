// Who may ask a page of this machine, and who may not: other pages, other names of this address, late comers.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type LocalPage, serveLocalPage } from './local-page.ts'
import { folderPages } from './own-pages.ts'

const top = mkdtempSync(join(tmpdir(), 'backstay-page-'))
const files = join(top, 'files')
const asked: string[] = []
let local: LocalPage
let word = ''

before(async () => {
  mkdirSync(join(files, 'assets'), { recursive: true })
  writeFileSync(join(files, 'index.html'), '<!doctype html><html><head></head></html>')
  writeFileSync(join(files, 'assets/app.js'), 'export {}')
  writeFileSync(join(top, 'outside.txt'), 'outside')
  local = await serveLocalPage({
    ...{ files: folderPages(files), port: 0, command: 'backstay-test', cookieName: 'backstay-test' },
    shape: page => page.replace('<head>', '<head><title>shaped</title>'),
    answer(path, { method }, response) {
      asked.push(`${method} ${path}`)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    },
  })
  word = new URL(local.url).hash.slice('#enter='.length)
})

after(async () => {
  await local[Symbol.asyncDispose]()
  rmSync(top, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

function ask(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET', body = ''): Promise<Answer> {
  const { hostname, port } = new URL(local.origin)
  return new Promise((resolve, reject) => {
    const going = request({ hostname, port, path, method, headers, agent: false }, async answer => {
      let text = ''
      for await (const part of answer.setEncoding('utf8')) text += part
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text })
    })
    going.on('error', reject)
    going.end(body)
  })
}

const enter = (origin = local.origin, given = word) => ask('/local/v1/enter', { origin }, 'POST', given)

describe('a page on this machine', () => {
  test('is given to anybody here, shaped as its command wants it, under the strict policy', async () => {
    const { status, headers, body } = await ask('/devices/abc')
    assert.equal(status, 200)
    assert.match(body, /<title>shaped<\/title>/)
    assert.match(String(headers['content-security-policy']), /default-src 'none'/)
    assert.equal(headers['cache-control'], 'no-store')
    assert.match(String((await ask('/assets/app.js')).headers['cache-control']), /immutable/)
  })

  test('gives no file from beside its own', async () => {
    for (const path of ['/../outside.txt', '/..%2foutside.txt', '/assets/%2e%2e/%2e%2e/outside.txt'])
      assert.doesNotMatch((await ask(path)).body, /^outside/)
    assert.equal((await ask('/assets/nothing.js')).status, 404)
  })

  test('answers nothing without the cookie', async () => {
    for (const path of ['/local/v1/state', '/api/v1/overview']) {
      assert.equal((await ask(path)).status, 401)
      assert.equal((await ask(path, { cookie: 'backstay-test=guess' })).status, 401)
    }
    assert.deepEqual(asked, [])
  })

  test('is entered with the word of the address, once, and by itself alone', async () => {
    assert.equal((await enter('https://evil.example')).status, 403)
    assert.equal((await enter(local.origin, 'guess')).status, 403)
    assert.equal((await enter(local.origin, 'x'.repeat(5000))).status, 413)
    const { status, headers } = await enter()
    assert.equal(status, 204)
    const [cookie = ''] = headers['set-cookie'] ?? []
    assert.match(cookie, /HttpOnly; SameSite=Strict; Path=\//)
    assert.equal((await enter()).status, 403)
    const own = { cookie: cookie.split(';')[0] }
    assert.equal((await ask('/local/v1/state', own)).status, 200)
    assert.deepEqual(asked, ['GET /local/v1/state'])

    // Under another name of this address, or from another page, the cookie is worth nothing.
    const { port } = new URL(local.origin)
    for (const host of ['evil.example', `localhost:${port}`])
      assert.equal((await ask('/local/v1/state', { ...own, host })).status, 421)
    const elsewhere = { ...own, 'sec-fetch-site': 'cross-site' }
    assert.equal((await ask('/local/v1/state', elsewhere)).status, 403)
    const evil = { ...own, origin: 'https://evil.example' }
    assert.equal((await ask('/local/v1/pause', evil, 'POST')).status, 403)
    assert.equal((await ask('/local/v1/pause', own, 'POST')).status, 403)
    assert.equal(asked.length, 1)
  })
})
