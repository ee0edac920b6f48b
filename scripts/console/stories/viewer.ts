// Somebody who may only look: he sees how the devices are, and nothing opens, changes or leads further.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWindow } from '../chromium.ts'
import { openMadeConsole } from '../made-console.ts'
import { becomeOwner, call, digitsOf } from '../person.ts'

const password = 'a long sentence for the viewer'

test('a viewer sees devices and can open nothing that he may not', async () => {
  await using stage = await openMadeConsole({ devices: 40, snapshots: 1 })
  const { served, browser } = stage
  await using owner = await openWindow(browser, { url: served.url })
  await owner.page.goto('/')
  const { secret = '' } = await becomeOwner(owner.context, served.code)
  // The code that proved the set-up is used up.
  await call(owner.context, 'POST', '/session/step-up', { method: 'totp', code: digitsOf(secret, 1) })
  await call(owner.context, 'POST', '/people', {
    account: 'looker',
    name: 'Looker',
    roles: ['viewer'],
    password,
  })

  await using window = await openWindow(browser, { url: served.url })
  const { page, context } = window
  await page.goto('/audit')
  await page.getByLabel('Account').fill('looker')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()

  // Where he wanted to go is still there, and refused calmly.
  await page.getByRole('heading', { name: 'Audit' }).waitFor()
  await page
    .getByText(/your roles do not allow this/i)
    .first()
    .waitFor()
  await page
    .getByText(/ask an owner/i)
    .first()
    .waitFor()

  await page.getByRole('link', { name: 'Devices' }).click()
  await page.getByText(/^\d+ devices$/).waitFor()
  await page.getByRole('row').nth(1).click()
  const panel = page.getByRole('complementary', { name: 'Device' })
  await panel.getByRole('button', { name: 'Back up now' }).click()
  await page.getByRole('dialog').getByText('There is no key in this page').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Ask for it' }).count(), 0)
  await page.keyboard.press('Escape')

  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'People' }).count(), 0)

  // The page hides for calm; the server refuses.
  const { items } = await call<{ readonly items: readonly { readonly device: string }[] }>(
    context,
    'GET',
    '/devices?limit=1',
  )
  const device = items[0]?.device ?? ''
  for (const [method, path, body] of [
    ['GET', '/people', undefined],
    ['GET', '/tokens', undefined],
    ['GET', '/audit', undefined],
    ['GET', '/records?kind=escrow', undefined],
    ['POST', '/intents', { kind: 'backup', device }],
    ['POST', '/records', { envelope: 'AAAA' }],
  ] as const) {
    await assert.rejects(call(context, method, path, body), /: 403 /, `${method} ${path}`)
  }
  assert.deepEqual(window.complaints, [])
})
