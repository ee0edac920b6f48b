import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { softwareKey } from '../testing/software-key.ts'
import { type Browser, stage, stagePassword } from '../testing/stage.ts'

const api = '/api/v1'
const host = 'backup.example.org'
const origin = `https://${host}`

test('a passkey is made, signs in alone and as a second factor, and answers no challenge twice or elsewhere', async () => {
  await using all = await stage()
  const anna = await all.person('anna', ['owner'], { totp: false })
  const key = softwareKey()
  const page = named(all.url)
  const first = await page('POST', '/session/password', { account: anna.account, password: stagePassword })
  assert.deepEqual([first.body.session.roles, first.body.session.withheld], [[], ['owner']])

  const making = (await page('POST', '/me/passkeys/options', {})).body.options
  assert.equal(making.rp.id, host)
  const elsewhere = key.register(making, 'https://evil.example')
  assert.equal(
    (await page('POST', '/me/passkeys', { name: 'laptop', credential: elsewhere })).body.code,
    'not_proved',
  )
  const again = (await page('POST', '/me/passkeys/options', {})).body.options
  const made = await page('POST', '/me/passkeys', { name: 'laptop', credential: key.register(again, origin) })
  assert.deepEqual([made.status, made.body.name], [201, 'laptop'])
  assert.deepEqual((await page('GET', '/session')).body.roles, ['owner'], 'proved, he goes on as owner')

  const alone = named(all.url)
  const { options } = (await alone('POST', '/session/passkey/options', {})).body
  assert.deepEqual(options.allowCredentials, [], 'a stranger is not told who has which')
  const credential = key.prove(options, origin)
  assert.equal((await alone('POST', '/session/passkey/verify', { credential })).body.state, 'signed_in')
  assert.equal((await named(all.url)('POST', '/session/passkey/verify', { credential })).status, 401)
  const other = named(all.url)
  const wanted = (await other('POST', '/session/passkey/options', {})).body.options
  const stranger = softwareKey().prove(wanted, origin)
  assert.equal((await other('POST', '/session/passkey/verify', { credential: stranger })).status, 401)

  const half = named(all.url)
  const second = await half('POST', '/session/password', { account: anna.account, password: stagePassword })
  assert.deepEqual(second.body, { state: 'second_factor', methods: ['passkey'] })
  const his = (await half('POST', '/session/passkey/options', {})).body.options
  assert.equal(his.allowCredentials.length, 1)
  const proved = await half('POST', '/session/passkey/verify', { credential: key.prove(his, origin) })
  assert.equal(proved.body.session.method, 'passkey')

  await all.world.clock.advance(6 * 60_000)
  const removing = `/me/passkeys/${made.body.id}`
  assert.equal((await half('DELETE', removing)).body.code, 'step_up_needed')
  const up = (await half('POST', '/session/passkey/options', {})).body.options
  const stepped = await half('POST', '/session/step-up', {
    method: 'passkey',
    credential: key.prove(up, origin),
  })
  assert.equal(stepped.status, 200)
  assert.equal((await half('DELETE', removing)).status, 204)
})

type Answer = { readonly status: number; readonly body: Awaited<ReturnType<Browser['ask']>>['body'] }

/** A browser that knows the collector by a name: passkeys belong to names, not to addresses. */
function named(url: string): (method: string, path: string, body?: unknown) => Promise<Answer> {
  const cookies = new Map<string, string>()
  const { port } = new URL(url)
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const given = body === undefined ? undefined : JSON.stringify(body)
      const headers = {
        ...{ host, origin, cookie: [...cookies].map(pair => pair.join('=')).join('; ') },
        ...(given !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(given),
        }),
      }
      const asking = request({ host: '127.0.0.1', port, method, path: api + path, headers }, answer => {
        for (const one of answer.headers['set-cookie'] ?? []) {
          const [pair = ''] = one.split(';')
          const [name = '', value = ''] = pair.split('=')
          if (one.includes('Max-Age=0')) cookies.delete(name)
          else cookies.set(name, value)
        }
        let text = ''
        answer.setEncoding('utf8').on('data', part => {
          text += part
        })
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) }),
        )
      })
      asking.once('error', reject).end(given)
    })
}
