import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { keySignInMessage } from '@backstay/proto/rest/key-sign-in'
import { Secret, TOTP } from 'otpauth'
import { strangerKey } from '../../link/testing/sample-gateway.ts'
import { sampleFleet } from '../../testing/sample-vault.ts'
import { stage, stageCode, stagePassword } from '../testing/stage.ts'

const api = '/api/v1'
const minuteMs = 60_000

test('the code from the terminal makes the first owner, once; his role waits for six digits', async () => {
  await using all = await stage()
  const { clock } = all.world
  const page = all.browser()
  assert.equal((await page.ask('GET', `${api}/session/ways`)).body.bootstrap, true)
  const owner = { account: 'anna@example.org', name: 'Anna', password: stagePassword }
  const wrong = await page.ask('POST', `${api}/session/bootstrap`, { ...owner, code: 'wrong' })
  assert.deepEqual([wrong.status, wrong.body.code], [401, 'sign_in_failed'])
  const first = await page.ask('POST', `${api}/session/bootstrap`, { ...owner, code: stageCode })
  assert.deepEqual([first.body.session.roles, first.body.session.withheld], [[], ['owner']])
  assert.equal((await page.ask('GET', `${api}/people`)).body.code, 'not_allowed')
  const before = page.cookies.get('__Host-backstay')

  const made = (await page.ask('POST', `${api}/me/totp`, {})).body
  assert.match(made.url, /^otpauth:\/\/totp\/Backstay%20example%20fleet:anna%40example\.org\?/)
  const codes = new TOTP({ secret: Secret.fromBase32(made.secret) })
  const code = codes.generate({ timestamp: clock.now() })
  const bad = await page.ask('POST', `${api}/me/totp/confirm`, {
    code: code === '000000' ? '000001' : '000000',
  })
  assert.equal(bad.status, 422)
  assert.equal((await page.ask('POST', `${api}/me/totp/confirm`, { code })).status, 200)
  assert.notEqual(page.cookies.get('__Host-backstay'), before, 'the session goes on under another name')
  assert.equal((await page.ask('GET', `${api}/people`)).body.items.length, 1)
  const other = await all.browser().ask('POST', `${api}/session/bootstrap`, { ...owner, code: stageCode })
  assert.equal(other.status, 401)
})

test('a code of six digits counts once, and a wrong password says as much as a wrong account', async () => {
  await using all = await stage()
  const anna = await all.person('anna', ['owner'])
  const signedIn = await anna.signIn()
  assert.deepEqual((await signedIn.ask('GET', `${api}/session`)).body.roles, ['owner'])
  const page = all.browser()
  const half = await page.ask('POST', `${api}/session/password`, { account: 'anna', password: stagePassword })
  assert.deepEqual(half.body, { state: 'second_factor', methods: ['totp'] })
  assert.equal((await page.ask('GET', `${api}/session`)).status, 401, 'half way is not in')
  assert.equal((await page.ask('POST', `${api}/session/totp`, { code: anna.code() })).status, 401)
  const wrong = await page.ask('POST', `${api}/session/password`, { account: 'anna', password: 'x' })
  const nobody = await page.ask('POST', `${api}/session/password`, { account: 'nobody', password: 'x' })
  assert.deepEqual([wrong.status, wrong.body], [nobody.status, nobody.body])
})

test('after five wrong passwords an account waits, whether it is there or not', async () => {
  await using all = await stage()
  await all.person('anna', ['viewer'])
  for (const account of ['anna', 'nobody']) {
    const page = all.browser()
    const statuses: number[] = []
    for (let tries = 0; tries < 6; tries++) {
      statuses.push((await page.ask('POST', `${api}/session/password`, { account, password: 'x' })).status)
    }
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429])
    const right = { account, password: stagePassword }
    assert.equal((await page.ask('POST', `${api}/session/password`, right)).status, 429)
    await all.world.clock.advance(4 * minuteMs)
    assert.equal(
      (await page.ask('POST', `${api}/session/password`, right)).status,
      account === 'anna' ? 200 : 401,
    )
  }
})

// An open page asks every minute by itself, and kept the session of somebody who had gone for twelve hours.
test('what a page asks by itself does not keep a session', async () => {
  await using all = await stage()
  const bert = await all.person('bert', ['viewer'])
  const page = await bert.signIn()
  for (let minute = 0; minute < 31; minute++) {
    await all.world.clock.advance(minuteMs)
    await page.ask('GET', `${api}/session`, undefined, { 'backstay-idle': 'yes' })
    await page.ask('GET', `${api}/events`)
  }
  assert.equal((await page.ask('GET', `${api}/session`)).status, 401)
})

test('a session ends after half an hour of silence and after twelve hours whatever happens', async () => {
  await using all = await stage()
  const { clock } = all.world
  const bert = await all.person('bert', ['viewer'])
  const idle = await bert.signIn()
  await clock.advance(29 * minuteMs)
  assert.equal((await idle.ask('GET', `${api}/session`)).status, 200)
  await clock.advance(30 * minuteMs)
  const ended = await idle.ask('GET', `${api}/session`)
  assert.deepEqual([ended.status, ended.body.code], [401, 'not_signed_in'])
  const busy = await bert.signIn()
  for (let passed = 0; passed < 12 * 60; passed += 20) {
    assert.equal((await busy.ask('GET', `${api}/session`)).status, 200, `${passed} min`)
    await clock.advance(20 * minuteMs)
  }
  assert.equal((await busy.ask('GET', `${api}/session`)).status, 401)
})

