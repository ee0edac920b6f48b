// An admin makes groups in the page, puts a device into one, moves and renames them, is told each time what that does, and signs.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { makeFleet, need } from '../../drills/fleet.ts'
import { until } from '../../drills/until.ts'
import { openAdminWindow } from '../admin-window.ts'
import { openChromium } from '../chromium.ts'
import { faults } from '../faults.ts'

test('groups are made, filled, moved, renamed and retired in the page', async () => {
  await using fleet = await makeFleet()
  mkdirSync(fleet.path('home'))
  const laptop = await fleet.enroll('laptop', { roots: [fleet.path('home')] })
  await fleet.enroll('server', { roots: [fleet.path('home')] })
  await using browser = await openChromium()
  await using window = await openAdminWindow(browser, fleet)
  const { page } = window
  const dialog = page.getByRole('dialog')
  const tree = page.getByRole('list').filter({ has: page.getByRole('button', { name: 'Fleet' }) })
  const group = (name: string) => tree.getByRole('button', { name })
  const sign = async (effect: RegExp, deed: string) => {
    await dialog.getByRole('status').getByText(effect).waitFor()
    await dialog.getByRole('button', { name: deed }).click()
    await dialog.waitFor({ state: 'detached' })
  }
  const wish = async (name: string, parent?: string) => {
    await dialog.getByLabel('Name').fill(name)
    if (parent !== undefined) await choose(page, /Stands in/, parent)
    await dialog.getByRole('button', { name: 'See what it does…' }).click()
  }

  await page.getByRole('link', { name: 'Policies' }).click()
  await page.getByRole('button', { name: 'New group' }).click()
  await wish('Engineers')
  await sign(/No device of today changes/, 'Sign the group')
  await group('Engineers').click()
  await page.getByRole('button', { name: 'Group inside…' }).click()
  await wish('Berlin')
  await sign(/No device of today changes/, 'Sign the group')
  await group('Berlin').waitFor()

  // What Engineers says counts for whoever comes in.
  need(await fleet.admin('policy', 'edit', '--group', 'Engineers', '--set', 'schedule=every 4h', '--yes'))
  await page.getByRole('navigation').getByRole('link', { name: 'Devices' }).click()
  await page.getByRole('row').filter({ hasText: 'laptop' }).getByRole('checkbox').click({ force: true })
  await page.getByRole('button', { name: 'Group…' }).click()
  await choose(page, /Group/, 'Berlin')
  await dialog.getByRole('button', { name: 'See what it does…' }).click()
  await dialog.getByText('not set → every 4h').waitFor()
  assert.deepEqual(await faults(page), [])
  await sign(/1 device will change\./, 'Sign and roll out')
  const agent = laptop.start('run', '--json')
  try {
    await until(
      async () => need(await laptop.run('policy')).out,
      said => said.includes('every 4h'),
    )
  } finally {
    await agent.end('SIGTERM')
  }

  // Moved out, Engineers says nothing to it any more; and a group has one name.
  await page.getByRole('link', { name: 'Policies' }).click()
  await group('Berlin').click()
  await page.getByText('In Fleet › Engineers.').waitFor()
  await page.getByRole('button', { name: 'Rename or move…' }).click()
  await wish('Engineers')
  await dialog.getByText('there is a group "Engineers" already', { exact: false }).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).first().click()
  await page.getByRole('button', { name: 'Rename or move…' }).click()
  await wish('Potsdam', 'Fleet')
  await dialog.getByText('every 4h → not set').waitFor()
  await sign(/1 device will change\./, 'Sign the change')
  await page.getByText('In Fleet.').waitFor()
  await group('Potsdam').waitFor()
  await page.getByRole('button', { name: 'Retire…' }).click()
  await sign(/No device of today changes/, 'Retire the group')
  await group('Potsdam').waitFor({ state: 'detached' })
  assert.deepEqual(window.complaints, [])
})

async function choose(page: Page, label: RegExp, option: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: label }).click()
  await page.getByRole('option', { name: option }).click()
}
