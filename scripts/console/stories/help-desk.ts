// The help desk holds no key: it asks, and whoever has one sees on the Overview and on Restore what is meant, and does it.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFleet, need } from '../../drills/fleet.ts'
import { until } from '../../drills/until.ts'
import { openAdminWindow } from '../admin-window.ts'
import { openChromium, openWindow } from '../chromium.ts'
import { becomeOwner, call, digitsOf } from '../person.ts'

test('the help desk asks without a key, and whoever has one sees which folder is meant', async () => {
  await using fleet = await makeFleet()
  const lost = fleet.path('home', 'Zebrafish')
  mkdirSync(lost, { recursive: true })
  writeFileSync(join(lost, 'ledger.txt'), 'of last year')
  const laptop = await fleet.enroll('laptop', { roots: [fleet.path('home')] })
  await laptop.backup(fleet.path('home'))
  rmSync(lost, { recursive: true })
  await laptop.backup(fleet.path('home'))
  await using browser = await openChromium()
  await using holding = await openAdminWindow(browser, fleet)
  const { page } = holding
  const line = await fleet.collector.line(one => one.includes('"event":"started"'))
  const { signInCode } = JSON.parse(line) as { signInCode: string }
  const origin = `https://${fleet.collector.address}`
  await using owner = await openWindow(browser, { url: origin })
  await owner.page.goto('/')
  const { secret = '' } = await becomeOwner(owner.context, signInCode)
  await call(owner.context, 'POST', '/session/step-up', { method: 'totp', code: digitsOf(secret, 1) })
  const desk = {
    account: 'desk',
    name: 'Desk',
    roles: ['helpdesk'],
    password: 'a long sentence for the desk',
  }
  await call(owner.context, 'POST', '/people', desk)

  await using asking = await openWindow(browser, { url: origin })
  await asking.page.goto(`/restore/${laptop.id}`)
  await asking.page.getByLabel('Account').fill(desk.account)
  await asking.page.getByLabel('Password').fill(desk.password)
  await asking.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await asking.page.getByLabel('Which folder or file').fill(lost)
  await asking.page.getByLabel('A word for them').fill('for the accountant')
  await asking.page.getByRole('button', { name: 'Ask', exact: true }).click()
  await asking.page.getByText('Asked.').waitFor()

  // A backup is asked for as well, and reaches whoever looks at the Overview with a key, by itself.
  await page.getByRole('link', { name: 'Overview', exact: true }).click()
  await page.getByRole('heading', { name: 'Asked for (1)' }).waitFor()
  await asking.page.goto(`/devices/${laptop.id}`)
  await asking.page.getByRole('button', { name: 'Back up now' }).click()
  const dialog = asking.page.getByRole('dialog')
  await dialog.getByLabel('Or ask a key holder').fill('before the trip')
  await dialog.getByRole('button', { name: 'Ask for it' }).click()
  await dialog.getByText('Asked.').waitFor()
  assert.deepEqual(asking.complaints, [])
  const listed = need(await fleet.admin('intents'))
  assert.match(listed.out, /before the trip +backstay job run laptop backup/)
  assert.match(
    listed.out,
    new RegExp(`for the accountant +backstay job run laptop restore ${fleet.path('home')}`),
  )

  const agent = laptop.start('run', '--json')
  try {
    const wish = page.getByRole('listitem').filter({ hasText: 'before the trip' })
    await page.getByRole('heading', { name: 'Asked for (2)' }).waitFor()
    await wish.getByRole('button', { name: 'Sign…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Back up laptop' }).click()
    await wish.waitFor({ state: 'detached' })
    await until(
      () =>
        call<{ items: { kind: string; state: string }[] }>(
          asking.context,
          'GET',
          `/devices/${laptop.id}/jobs`,
        ),
      ({ items }) => items.some(one => one.kind === 'backup' && one.state === 'done'),
    )
  } finally {
    await agent.end('SIGTERM')
  }

  await page.getByRole('link', { name: 'Restore', exact: true }).click()
  await page.getByText('for the accountant').waitFor()
  await page.getByRole('link', { name: /Zebrafish$/ }).click()
  await page.getByRole('row').filter({ hasText: 'Zebrafish' }).getByText('deleted').waitFor()
  await page.getByRole('link', { name: 'Restore', exact: true }).click()
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByText('for the accountant').waitFor({ state: 'detached' })
})