test('sessions are listed and ended one by one, by oneself alone', async () => {
  await using all = await stage()
  const bert = await all.person('bert', ['viewer'])
  const carla = await all.person('carla', ['viewer'])
  const [one, two, other] = [await bert.signIn(), await bert.signIn(), await carla.signIn()]
  const { items } = (await one.ask('GET', `${api}/sessions`)).body
  assert.deepEqual(items.map((item: { current: boolean }) => item.current).sort(), [false, true])
  const second = items.find((item: { current: boolean }) => !item.current)
  assert.equal((await other.ask('DELETE', `${api}/sessions/${second.id}`)).status, 404)
  assert.equal((await one.ask('DELETE', `${api}/sessions/${second.id}`)).status, 204)
  assert.equal((await two.ask('GET', `${api}/session`)).status, 401)
  assert.equal((await one.ask('DELETE', `${api}/session`)).status, 204)
  assert.equal((await one.ask('GET', `${api}/session`)).status, 401)
})

test('other roles end what was begun under the old ones, and the last owner stays', async () => {
  await using all = await stage()
  const anna = await all.person('anna', ['owner'])
  const bert = await all.person('bert', ['viewer'])
  const page = await anna.signIn()
  const his = await bert.signIn()
  const changed = await page.ask('PATCH', `${api}/people/${bert.id}`, { roles: ['policy'] })
  assert.deepEqual(changed.body.person.roles, ['policy'])
  assert.equal((await his.ask('GET', `${api}/session`)).status, 401)
  const last = await page.ask('PATCH', `${api}/people/${anna.id}`, { roles: ['viewer'] })
  assert.deepEqual([last.status, last.body.code], [409, 'last_owner'])
  assert.equal((await page.ask('DELETE', `${api}/people/${anna.id}`)).status, 409)
  await all.world.clock.advance(6 * minuteMs)
  const late = await page.ask('DELETE', `${api}/people/${bert.id}`)
  assert.deepEqual([late.status, late.body.code], [403, 'step_up_needed'])
  const up = await page.ask('POST', `${api}/session/step-up`, { method: 'totp', code: anna.code() })
  assert.equal(up.status, 200)
  assert.equal((await page.ask('DELETE', `${api}/people/${bert.id}`)).status, 204)
})

test('an admin key of Trust signs in for this fleet, this collector and this challenge alone', async () => {
  await using all = await stage()
  const page = all.browser()
  const given = (await page.ask('POST', `${api}/session/key/challenge`, {})).body
  const challengeOf = (text: string) => Uint8Array.fromHex(text)
  const sign = async (
    changes: Partial<Parameters<typeof keySignInMessage>[0]> = {},
    key = sampleFleet.admin,
  ) => {
    const { challenge, collectorKey } = (await page.ask('POST', `${api}/session/key/challenge`, {})).body
    const right = {
      fleet: given.fleet,
      collectorKey: challengeOf(collectorKey),
      challenge: challengeOf(challenge),
    }
    const signature = Buffer.from(await key.sign(keySignInMessage({ ...right, ...changes }))).toString(
      'base64',
    )
    return page.ask('POST', `${api}/session/key`, { challenge, key: hex(key.publicKey), signature })
  }
  const { status, body } = await sign()
  assert.equal(status, 200)
  assert.deepEqual(body.session.roles.toSorted(), ['auditor', 'policy', 'restore'])
  const headers = { authorization: `Bearer ${body.token}` }
  assert.equal((await page.ask('GET', `${api}/grants`, undefined, headers)).status, 200)
  assert.equal(
    (await page.ask('GET', `${api}/people`, undefined, headers)).status,
    403,
    'an admin is no owner',
  )
  assert.equal((await sign({ challenge: p.random(32) })).status, 401)
  assert.equal((await sign({ collectorKey: p.random(32) })).status, 401)
  assert.equal((await sign({}, strangerKey)).status, 401)
  await all.world.clock.advance(61 * minuteMs)
  assert.equal((await page.ask('GET', `${api}/grants`, undefined, headers)).status, 401)
})

test('a token of a program ends, can be ended, and makes nothing that asks for a second proof', async () => {
  await using all = await stage()
  const anna = await all.person('anna', ['owner'])
  const page = await anna.signIn()
  const wish = { name: 'ticket system', roles: ['helpdesk'], days: 2 }
  assert.equal((await page.ask('POST', `${api}/tokens`, { ...wish, roles: ['owner'] })).status, 400)
  const made = (await page.ask('POST', `${api}/tokens`, wish)).body
  const program = all.browser()
  const headers = { authorization: `Bearer ${made.token}` }
  assert.equal((await program.ask('GET', `${api}/devices`, undefined, headers)).status, 200)
  const intent = { kind: 'backup', device: 'ab'.repeat(16) }
  assert.equal((await program.ask('POST', `${api}/intents`, intent, headers)).body.code, 'step_up_needed')
  assert.equal(JSON.stringify((await page.ask('GET', `${api}/tokens`)).body).includes(made.token), false)
  await all.world.clock.advance(2 * 24 * 60 * minuteMs)
  assert.equal((await program.ask('GET', `${api}/devices`, undefined, headers)).status, 401)
})

test('what is signed in and refused stands in the log, and no secret does', async () => {
  await using all = await stage()
  const anna = await all.person('anna', ['owner'])
  await anna.signIn()
  await all.browser().ask('POST', `${api}/session/password`, { account: 'anna', password: 'a wrong secret' })
  const actions = all.noted.map(({ actor, action }) => `${actor} ${action}`)
  assert.deepEqual(actions, ['person:anna sign-in', 'person:anna sign-in-refused'])
  assert.doesNotMatch(JSON.stringify(all.noted), /wrong secret|horse/)
})
