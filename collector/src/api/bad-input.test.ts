// What strangers and their pages send: nothing of it is an answer 500, and nothing of it is done.
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { routes } from '@backstay/proto/rest/routes'
import fc from 'fast-check'
import { laptop } from '../testing/sample-vault.ts'
import { passwords } from './sign-in/passwords.ts'
import { peopled } from './testing/peopled.ts'
import { stage, stagePassword } from './testing/stage.ts'

const api = '/api/v1'

test('test 49, console-csrf: another site may ask for nothing, and change nothing', async () => {
  await using all = await peopled()
  const { owner } = all.as
  const intent = { kind: 'backup', device: laptop.id }
  const post = (headers: Record<string, string>) => owner.ask('POST', `${api}/intents`, intent, headers)
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://127.0.0.1' },
  ]) {
    const { status, body } = await post(headers)
    assert.deepEqual([status, body.code], [403, 'cross_site'], JSON.stringify(headers))
  }
  const form = await owner.ask('POST', `${api}/intents`, 'kind=backup', { 'content-type': 'text/plain' })
  assert.deepEqual([form.status, form.body.code], [415, 'wrong_media_type'])
  const read = await owner.ask('GET', `${api}/devices`, undefined, { 'sec-fetch-site': 'cross-site' })
  assert.equal(read.status, 403)
  // A cookie alone, without a word where it comes from, changes nothing either.
  const cookie = `__Host-backstay=${owner.cookies.get('__Host-backstay')}`
  const bare = await fetch(`${all.url}${api}/session`, { method: 'DELETE', headers: { cookie } })
  assert.equal(bare.status, 403)
  assert.equal((await owner.ask('GET', `${api}/intents`)).body.items.length, 0)
})

test('test 49, console-rebind: a name that suddenly leads here finds nobody', async () => {
  await using all = await stage()
  const asked = (host: string) =>
    new Promise<number>((resolve, reject) => {
      const { port } = new URL(all.url)
      const sent = request(
        { host: '127.0.0.1', port, path: `${api}/session/ways`, headers: { host } },
        answer => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        },
      )
      sent.once('error', reject).end()
    })
  for (const host of ['evil.example', 'evil.example:7443', '127.0.0.1.evil.example', '10.0.0.1', 'a@b']) {
    assert.ok([400, 421].includes(await asked(host)), host)
  }
  for (const host of ['backup.example.org', 'BACKUP.example.org:8443', 'localhost:1', '127.0.0.1']) {
    assert.equal(await asked(host), 200, host)
  }
})

