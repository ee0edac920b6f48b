// Against a real provider (oidc-provider) on loopback, with a browser that follows redirects and fills in its forms.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { systemClock } from '@backstay/proto/system-clock'
import Provider from 'oidc-provider'
import { type Browser, type Stage, stage } from '../testing/stage.ts'
import { callbackPath, oidc } from './oidc.ts'

const api = '/api/v1'
const clientSecret = 'a client secret of more than enough bytes for HS256'
const roles = [
  { group: 'it', role: 'viewer' },
  { group: 'heads', role: 'owner' },
] as const

test('somebody of a named group signs in with the organisation, and no answer counts twice or elsewhere', async () => {
  await using organisation = await anOrganisation()
  const settings = { issuer: organisation.issuer, clientId: 'backstay', clientSecret, roles }
  await using all = await stage({ oidc: oidc(settings, p, systemClock) })
  organisation.open(originOf(all) + callbackPath)

  const anna = await signIn(all)
  assert.deepEqual([anna.status, anna.location], [303, '/devices'])
  const session = (await anna.page.ask('GET', `${api}/session`)).body
  assert.deepEqual([session.account, session.roles, session.method], ['anna@example.org', ['viewer'], 'oidc'])
  assert.equal(
    (await anna.page.ask('GET', anna.callback)).headers.get('location'),
    '/sign-in?failed=sign_in_failed',
  )
  const stolen = await signIn(all, page => void page.cookies.clear())
  assert.equal(stolen.location, '/sign-in?failed=sign_in_failed')

  organisation.groups = ['heads']
  const owner = await signIn(all)
  const now = (await owner.page.ask('GET', `${api}/session`)).body
  assert.deepEqual([now.roles, now.withheld], [[], ['owner']], 'an owner still needs a second factor')
  assert.equal(
    (await anna.page.ask('GET', `${api}/session`)).status,
    401,
    'other roles end what began before',
  )

  const changes = () =>
    all.noted.filter(({ action }) => action === 'person-changed').map(({ detail }) => detail?.roles)
  assert.deepEqual(changes(), ['owner'])
  organisation.groups = ['it']
  const still = await signIn(all)
  assert.equal((await still.page.ask('GET', `${api}/session`)).status, 200)

  organisation.groups = ['everybody']
  const refused = await signIn(all)
  assert.equal(
    (await still.page.ask('GET', `${api}/session`)).status,
    401,
    'who lost all groups is out of what he opened before, too',
  )
  assert.deepEqual(changes(), ['owner', 'viewer', ''])
  assert.equal(refused.location, '/sign-in?failed=sign_in_failed')
  assert.equal((await refused.page.ask('GET', `${api}/session`)).status, 401)
})

test('who has an account with a password is not taken over by a provider that names him', async () => {
  await using organisation = await anOrganisation()
  const settings = { issuer: organisation.issuer, clientId: 'backstay', clientSecret, roles }
  await using all = await stage({ oidc: oidc(settings, p, systemClock) })
  organisation.open(originOf(all) + callbackPath)
  await all.person('anna@example.org', ['owner'])
  assert.equal((await signIn(all)).location, '/sign-in?failed=sign_in_failed')
})

test('a provider that does not answer is said to be away', async () => {
  const settings = { issuer: 'http://127.0.0.1:9', clientId: 'backstay', clientSecret: undefined, roles }
  await using all = await stage({ oidc: oidc(settings, p, systemClock) })
  const { status, body } = await all.browser().ask('POST', `${api}/session/oidc/start`, {})
  assert.deepEqual([status, body.code], [502, 'provider_unreachable'])
})

interface SignedIn {
  readonly page: Browser
  readonly callback: string
  readonly status: number
  readonly location: string | null
}

async function signIn(all: Stage, before: (page: Browser) => void = () => undefined): Promise<SignedIn> {
  const page = all.browser()
  const started = await page.ask('POST', `${api}/session/oidc/start`, { returnTo: '/devices' })
  assert.match(started.body.url, /code_challenge_method=S256/)
  const callback = await throughForms(started.body.url, originOf(all))
  before(page)
  const answer = await page.ask('GET', callback, undefined, { 'sec-fetch-site': 'cross-site' })
  return { page, callback, status: answer.status, location: answer.headers.get('location') }
}

/** Path of our callback, at the end of all redirects and forms of the provider. */
async function throughForms(first: string, ours: string): Promise<string> {
  const cookies = new Map<string, string>()
  let [url, form] = [first, undefined as URLSearchParams | undefined]
  for (let step = 0; step < 12; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const options = {
      headers: { cookie },
      redirect: 'manual',
      ...(form && { method: 'POST', body: form }),
    } as const
    const answer = await fetch(url, options)
    for (const one of answer.headers.getSetCookie()) {
      const [pair = ''] = one.split(';')
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const text = await answer.text()
    const location = answer.headers.get('location')
    if (location?.startsWith(ours)) return location.slice(ours.length)
    form = undefined
    if (location !== null) url = new URL(location, url).href
    else {
      const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1]
      const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1]
      if (prompt === undefined || action === undefined) throw new Error(`no form: ${answer.status} ${text}`)
      url = new URL(action, url).href
      form = new URLSearchParams({ prompt, login: 'anna', password: 'x' })
    }
  }
  throw new Error('the provider never came to an end')
}

function originOf(all: Stage): string {
  return all.url.replace('http:', 'https:')
}

async function anOrganisation() {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const made = {
    issuer,
    groups: ['it'],
    /** From now on it knows our collector. */
    open(redirectUri: string) {
      const client = {
        ...{
          client_id: 'backstay',
          client_secret: clientSecret,
          token_endpoint_auth_method: 'client_secret_post',
        },
        ...{ redirect_uris: [redirectUri], response_types: ['code'], grant_types: ['authorization_code'] },
      }
      const provider = new Provider(issuer, {
        clients: [client],
        claims: { openid: ['sub'], profile: ['name'], email: ['email'], groups: ['groups'] },
        conformIdTokenClaims: false,
        findAccount: (_context: unknown, id: string) => ({
          accountId: id,
          claims: () => ({ sub: id, email: `${id}@example.org`, name: id, groups: [...made.groups] }),
        }),
      })
      server.on('request', provider.callback())
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return made
}
