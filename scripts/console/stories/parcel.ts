// What was given from one device to another stands on the pages of both, without saying what it was.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeFleet, need } from '../../drills/fleet.ts'
import { openAdminWindow } from '../admin-window.ts'
import { openChromium } from '../chromium.ts'
import { faults } from '../faults.ts'

test('a parcel is seen from both sides, and its end too', async () => {
  await using fleet = await makeFleet()
  const home = fleet.path('home')
  mkdirSync(`${home}/secret-plans`, { recursive: true })
  writeFileSync(`${home}/secret-plans/one`, 'content')
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  await laptop.backup()
  await fleet.enroll('desktop', { roots: [home] })
  const given = need(
    await fleet.admin(
      'parcel',
      'laptop',
      `${home}/secret-plans`,
      '--to',
      'desktop',
      '--yes',
      '--no-wait',
      '--json',
    ),
  )
  const { parcel } = JSON.parse(given.out) as { readonly parcel: string }
  await using browser = await openChromium()
  await using window = await openAdminWindow(browser, fleet)
  const { page } = window
  const panel = page.locator('section.panel').filter({ has: page.getByRole('heading', { name: 'Parcels' }) })
  await page.getByRole('navigation').getByRole('link', { name: 'Devices' }).click()
  await page.getByRole('row').filter({ hasText: 'laptop' }).click()
  await page.keyboard.press('Enter')
  await panel.getByText('waits for its receiver').waitFor()
  await panel.getByText('2 entries').waitFor()
  assert.deepEqual(await faults(page), [])
  assert.ok(!(await page.content()).includes('secret-plans'))
  await panel.getByRole('link', { name: 'desktop' }).click()
  await page.getByRole('heading', { name: 'desktop', exact: true }).waitFor()
  await panel.getByText('From').waitFor()
  need(await fleet.admin('parcels', 'revoke', parcel, '--yes'))
  await page.reload()
  await panel.getByText('revoked').waitFor()
  assert.deepEqual(window.complaints, [])
})
