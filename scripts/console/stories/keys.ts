// An owner adds an admin in the page, with the kit; the new one reads backups; the desk key is made anew; keys of the collector are announced; and the one who goes is nobody.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeFleet, need } from '../../drills/fleet.ts'
import { jsonOf, run } from '../../drills/processes.ts'
import { openAdminWindow } from '../admin-window.ts'
import { openChromium } from '../chromium.ts'
import { faults } from '../faults.ts'

test('an admin is added, reads, and is removed, signed in the page with the kit', async () => {
  await using fleet = await makeFleet()
  const home = fleet.path('home')
  mkdirSync(home)
  writeFileSync(fleet.path('home', 'thesis.txt'), 'a year of work')
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  await laptop.backup()
  const options = ['--admin', fleet.path('berta'), '--passphrase-file', fleet.path('passphrase')]
  const berta = (...words: readonly string[]) => run('admin', [...words, ...options])
  const asked = jsonOf<{ readonly request: string; readonly fingerprint: string }>(
    need(await berta('admins', 'request', 'Berta', '--json')),
  )
  assert.match((await berta('snapshots', laptop.id)).err, /no admin's folder|no admin/)
  const kit = readFileSync(fleet.path('admin', 'recovery-kit.html'), 'utf8')

  await using browser = await openChromium()
  await using window = await openAdminWindow(browser, fleet)
  const { page } = window
  const dialog = page.getByRole('dialog')
  const withKit = async (deed: string, text = kit) => {
    await dialog.getByLabel('Lines of the recovery kit').fill(text)
    await dialog.getByRole('button', { name: deed }).click()
  }
  await page.getByRole('link', { name: 'Keys and recovery' }).click()

  // Who opened his key proved what waited; the kit is checked when its lines are typed.
  await page.getByText(/^Proved .*, on 1 device$/).waitFor()
  await page.getByText('Never proved').waitFor()
  await page.getByRole('button', { name: 'Check the kit…' }).click()
  await withKit('Check it', 'BACKSTAY-FLEET-1XYZ')
  await dialog.getByRole('alert').waitFor()
  await withKit('Check it')
  await dialog.getByText('The keys of 1 device open: by the desk and by the kit.').waitFor()
  await dialog.getByRole('button', { name: 'Close' }).first().click()
  await page.getByText('Never proved').waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await dialog.getByLabel('The request').fill(asked.request.replace('Berta', 'Bertha'))
  await dialog.getByText('Let devices in, retire them').click()
  await dialog.getByRole('button', { name: 'See what it does…' }).click()
  await dialog.getByText('its key did not sign it').waitFor()
  await dialog.getByRole('button', { name: 'Close' }).first().click()

  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await dialog.getByLabel('The request').fill(asked.request)
  await dialog.getByText('Let devices in, retire them').click()
  await dialog.getByRole('button', { name: 'See what it does…' }).click()
  await dialog.getByText(`Compare with Berta, by voice: ${asked.fingerprint}.`).waitFor()
  await dialog.getByText('Who may restore then: drill admin, Berta.').waitFor()
  assert.deepEqual(await faults(page), [])
  await withKit('Sign and add', 'BACKSTAY-FLEET-1XYZ')
  await dialog.getByRole('alert').waitFor()
  await withKit('Sign and add')
  const invitation = await dialog.getByText(/^backstay-admin:/).textContent()
  await dialog.getByRole('button', { name: 'Close' }).first().click()
  await page.getByRole('row').filter({ hasText: 'Berta' }).getByText('policy, restore, audit').waitFor()

  // Berta reads what was backed up before she came, and may not do what she was not given.
  writeFileSync(fleet.path('invitation'), `${invitation}\n`)
  need(await berta('admins', 'join', fleet.path('invitation')))
  need(await berta('restore', laptop.id, home, '--to', fleet.path('out')))
  assert.equal(readFileSync(fleet.path('out', 'thesis.txt'), 'utf8'), 'a year of work')
  assert.notEqual((await berta('token')).code, 0)

  // The device seals its keys for the new desk key by itself; both still read.
  await page.getByRole('button', { name: 'Make the desk key anew…' }).click()
  await dialog.getByText('Trust becomes version 3').waitFor()
  await withKit('Sign the new key')
  await dialog.waitFor({ state: 'detached' })
  writeFileSync(fleet.path('home', 'more.txt'), 'another year')
  await laptop.backup()
  assert.match(need(await fleet.admin('prove')).out, /laptop: recoverable/)
  assert.match(need(await berta('prove')).out, /laptop: recoverable/)

  const made = await run('collector', ['next-keys', '--data', fleet.data, '--json'])
  const next = jsonOf<{ readonly keys: string; readonly fingerprint: string }>(need(made))
  await page.getByRole('button', { name: 'Announce new keys of the collector…' }).click()
  await dialog.getByLabel('What it printed').fill(next.keys)
  await dialog.getByRole('button', { name: 'See what it does…' }).click()
  await dialog.getByText(`Compare with the terminal of the collector: ${next.fingerprint}.`).waitFor()
  await withKit('Sign and announce')
  await dialog.waitFor({ state: 'detached' })
  await page.getByText('one, and one announced').waitFor()

  await page.getByRole('button', { name: 'Remove Berta' }).click()
  await dialog.getByText('“Berta” is an admin no longer').waitFor()
  await withKit('Remove Berta')
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('row').filter({ hasText: 'Berta' }).waitFor({ state: 'detached' })
  assert.notEqual((await berta('snapshots', laptop.id)).code, 0)
  await laptop.backup()
  assert.match(need(await fleet.admin('prove')).out, /laptop: recoverable/)
  assert.match(need(await fleet.admin('admins')).out, /drill admin +policy, restore, enroll, audit/)
  assert.deepEqual(window.complaints, [])
})
