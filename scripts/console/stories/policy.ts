// An admin opens the console with his own key, changes a policy, reads what it would do, signs it, and sees it arrive.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeFleet } from '../../drills/fleet.ts'
import { openAdminWindow } from '../admin-window.ts'
import { openChromium } from '../chromium.ts'

test('a policy is changed and signed in the page, and arrives on the device', async () => {
  await using fleet = await makeFleet()
  const home = fleet.path('home')
  mkdirSync(home)
  writeFileSync(fleet.path('home', 'thesis.txt'), 'a year of work')
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  const agent = laptop.start('run', '--json')
  try {
    await using browser = await openChromium()
    await using window = await openAdminWindow(browser, fleet)
    const { page } = window
    await page.getByRole('link', { name: 'Policies' }).click()
    await page.getByText('1 obey the newest orders').waitFor()
    await page.getByRole('button', { name: /^Add a setting/ }).click()
    await page.getByRole('menuitem', { name: 'Employees may pause' }).click()
    await page.getByLabel('At most').fill('soon')
    await page.getByRole('button', { name: 'Keep in the draft' }).click()
    await page
      .getByRole('dialog')
      .getByText(/"soon" is not a duration/)
      .waitFor()
    await page.getByLabel('At most').fill('2h')
    await page.getByRole('button', { name: 'Keep in the draft' }).click()
    await page.getByText('1 change, not signed yet.').waitFor()
    await page.getByText(/^1 device will change; no snapshot goes\.$/).waitFor()
    await page.getByRole('button', { name: 'Sign and roll out…' }).click()
    const from = agent.lineCount
    await page.getByRole('dialog').getByRole('button', { name: 'Sign and roll out' }).click()

    await page.getByText(/^version 2, signed by/).waitFor()
    await agent.line(line => line.includes('"policy obeyed"'), from)
    await page.getByText('1 obey the newest orders').waitFor()
    assert.match((await laptop.run('policy')).out, /pause\s.*2h/)

    await agent.line(line => line.includes('"snapshot stored"'))
    await page.getByRole('button', { name: /^Add a setting/ }).click()
    await page.getByRole('menuitem', { name: 'Left out everywhere' }).click()
    await page.getByLabel('Left out of every backup set').fill('*.txt')
    await page.getByRole('button', { name: 'Keep in the draft' }).click()
    await page.getByText(/leave the backup is counted before you sign/).waitFor()
    await page.getByRole('button', { name: 'Sign and roll out…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/1 file, 14 B, would no longer be protected on 1 of 1 device opened/).waitFor()
    await dialog.getByText(`laptop: ${home}, 1 file, 14 B`).waitFor()
    await dialog.getByText('Close', { exact: true }).click()

    await page.getByRole('button', { name: 'Take back the change of Left out everywhere' }).click()
    await page.getByRole('button', { name: 'Change Employees may pause' }).click()
    await page.getByLabel('At most').fill('30m')
    await page.getByRole('button', { name: 'Keep in the draft' }).click()
    await page.getByRole('button', { name: 'Sign and roll out…' }).click()
    await dialog.getByRole('button', { name: 'Sign and roll out' }).click()
    await page.getByText(/^version 3, signed by/).waitFor()
    // What each version changed, the newest first; what was before is struck through.
    const versions = page.getByRole('row').filter({ hasText: /^Version \d/ })
    await versions.first().filter({ hasText: 'Version 3' }).locator('.gone-value').waitFor()
    await versions.nth(1).getByText('Employees may pause').waitFor()
    const said = await versions.allInnerTexts()
    assert.match(said[0] ?? '', /Version 3\s+Employees may pause: 2h 30m\s/)
    assert.match(said[1] ?? '', /Version 2\s+Employees may pause: .*2h\s/)
    assert.equal(await versions.first().locator('.gone-value').innerText(), '2h')

    await page.getByRole('button', { name: 'Change Snapshots kept' }).click()
    await page.getByLabel('years').fill('9')
    await page.getByRole('button', { name: 'Keep in the draft' }).click()
    await page.getByRole('button', { name: 'Sign and roll out…' }).click()
    await dialog.getByText(/none would go today, later ones go sooner/).waitFor()
    assert.deepEqual(window.complaints, [])
  } finally {
    await agent.end('SIGTERM')
  }
})
