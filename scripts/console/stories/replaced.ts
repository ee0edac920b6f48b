// A laptop that was set up anew comes as a new device. An admin sees what it looks like, says that it is not, and of another
// that it is: the old one is retired, and keeps its snapshots. And a token whose devices wait for somebody.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { makeFleet, need } from '../../drills/fleet.ts'
import { openAdminWindow } from '../admin-window.ts'
import { openChromium } from '../chromium.ts'
import { faults } from '../faults.ts'

test('a machine that was set up anew is replaced by hand, never by itself', async t => {
  await using fleet = await makeFleet()
  mkdirSync(fleet.path('home'))
  for (const name of ['laptop', 'laptop-anew', 'laptop-third']) {
    const { state } = await fleet.enroll(name, { roots: [fleet.path('home')] })
    rmSync(state, { recursive: true })
  }
  if (!need(await fleet.admin('devices')).err.includes('looks like')) {
    console.log('not tested: nothing tells this machine from another (no product UUID, no machine id)')
    return t.skip('this machine has no marks')
  }
  await using browser = await openChromium()
  await using window = await openAdminWindow(browser, fleet)
  const { page } = window
  const open = async (name: string) => {
    await page.getByRole('navigation').getByRole('link', { name: 'Enrolment' }).click()
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })
    await row.getByText('looks like').waitFor()
    await row.getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { name, exact: true }).waitFor()
  }
  const likeness = page.getByText('This looks like a new installation of')

  await open('laptop-anew')
  await likeness.getByRole('link', { name: 'laptop', exact: true }).waitFor()
  assert.deepEqual(await faults(page), [])
  await page.getByRole('button', { name: 'Not the same' }).click()
  await likeness.waitFor({ state: 'detached' })

  await open('laptop-third')
  await page.getByRole('button', { name: 'Replace laptop-anew…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Every snapshot of it stays').waitFor()
  await dialog.getByRole('button', { name: 'Retire laptop-anew' }).click()
  await dialog.waitFor({ state: 'detached' })
  // What remains is older; nobody has said anything of these two.
  await likeness.getByRole('link', { name: 'laptop', exact: true }).waitFor()
  assert.match(need(await fleet.admin('devices')).out, /retired +laptop-anew/)

  await page.getByRole('navigation').getByRole('link', { name: 'Enrolment' }).click()
  await page.getByRole('button', { name: 'New token' }).first().click()
  await dialog.getByText('Each machine waits until an admin puts it into a group').click()
  await dialog.getByRole('button', { name: 'Sign it…' }).click()
  await dialog.getByText('Each stores nothing until it is put into a group.').waitFor()
  assert.deepEqual(await faults(page), [])
  assert.deepEqual(window.complaints, [])
})
