// Three ways in: password and six digits, a passkey, and the organisation's own provider.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import Provider from 'oidc-provider'
import { openWindow } from '../chromium.ts'
import { openMadeConsole } from '../made-console.ts'
import { becomeOwner, call, digitsOf, ownerAccount, ownerPassword, setUpDigits } from '../person.ts'

test('a password alone does not let an owner in: six digits do', async () => {
  await using stage = await openMadeConsole({ devices: 12, snapshots: 1 })
  const { served, browser } = stage
  await using first = await openWindow(browser, { url: served.url })
  await first.page.goto('/')
  const { secret = '' } = await becomeOwner(first.context, served.code)

  await using window = await openWindow(browser, { url: served.url })
  const { page } = window
  await page.goto('/devices')
  await page.getByLabel('Account').fill(ownerAccount)
  await page.getByLabel('Password').fill('not the password at all')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('Password').fill(ownerPassword)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByLabel('Six digits').fill('000000')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('alert').waitFor()
  // The one that proved the set-up is used up.
  await page.getByLabel('Six digits').fill(digitsOf(secret, 1))
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Devices' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: /^Sign in/ }).waitFor()
  assert.deepEqual(window.complaints, [])
})

test('a passkey is made in the settings, and is enough to come in', async () => {
  await using stage = await openMadeConsole({ devices: 12, snapshots: 1 })
  const { served, browser } = stage
  await using window = await openWindow(browser, { url: served.url })
  const { page, context } = window
  await page.goto('/')
  await becomeOwner(context, served.code)
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  })
  await page.goto('/settings?part=me')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByLabel('What to call it').fill('my laptop')
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('cell', { name: 'my laptop', exact: true }).waitFor()

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByRole('cell', { name: 'my laptop', exact: true }).waitFor()
  assert.deepEqual(window.complaints, [])
})

test('whom the organisation knows comes in with the role of his group', async () => {
  await using issuer = await organisation()
  await using stage = await openMadeConsole(
    { devices: 12, snapshots: 1 },
    {
      port: issuer.consolePort,
      words: ['--oidc-issuer', issuer.url, '--oidc-client', 'backstay', '--oidc-role', 'it-watch=viewer'],
    },
  )
  const { served, browser } = stage
  await using first = await openWindow(browser, { url: served.url })
  await first.page.goto('/')
  await becomeOwner(first.context, served.code)

  await using window = await openWindow(browser, { url: served.url })
  const { page, context } = window
  const continues = () => page.getByRole('button', { name: /^Continue with/ }).click()
  // What stands behind # names a file, and is for this browser alone.
  const asked: string[] = []
  page.on('request', one => asked.push(`${one.url()} ${one.postData() ?? ''}`))
  await page.goto('/devices?sort=name#path=secret-plans')
  await continues()
  await page.waitForURL(url => url.href.startsWith(issuer.url))
  await page.locator('input[name="login"]').fill('sam')
  await page.locator('input[name="password"]').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.getByRole('heading', { name: 'Devices' }).waitFor()
  await page.getByTitle(/viewer/).waitFor()
  await page.waitForURL(/\/devices\?sort=name#path=secret-plans$/)
  assert.ok(!asked.some(one => /secret-plans/.test(one.split('#')[0] ?? '')), 'nobody else was told')

  // With six digits of his own he is asked for them on the way back, and stands where he was.
  const secret = await setUpDigits(context)
  await call(context, 'DELETE', '/session')
  await page.goto('/alerts#top')
  await continues()
  await page.getByLabel('Six digits').fill(digitsOf(secret, 1))
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor()
  await page.waitForURL(/\/alerts#top$/)

  await page.goto('about:blank')
  await context.clearCookies({ name: /.*/ })
  await page.goto('/sign-in?failed=sign_in_refused')
  await page
    .getByRole('alert')
    .getByText(/let nobody in here/)
    .waitFor()
})

/** A provider on loopback that lets everybody in, as a member of it-watch. */
async function organisation() {
  const consolePort = await freePort()
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(url, {
    clients: [
      {
        client_id: 'backstay',
        token_endpoint_auth_method: 'none',
        redirect_uris: [`https://localhost:${consolePort}/api/v1/session/oidc/callback`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    claims: {
      openid: ['sub', 'groups', 'name', 'email'],
      profile: ['name'],
      email: ['email'],
      groups: ['groups'],
    },
    scopes: ['openid', 'profile', 'email', 'groups'],
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, name: id, email: `${id}@example.org`, groups: ['it-watch'] }),
    }),
  })
  server.on('request', provider.callback())
  return {
    url,
    consolePort,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    },
  }
}

/** The provider must know where to send people back to before the collector runs. */
async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(done => server.close(done))
  return port
}
