// What the page of an admin's machine gets when it has entered: the key file, and the way to the collector. Who may ask at all is
// tested where it is decided (agent/src/local-page/local-page.test.ts).
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { folderPages } from '@backstay/agent/local-page/own-pages'
import { serveLocalConsole } from './local-console.ts'

const keys = {
  fleet: 'ab'.repeat(32),
  chain: [Uint8Array.of(1)],
  keyFile: Uint8Array.of(2, 3),
  keyName: 'admin.key.age',
  urls: ['wss://c:1'],
}

test('the page that has entered gets the keys and reaches the collector; nobody else does', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'backstay-pages-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const pages = folderPages(folder)
  const passed: string[] = []
  const proxy = {
    pass: ((asked, response) => {
      passed.push(`${asked.method} ${asked.url}`)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    }) satisfies Parameters<typeof serveLocalConsole>[0]['proxy']['pass'],
    close: () => undefined,
  }
  await assert.rejects(serveLocalConsole({ pages, proxy, port: 0, keys }), { code: 'not_built' })
  writeFileSync(join(folder, 'index.html'), '<!doctype html><html><head></head></html>')
  await using local = await serveLocalConsole({ pages, proxy, port: 0, keys })
  const ask = (path: string, options: RequestInit = {}) => fetch(`${local.origin}${path}`, options)
  assert.match(await (await ask('/')).text(), /<meta name="backstay-console" content="local">/)
  assert.equal((await ask('/local/v1/keys')).status, 401)
  assert.equal((await ask('/api/v1/overview')).status, 401)
  const word = new URL(local.url).hash.slice('#enter='.length)
  const headers = { origin: local.origin }
  const entered = await ask('/local/v1/enter', { method: 'POST', headers, body: word })
  const [cookie = ''] = entered.headers.getSetCookie()
  const own = { headers: { cookie: cookie.split(';')[0] as string } }
  const given = (await (await ask('/local/v1/keys', own)).json()) as Record<string, unknown>
  assert.deepEqual(given, { ...keys, chain: ['AQ=='], keyFile: 'AgM=' })
  assert.equal((await ask('/api/v1/overview', own)).status, 200)
  assert.deepEqual(passed, ['GET /api/v1/overview'])
  assert.equal((await ask('/local/v1/else', own)).status, 404)
})
