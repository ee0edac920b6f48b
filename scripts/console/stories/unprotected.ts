// A fleet manager finds the three devices that are not protected among five hundred, with the mouse and without.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markupName } from '../../testing/made-fleet/device.ts'
import { openWindow } from '../chromium.ts'
import { openMadeConsole } from '../made-console.ts'
import { becomeOwner } from '../person.ts'

test('the three unprotected devices among 500 are found from the overview in one click', async () => {
  await using stage = await openMadeConsole({ devices: 500, snapshots: 2, withMarkup: true })
  const { served, browser, fleet } = stage
  await using window = await openWindow(browser, { url: served.url })
  const { page, context } = window
  await page.goto('/')
  await becomeOwner(context, served.code)
  await page.goto('/')
  const wanted = fleet.devices.filter(({ fate }) => fate.kind === 'unprotected').map(({ name }) => name)
  assert.equal(wanted.length, 3)

  await page.getByRole('link', { name: /^Unprotected 3$/ }).click()
  await page.getByText('3 devices', { exact: true }).waitFor()
  const rows = page.getByRole('row').filter({ hasText: 'Unprotected' })
  // Exactly one of each, and no other.
  for (const name of wanted) await rows.filter({ hasText: name }).waitFor()
  assert.equal(await rows.count(), 3)
  assert.match(page.url(), /state=unprotected/)

  // With the keyboard: down to the second row, its panel, its page, and back to the list as it was.
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  const panel = page.getByRole('complementary', { name: 'Device' })
  await panel
    .getByText(/backups fail/i)
    .first()
    .waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/devices\/[0-9a-f]{32}$/)
  await page.getByRole('heading', { name: 'Jobs' }).waitFor()
  await page.keyboard.press('Escape')
  await page.waitForURL(/state=unprotected/)
  await rows.nth(2).waitFor()

  // What is ticked is in the address, and survives a reload.
  await page.keyboard.press('x')
  await page.getByRole('toolbar', { name: 'Selected devices' }).waitFor()
  await page.reload()
  await page.getByRole('toolbar', { name: 'Selected devices' }).getByText('1 device').waitFor()

  // Search from anywhere; a name that is markup is text.
  await page.keyboard.press('g')
  await page.keyboard.press('o')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.keyboard.press('/')
  await page.getByRole('dialog').getByRole('combobox').fill('<img')
  await page.getByRole('option', { name: markupName }).click()
  await page.getByRole('heading', { name: markupName }).waitFor()
  assert.equal(await page.locator('main img').count(), 0)
  assert.deepEqual(window.complaints, [])
})