test('headers are strict on every kind of answer', async () => {
  await using all = await stage()
  for (const path of [
    '/',
    '/devices',
    '/assets/none.js',
    '/healthz',
    `${api}/devices`,
    `${api}/nothing`,
    '/metrics',
  ]) {
    const { headers } = await all.browser().ask('GET', path)
    const policy = headers.get('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; /, path)
    assert.match(policy, /require-trusted-types-for 'script'$/)
    assert.doesNotMatch(policy, /unsafe|blob:|\*|wasm/)
    assert.deepEqual(
      [
        'cross-origin-opener-policy',
        'cross-origin-resource-policy',
        'x-content-type-options',
        'referrer-policy',
        'x-powered-by',
      ].map(name => headers.get(name)),
      ['same-origin', 'same-origin', 'nosniff', 'no-referrer', null],
      path,
    )
    assert.match(headers.get('strict-transport-security') ?? '', /^max-age=\d{8}$/)
    assert.equal(headers.get('access-control-allow-origin'), null)
  }
})

test('the cookie is for this host, over TLS, for no script and no other site', async () => {
  await using all = await stage()
  await all.person('bert', ['viewer'])
  const body = { account: 'bert', password: stagePassword }
  const { headers } = await all.browser().ask('POST', `${api}/session/password`, body)
  const [cookie = ''] = headers.getSetCookie()
  assert.match(
    cookie,
    /^__Host-backstay=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200$/,
  )
})

test('fields of 10 MB, JSON that is none and wrong types are told apart, and nothing comes back of them', async () => {
  await using all = await stage()
  const page = all.browser()
  const path = `${api}/session/password`
  const large = await page.ask('POST', path, { account: 'a', password: 'x'.repeat(10_000_000) })
  assert.deepEqual([large.status, large.body.code], [413, 'body_too_large'])
  const broken = await page.ask('POST', path, '{"account": <script>alert(1)</script>')
  assert.deepEqual(
    [broken.status, broken.body.code, broken.text.includes('script')],
    [400, 'bad_json', false],
  )
  const wrong = await page.ask('POST', path, { account: ['<b>'], password: 7 })
  assert.deepEqual([wrong.status, wrong.body.code], [400, 'bad_request'])
  assert.match(wrong.body.detail, /^body\.account: .*; body\.password: /)
  assert.equal(wrong.text.includes('<b>'), false)
  assert.match(wrong.headers.get('content-type') ?? '', /^application\/problem\+json/)
  const long = await page.ask('POST', path, { account: 'a', password: 'é'.repeat(1000) })
  assert.equal(long.body.code, 'sign_in_failed', '2,000 bytes are no password of anybody')
  for (const [method, way, status] of [
    ['GET', '/nothing', 404],
    ['DELETE', '/devices', 405],
    ['GET', '/devices/..%2f..%2fetc', 401],
    ['GET', '/%', 404],
  ] as const) {
    assert.equal((await page.ask(method, api + way)).status, status, way)
  }
})

test('test 50, enumeration: guessing who is here: the answers are the same to the byte', async () => {
  await using all = await stage()
  await all.person('anna', ['owner'])
  await all.person('bert', ['viewer'])
  const page = all.browser()
  const answers = new Set<string>()
  for (const account of ['anna', 'bert', 'nobody', 'ANNA', "x' or 1=1 --"]) {
    const { status, body, headers } = await page.ask('POST', `${api}/session/password`, {
      account: account.replaceAll(' ', ''),
      password: 'wrong',
    })
    answers.add(JSON.stringify([status, body, [...headers.keys()].filter(name => name !== 'date')]))
  }
  assert.equal(answers.size, 1)
})

test('test 50, enumeration: an unknown account costs the same work as a known one', async () => {
  // As the product has it: other tests take less.
  const { hash, matches } = passwords()
  const known = await hash(stagePassword)
  assert.match(known, /^\$argon2id\$v=19\$m=65536,t=3,p=1\$/)
  const timeOf = async (one: string | undefined) => {
    const begun = process.cpuUsage()
    await matches('wrong', one)
    const { user, system } = process.cpuUsage(begun)
    return user + system
  }
  // CPU time of single hashes, whose ranges must overlap: a noisy machine only widens them.
  const ranges: number[][] = [[], []]
  for (let round = 0; round < 3; round++) {
    ranges[0]?.push(await timeOf(known))
    ranges[1]?.push(await timeOf(undefined))
  }
  const [one = [], two = []] = ranges
  assert.ok(Math.min(...one) <= 2 * Math.max(...two) && Math.min(...two) <= 2 * Math.max(...one))
  assert.ok(Math.min(...two) > 20_000, 'nobody is hashed as well')
})

test('whatever is sent to whichever route, nothing answers 500', async () => {
  await using all = await peopled()
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const words = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      '__proto__',
      '-1',
      '1e99',
      'NaN',
      '\u0000',
      '%00',
      laptop.id,
      'constructor',
      '<img src=x>',
      '../..',
    ),
  )
  const value = fc.oneof(words, fc.jsonValue({ maxDepth: 2 }), fc.integer(), fc.constant(null))
  const wish = fc.record({
    route: fc.constantFrom(...routes.filter(({ path }) => !/^\/session$|^\/events/.test(path))),
    params: fc.array(words, { minLength: 3, maxLength: 3 }),
    query: fc.dictionary(
      fc.constantFrom('limit', 'cursor', 'q', 'state', 'sort', 'kind', 'device', 'before', 'group'),
      words,
      {
        noNullPrototype: true,
      },
    ),
    body: fc.dictionary(
      fc.constantFrom(
        'envelope',
        'account',
        'password',
        'credential',
        'code',
        'name',
        'roles',
        'groups',
        'device',
        'kind',
        'policy',
        'challenge',
        'key',
        'signature',
        'method',
        '__proto__',
      ),
      value,
      { noNullPrototype: true },
    ),
  })
  await fc.assert(
    fc.asyncProperty(wish, async ({ route, params, query, body }) => {
      await all.world.clock.advance(1_000)
      let at = 0
      const path = route.path.replace(/\{\w+\}/g, () =>
        encodeURIComponent(params[at++]?.toWellFormed() ?? ''),
      )
      const text = new URLSearchParams(
        Object.entries(query).map(([name, one]) => [name, one.toWellFormed()]),
      ).toString()
      const has = route.method === 'POST' || route.method === 'PATCH'
      const { status, headers } = await all.as.owner.ask(
        route.method,
        `${api}${path}?${text}`,
        has ? body : undefined,
      )
      assert.ok(
        status < 500 || status === 501,
        `${route.method} ${path}?${text} ${JSON.stringify(body)}: ${status}`,
      )
      if (status >= 400) assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
    }),
    { seed, numRuns: 300 },
  )
})
