// From a collector that was started a moment ago to a first protected device; then a policy that is changed and arrives.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeFleet, need } from '../../drills/fleet.ts'
import { openChromium, openWindow } from '../chromium.ts'
import { ownerPassword, setUpDigits } from '../person.ts'

test('first start to first protected device, and a policy that arrives', { timeout: 120_000 }, async () => {
  await using fleet = await makeFleet()
  await using browser = await openChromium()
  await using window = await openWindow(browser, { url: `https://${fleet.collector.address}` })
  const { page, context } = window
  const started = fleet.collector.out.split('\n').find(line => line.includes('"event":"started"')) ?? '{}'
  const { signInCode = '' } = JSON.parse(started) as { readonly signInCode?: string }

  await page.goto('/')
  await page.getByLabel('One-time code').fill('wrong-code')
  await page.getByLabel('Your name').fill('Owner')
  await page.getByLabel('Account').fill('owner')
  await page.getByLabel('Password').fill(ownerPassword)
  await page.getByRole('button', { name: 'Become the owner' }).click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('One-time code').fill(signInCode)
  await page.getByRole('button', { name: 'Become the owner' }).click()
  await page
    .getByText('No device is enrolled yet.')
    .waitFor({ timeout: 5000 })
    .catch(async e => {
      await page.screenshot({ path: '/tmp/shots/fail.png' })
      throw e
    })
  await setUpDigits(context)
  await page.reload()

  // The empty page teaches the next step.
  await page.getByRole('link', { name: 'Enrol a device' }).click()
  await page.getByRole('heading', { name: 'Enrolment' }).waitFor()
  const home = fleet.path('home')
  mkdirSync(home)
  writeFileSync(fleet.path('home', 'thesis.txt'), 'a year of work')
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  await page.getByRole('link', { name: 'laptop' }).waitFor()
  const agent = laptop.start('run', '--json')
  try {
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText('Everything is protected').waitFor({ timeout: 60_000 })
    await page.getByRole('link', { name: /^Protected 1$/ }).click()
    await page
      .getByRole('row')
      .filter({ hasText: 'laptop' })
      .getByText('Protected', { exact: true })
      .waitFor()

    // An admin prepares a change here, sees what it does, signs it where his key is, and sees it arrive.
    await page.getByRole('link', { name: 'Policies' }).click()
    await page.getByText('1 obey the newest orders').waitFor({ timeout: 30_000 })
    await page.getByRole('button', { name: /^Add a setting/ }).click()
    await page.getByRole('menuitem', { name: 'Employees may pause' }).click()
    await page.getByLabel('At most').fill('soon')
    await page.getByRole('button', { name: 'Keep in the draft' }).click()
    await page
      .getByRole('dialog')
      .getByText(/"pause"/)
      .waitFor()
    await page.getByLabel('At most').fill('2h')
    await page.getByRole('button', { name: 'Keep in the draft' }).click()
    await page.getByText('1 change, not signed yet.').waitFor()
    await page.getByText(/^1 device will change; no snapshot goes\.$/).waitFor()
    await page.getByRole('button', { name: 'Sign and roll out…' }).click()
    await page.getByRole('dialog').getByText('backstay policy edit').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Forget the changes' }).click()
    need(await fleet.admin('policy', 'edit', '--yes', '--json', '--set', 'pause=2h'))
    await page.getByRole('cell', { name: '2h', exact: true }).first().waitFor({ timeout: 30_000 })
    await page.getByText('1 obey the newest orders').waitFor({ timeout: 30_000 })
  } finally {
    await agent.end('SIGTERM')
  }
  assert.deepEqual(window.complaints, [])
})
