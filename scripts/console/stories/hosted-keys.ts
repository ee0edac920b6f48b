// A small shop lets keys be opened in the page of the collector: with a warning, a banner as long as it is so, and no name of a file
// in what is sent even then.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeFleet, need } from '../../drills/fleet.ts'
import { openChromium, openWindow } from '../chromium.ts'
import { becomeOwner } from '../person.ts'
import { markedIn, sentBy } from '../sent.ts'

const mark = 'Zebrafish'

test('a key is opened in the page of the collector where Trust allows it, and a search sends no name', async () => {
  await using fleet = await makeFleet()
  const home = fleet.path('home')
  mkdirSync(home)
  writeFileSync(fleet.path('home', `${mark}.txt`), 'a letter')
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  await laptop.backup(home)
  const kit = ['--kit', fleet.path('admin', 'recovery-kit.html'), '--yes']
  const allowed = need(await fleet.admin('hosted-keys', 'allow', ...kit))
  assert.match(allowed.err + allowed.out, /takes the key of the first admin/)
  assert.match(need(await fleet.admin('hosted-keys')).out, /may be opened in the page of the collector/)

  await using browser = await openChromium()
  const origin = `https://${fleet.collector.address}`
  await using window = await openWindow(browser, { url: origin })
  const { page, context } = window
  const sent = await sentBy(context)
  const { signInCode } = JSON.parse(await fleet.collector.line(one => one.includes('"event":"started"')))
  await page.goto('/')
  await becomeOwner(context, signInCode)
  await page.goto(`/restore/${laptop.id}`)
  await page.getByText('Keys may be opened in this page').waitFor()
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose admin.key.age' }).click()
  await (await choosing).setFiles(fleet.path('admin', 'admin.key.age'))
  await page.getByLabel('Passphrase').fill(fleet.passphrase)
  await page.getByRole('button', { name: 'Unlock' }).click()
  await page.getByRole('button', { name: `${mark}.txt`, exact: true }).waitFor()
  const find = page.getByPlaceholder('Find by name in all snapshots, then Enter')
  await find.fill(mark)
  await find.press('Enter')
  await page.getByText('1 found among').waitFor()
  assert.match(page.url(), new RegExp(`#.*find=${mark}`))
  await page.reload()
  await page.getByText('Keys may be opened in this page').waitFor()
  assert.deepEqual(markedIn(sent, mark), [])

  need(await fleet.admin('hosted-keys', 'forbid', ...kit))
  await page.getByText('Keys may be opened in this page').waitFor({ state: 'detached' })
  assert.deepEqual(window.complaints, [])
})
