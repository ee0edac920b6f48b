// The page of the collector from outside: its people and tokens by the kit, its addresses, and who is refused there.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { get, request } from 'node:https'
import { test } from 'node:test'
import { selfSigned } from '@backstay/collector/link/self-signed'
import { apiPath, routes } from '@backstay/proto/rest/routes'
import { makeFleet, need } from './fleet.ts'
import { jsonOf, start } from './processes.ts'

interface Answer {
  readonly status: number
  readonly text: string
}

test('an owner lets people and programs in by the kit; an admin key alone may not', async t => {
  await using fleet = await makeFleet()
  const kit = ['--kit', fleet.path('admin', 'recovery-kit.html')]
  const { address } = fleet.collector

  await t.test('an admin key says who it is and is refused', async () => {
    const { code, err } = await fleet.admin('people')
    assert.equal(code, 1)
    assert.match(err, /your roles do not allow this\nhint: .*--kit FILE/)
  })
  await t.test('the kit lets somebody in, changes him and puts him out', async () => {
    const added = jsonOf<{ firstPassword: string }>(
      need(await fleet.admin('people', 'add', 'Bert@example.org', '--role', 'viewer', ...kit, '--json')),
    )
    assert.match(added.firstPassword, /^[\w-]{43}$/)
    const twice = await fleet.admin('people', 'add', 'bert@example.org', '--role', 'viewer', ...kit)
    assert.match(twice.err, /somebody has this account already/)
    const changed = need(
      await fleet.admin('people', 'change', 'bert@example.org', '--role', 'policy', ...kit),
    )
    assert.match(changed.out, /bert@example\.org: policy, sees the whole fleet/)
    assert.match(
      need(await fleet.admin('people', ...kit)).out,
      /bert@example\.org +Bert@example\.org +policy +all +password +never/,
    )
    need(await fleet.admin('people', 'remove', 'bert@example.org', ...kit))
    assert.match(need(await fleet.admin('people', ...kit)).out, /nobody yet/)
    assert.match((await fleet.admin('people', 'change', 'nobody', ...kit)).err, /nobody is called "nobody"/)
  })
  await t.test('a group of devices goes by its name', async () => {
    need(await fleet.admin('policy', 'groups', 'add', 'Berlin'))
    const words = ['people', 'add', 'ada', '--role', 'viewer', '--group', 'Berlin'] as const
    assert.match(need(await fleet.admin(...words, ...kit)).err, /first password/)
    need(await fleet.admin('people', 'remove', 'ada', ...kit))
  })
  await t.test('a program asks with its token until it is ended', async () => {
    const made = jsonOf<{ token: string; item: { id: string } }>(
      need(await fleet.admin('api-token', 'add', 'monitoring', ...kit, '--json')),
    )
    const headers = { authorization: `Bearer ${made.token}` }
    const listed = await ask(address, '/api/v1/devices', headers)
    assert.deepEqual([listed.status, JSON.parse(listed.text).total], [200, 0])
    assert.match((await ask(address, '/metrics', headers)).text, /^backstay_sessions \d/m)
    need(await fleet.admin('api-token', 'remove', made.item.id, ...kit))
    assert.equal((await ask(address, '/api/v1/devices', headers)).status, 401)
    assert.equal(fleet.logs.join('').includes(made.token), false)
  })
  await t.test('the collector answers every route that is declared, and describes each', async () => {
    const { text } = await ask(address, '/api/v1/openapi.json')
    const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, unknown>> }
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    const declared = routes.map(({ method, path }) => `${method} ${apiPath}${path}`)
    assert.deepEqual(described.toSorted(), declared.toSorted())
  })
  await t.test('a key sees where it is signed in', async () => {
    interface Item {
      readonly id: string
      readonly current: boolean
      readonly software: string
    }
    const own = async () => jsonOf<readonly Item[]>(need(await fleet.admin('sessions', '--json')))
    assert.deepEqual(
      (await own()).map(({ current, software }) => [current, software]),
      [[true, 'backstay command']],
      'those of commands that have ended are gone',
    )
    assert.match((await fleet.admin('sessions', 'end')).err, /say which one, or --others/)
  })
  await t.test('a page elsewhere gets no socket, no answer and no name', async () => {
    const evil = { origin: 'https://evil.example' }
    assert.equal(await upgrade(address, evil), 403)
    assert.equal((await ask(address, '/api/v1/devices', evil)).status, 403)
    assert.equal((await ask(address, '/api/v1/session/ways', { host: 'evil.example' })).status, 421)
  })
  await t.test('browsers have an address of their own, where no agent speaks', async () => {
    await fleet.collector.end('SIGTERM')
    const { key, certificate } = selfSigned(Date.now())
    writeFileSync(fleet.path('web.pem'), certificate)
    writeFileSync(fleet.path('web.key'), key, { mode: 0o600 })
    const [host = ''] = address.split(':')
    const running = start('collector', [
      ...['serve', '--json', '--data', fleet.data, '--listen', address, '--web-listen', `${host}:0`],
      ...[
        '--web-cert',
        fleet.path('web.pem'),
        '--web-key',
        fleet.path('web.key'),
        '--web-name',
        'backup.example.org',
      ],
    ])
    const line = await running.line(text => text.includes('"event":"started"'))
    const { webPort, signInCode } = JSON.parse(line) as { webPort: number; signInCode: string }
    const web = `${host}:${webPort}`
    const ways = await ask(web, '/api/v1/session/ways', { host: 'backup.example.org' })
    assert.deepEqual(JSON.parse(ways.text).bootstrap, true)
    assert.equal(await upgrade(web, {}), 404)
    assert.match(signInCode, /^(?:[a-z2-9]{4}-){4}[a-z2-9]{4}$/)
    assert.equal(running.err.includes(signInCode), false, 'the code is in no log')
    await running.end('SIGTERM')
  })
})

function ask(address: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const [host, port] = address.split(':')
  return new Promise((resolve, reject) => {
    // A browser would ask its person; here the test knows whom it started.
    get({ host, port, path, headers, rejectUnauthorized: false, agent: false }, answer => {
      let text = ''
      answer.setEncoding('utf8').on('data', part => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    }).on('error', reject)
  })
}

/** Status of an answer to a wish for a WebSocket. */
function upgrade(address: string, headers: Record<string, string>): Promise<number> {
  const [host, port] = address.split(':')
  const wish = {
    ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  }
  return new Promise((resolve, reject) => {
    request({
      host,
      port,
      path: '/link',
      headers: { ...wish, ...headers },
      rejectUnauthorized: false,
      agent: false,
    })
      .on('response', answer => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      .on('upgrade', (_answer, socket) => {
        socket.destroy()
        resolve(101)
      })
      .on('error', reject)
      .end()
  })
}
