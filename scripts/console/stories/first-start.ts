// From a collector that was started a moment ago to a first protected device.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeFleet } from '../../drills/fleet.ts'
import { openChromium, openWindow } from '../chromium.ts'
import { digitsOf, ownerPassword } from '../person.ts'

test('first start to first protected device', async () => {
  await using fleet = await makeFleet()
  await using browser = await openChromium()
  await using window = await openWindow(browser, { url: `https://${fleet.collector.address}` })
  const { page } = window
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

  // An owner's role counts after a second factor, and nothing else is shown before.
  await page.getByRole('heading', { name: 'Welcome, Owner' }).waitFor()
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByRole('img', { name: 'QR code' }).waitFor()
  const secret = (await page.locator('.copied code').textContent()) ?? ''
  await page.getByLabel('Six digits').fill(digitsOf(secret))
  await page.getByRole('button', { name: 'Switch on' }).click()
  await page.getByText('No device is enrolled yet.').waitFor()

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
    await page.getByText('Everything is protected').waitFor()
    await page.getByRole('link', { name: /^Protected 1$/ }).click()
    await page
      .getByRole('row')
      .filter({ hasText: 'laptop' })
      .getByText('Protected', { exact: true })
      .waitFor()
  } finally {
    await agent.end('SIGTERM')
  }
  assert.deepEqual(window.complaints, [])
})
