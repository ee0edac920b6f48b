// A session ends while somebody is in the middle of it: behind the sign-in the page waits as it was, dialogs too.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { makeFleet } from '../../drills/fleet.ts'
import { openAdminWindow } from '../admin-window.ts'
import { openChromium, openWindow } from '../chromium.ts'
import { faults } from '../faults.ts'
import { openMadeConsole } from '../made-console.ts'
import { becomeOwner, call } from '../person.ts'

const password = 'a long sentence for whoever it is'

async function signIn(page: Page, account: string): Promise<void> {
  await page.getByLabel('Account').fill(account)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

test('a policy that is half filled in waits behind the sign-in for the same person, and for nobody else', async () => {
  await using stage = await openMadeConsole({ devices: 12, snapshots: 1 })
  const { served, browser } = stage
  await using first = await openWindow(browser, { url: served.url })
  await first.page.goto('/')
  await becomeOwner(first.context, served.code)
  for (const account of ['petra', 'quinn']) {
    await call(first.context, 'POST', '/people', { account, name: account, password, roles: ['policy'] })
  }
  await using window = await openWindow(browser, { url: served.url })
  const { page, context } = window
  const dialog = page.getByRole('dialog', { name: 'Employees may pause' })
  await page.goto('/policies')
  await signIn(page, 'petra')
  await page.getByRole('button', { name: /^Add a setting/ }).click()
  await page.getByRole('menuitem', { name: 'Over metered links' }).click()
  await page.getByRole('button', { name: 'Keep in the draft' }).click()
  await page.getByText('1 change, not signed yet.').waitFor()
  await page.getByRole('button', { name: /^Add a setting/ }).click()
  await page.getByRole('menuitem', { name: 'Employees may pause' }).click()
  await dialog.getByLabel('At most').fill('90m')
  await call(context, 'DELETE', '/session')

  const again = page.getByRole('dialog', { name: 'Sign in again' })
  await again.getByText('The page waits behind this as it was').waitFor()
  assert.deepEqual(await faults(page), [])
  await signIn(page, 'petra')
  await again.waitFor({ state: 'detached' })
  assert.equal(await dialog.getByLabel('At most').inputValue(), '90m')
  await dialog.getByRole('button', { name: 'Keep in the draft' }).click()
  await page.getByText('2 changes, not signed yet.').waitFor()
  assert.match(await page.title(), /^Policies/)

  await call(context, 'DELETE', '/session')
  await again.waitFor()
  await signIn(page, 'quinn')
  await page.getByTitle(/^quinn:/).waitFor()
  await page.getByRole('heading', { name: 'Policies', exact: true }).waitFor()
  // What petra began is hers.
  await page.getByText('not signed yet').waitFor({ state: 'detached' })
  assert.deepEqual(window.complaints, [])
})

test('with an open key a session that ends is begun anew, and the basket and a dialog stay as they were', async () => {
  await using fleet = await makeFleet()
  const home = fleet.path('home')
  mkdirSync(home)
  for (const name of ['plan', 'sketch']) writeFileSync(fleet.path('home', `${name}.txt`), name)
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  await laptop.backup(home)
  await using browser = await openChromium()
  await using window = await openAdminWindow(browser, fleet)
  const { page, context } = window
  await page.getByRole('link', { name: 'Restore' }).click()
  await page.getByRole('link', { name: /^laptop/ }).click()
  await page.getByRole('row').filter({ hasText: 'plan.txt' }).getByRole('checkbox').click({ force: true })
  const basket = page.getByRole('region', { name: 'Basket' })
  await basket.getByText('plan.txt').waitFor()
  await page.getByRole('button', { name: 'sketch.txt', exact: true }).click()
  const preview = page.getByRole('dialog')
  await preview.getByText('sketch', { exact: true }).waitFor()
  const address = page.url()
  const renewed = page.waitForResponse(one => /\/session\/key/.test(one.url()) && one.ok())
  await call(context, 'DELETE', '/session')
  // The page hears that its events end, and proves its key again.
  await renewed
  await preview.getByText('sketch', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await basket.getByText('plan.txt').waitFor()
  assert.equal(page.url(), address)

  // Signed out on purpose, nothing waits but what is put aside.
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('This console runs on your machine.').waitFor()
  await page.getByLabel('Passphrase').fill(fleet.passphrase)
  await page.getByRole('button', { name: 'Unlock' }).click()
  await basket.getByText('plan.txt').waitFor()
  assert.deepEqual(window.complaints, [])
})
