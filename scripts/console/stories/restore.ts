// IT gets a lost folder back: from a console on its own machine, to a zip and to the device, and the collector learns neither names nor
// content.
import assert from 'node:assert/strict'
import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, Download, Page } from 'playwright-core'
import { readZip } from '../../../collector/console/archive/testing/read-zip.ts'
import { type Device, type Fleet, makeFleet } from '../../drills/fleet.ts'
import { type Running, start } from '../../drills/processes.ts'
import { seededRandom } from '../../testing/random.ts'
import { openChromium, openWindow, type Window } from '../chromium.ts'
import { becomeOwner, call, digitsOf } from '../person.ts'

/** In names and contents, and nowhere else. */
const marks = ['Zebrafish', 'Quicksilver'] as const
const random = seededRandom(11)
const files = new Map<string, Buffer>()

let fleet: Fleet
let laptop: Device
let local: Running
let browser: Browser
let window: Window
let page: Page
const sent: string[] = []

before(async () => {
  fleet = await makeFleet()
  const home = fleet.path('home')
  const put = (name: string, bytes: Buffer) => {
    mkdirSync(join(home, name, '..'), { recursive: true })
    writeFileSync(join(home, name), bytes)
    files.set(name, bytes)
  }
  for (let at = 0; at < 60; at++)
    put(`Zebrafish/${at}.txt`, Buffer.from(`Quicksilver ${at}\n`.repeat(at + 1)))
  put('Zebrafish/large.bin', Buffer.from(random.bytes(7_000_000)))
  put('Zebrafish/<img src=x onerror=alert(1)>.txt', Buffer.from('markup\n'))
  put('letter.txt', Buffer.from('Dear Quicksilver,\n'))
  // Of somebody who works there: in folders of root an agent puts nothing back in its place.
  own(home)
  laptop = await fleet.enroll('laptop', { roots: [home] })
  await laptop.backup(home)
  rmSync(join(home, 'Zebrafish'), { recursive: true })
  writeFileSync(join(home, 'letter.txt'), 'Dear Quicksilver, once more\n')
  await laptop.backup(home)
  const admin = fleet.adminOptions.slice(
    fleet.adminOptions.indexOf('--admin'),
    fleet.adminOptions.indexOf('--admin') + 2,
  )
  local = start('admin', ['console', '--json', ...admin])
  const { url } = JSON.parse(await local.line(one => one.includes('"url"'))) as { url: string }
  browser = await openChromium()
  window = await openWindow(browser, { url: new URL(url).origin })
  page = window.page
  page.on('request', request =>
    sent.push(`${request.url()} ${request.postDataBuffer()?.toString('latin1') ?? ''}`),
  )
  await page.goto(url)
  await page.getByLabel('Passphrase').fill('not the passphrase')
  await page.getByRole('button', { name: 'Unlock' }).click()
  await page.getByText('That is not it.').waitFor()
  await page.getByLabel('Passphrase').fill(fleet.passphrase)
  await page.getByRole('button', { name: 'Unlock' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
})

after(async () => {
  await browser?.close()
  await local?.end('SIGTERM')
  await fleet?.[Symbol.asyncDispose]()
})

function own(folder: string): void {
  if (process.getuid?.() !== 0) return
  const person = 1234
  for (const one of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
    chownSync(join(folder, one), person, person)
}

const row = (name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) })

async function download(deed: () => Promise<void>): Promise<Download> {
  const [coming] = await Promise.all([page.waitForEvent('download'), deed()])
  return coming
}

async function zipFrom(coming: Download): Promise<Map<string, Buffer>> {
  const path = fleet.path(`zip-${sent.length}`)
  await coming.saveAs(path)
  return new Map(readZip(readFileSync(path)).map(one => [one.name, one.bytes]))
}

describe('IT restores what was lost', { concurrency: false }, () => {
  test('a folder that was deleted last week comes as a zip, byte for byte', async () => {
    await page.getByRole('link', { name: 'Restore', exact: true }).click()
    await page.getByRole('link', { name: /laptop/ }).click()
    await row('letter.txt').waitFor()
    assert.equal(await row('Zebrafish').count(), 0)
    await page.getByText('Show deleted').click()
    await row('Zebrafish').getByText('deleted; last in #1').waitFor()
    await row('Zebrafish').getByRole('checkbox').click({ force: true })
    await page.getByRole('status').filter({ hasText: '63 entries' }).waitFor()
    const coming = await download(() => page.getByRole('button', { name: 'Download as zip' }).click())
    assert.equal(coming.suggestedFilename(), 'Zebrafish.zip')
    const zipped = await zipFrom(coming)
    for (const [name, bytes] of files) {
      if (name.startsWith('Zebrafish/')) assert.ok(zipped.get(name)?.equals(bytes), name)
    }
    await page.getByText('62 files restored').waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()
  })

  test('a name with markup is text', async () => {
    await row('Zebrafish').getByRole('button', { name: 'Zebrafish' }).click()
    await row('<img src=x onerror=alert(1)>.txt').waitFor()
    assert.equal(await page.locator('img[src="x"]').count(), 0)
  })

  test('a file is found by a part of its name in all snapshots, and its versions are told apart', async () => {
    const find = page.getByPlaceholder('Find by name in all snapshots, then Enter')
    await find.fill('LETTER')
    await find.press('Enter')
    await page.getByText('1 found among').waitFor()
    await find.fill('zebrafish')
    await find.press('Enter')
    await page.getByRole('listitem').filter({ hasText: 'deleted; last in #1' }).waitFor()
    await find.fill('letter')
    await find.press('Enter')
    await page
      .getByRole('button', { name: /letter\.txt$/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Versions of letter.txt' }).click()
    const versions = page.getByRole('dialog').getByRole('row')
    await versions.nth(2).waitFor()
    assert.equal(await versions.count(), 3)
    await versions.nth(2).getByRole('button', { name: 'Add' }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('status').filter({ hasText: '1 entry' }).waitFor()
    const zipped = await zipFrom(
      await download(() => page.getByRole('button', { name: 'Download as zip' }).click()),
    )
    assert.equal(zipped.get('letter.txt')?.toString(), 'Dear Quicksilver,\n')
    await page.getByRole('button', { name: 'Clear' }).click()
  })

  test('a text is looked at, and two moments are compared', async () => {
    await page.getByRole('button', { name: 'letter.txt', exact: true }).click()
    await page.getByText('Dear Quicksilver, once more').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByText('0 new, 1 changed, 63 gone').waitFor()
    await page.keyboard.press('Escape')
  })

  test('bars say which snapshot changed the folder, and an estimate how long it takes', async () => {
    await page.getByRole('button', { name: /#2 1 changed, 63 gone/ }).waitFor()
    await page.getByRole('img', { name: 'What changed in this folder, by snapshot' }).waitFor()
    await row('Zebrafish').getByRole('checkbox').click({ force: true })
    await page
      .getByRole('status')
      .filter({ hasText: '63 entries' })
      .getByText(/a few seconds, an estimate by/)
      .waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()
  })

  test('the device gives it back to itself', async () => {
    const agent = laptop.start('run', '--json')
    try {
      await page.getByRole('button', { name: '#1', exact: false }).first().click()
      await row('Zebrafish').getByRole('checkbox').click({ force: true })
      await page.getByText('The device itself', { exact: true }).click()
      await page.getByRole('button', { name: 'Sign and restore on the device' }).click()
      await page.getByText('The device has it back').waitFor({ timeout: 30_000 })
    } finally {
      await agent.end('SIGTERM')
    }
  })

  test('in its place: what is there stays, beside it or instead of what came back', async () => {
    const there = (name: string) => readFileSync(fleet.path('home', name), 'utf8')
    const restore = async (rule: string) => {
      const agent = laptop.start('run', '--json')
      try {
        await page.getByText('The device itself, in its place', { exact: true }).click()
        await page.getByText(rule, { exact: true }).click()
        await page.getByRole('button', { name: 'Sign and restore on the device' }).click()
        await page.getByText('Signed. The device begins').waitFor()
        await page.getByText('The device has it back').waitFor({ timeout: 30_000 })
      } finally {
        await agent.end('SIGTERM')
      }
    }
    await page.getByRole('button', { name: 'Clear' }).click()
    await row('Zebrafish').getByRole('checkbox').click({ force: true })
    await row('letter.txt').getByRole('checkbox').click({ force: true })
    await restore('Keep both')
    assert.equal(there('letter.txt'), 'Dear Quicksilver, once more\n')
    assert.equal(there('letter.txt (restored)'), 'Dear Quicksilver,\n')
    for (const [name, bytes] of files)
      if (name.startsWith('Zebrafish/')) assert.ok(bytes.equals(readFileSync(fleet.path('home', name))), name)

    rmSync(fleet.path('home', 'Zebrafish', '7.txt'))
    writeFileSync(fleet.path('home', 'Zebrafish', '8.txt'), 'written since\n')
    const before = readdirSync(fleet.path('home'), { recursive: true }).length
    await restore('Only what is missing')
    assert.equal(there('Zebrafish/7.txt'), String(files.get('Zebrafish/7.txt')))
    assert.equal(there('Zebrafish/8.txt'), 'written since\n')
    assert.equal(readdirSync(fleet.path('home'), { recursive: true }).length, before + 1)
  })

  test('onto the device that replaces it: the new one gives back what the old one had', async () => {
    const heir = await fleet.enroll('heir', { roots: [fleet.path('heir-home')] })
    const restored = fleet.path('heir-restored')
    const agent = heir.start('run', '--json', '--restored', restored)
    try {
      await page.getByText('Another device, which replaces it', { exact: true }).click()
      const sign = page.getByRole('button', { name: 'Sign and restore on the device' })
      assert.ok(await sign.isDisabled(), 'nobody is chosen yet')
      await page.getByText('heir', { exact: true }).click()
      await sign.click()
      await page.getByText('Signed. The device begins').waitFor()
      await page.getByText('The device has it back').waitFor({ timeout: 30_000 })
    } finally {
      await agent.end('SIGTERM')
    }
    const found = readdirSync(restored, { recursive: true, encoding: 'utf8' })
    assert.ok(found.some(name => name.endsWith('letter.txt')))
    assert.ok(found.some(name => name.endsWith('Zebrafish/59.txt') || name.endsWith('59.txt')))
  })

  test('a zip survives that the collector dies and comes back', async () => {
    await page.getByRole('button', { name: 'Clear' }).click()
    await row('Zebrafish').getByRole('checkbox').click({ force: true })
    await page.getByText('A zip in this browser').click()
    await page.getByRole('status').filter({ hasText: '63 entries' }).waitFor()
    await fleet.collector.end('SIGKILL')
    const coming = await download(() => page.getByRole('button', { name: 'Download as zip' }).click())
    await page.getByText('The collector does not answer; waiting').waitFor({ timeout: 20_000 })
    await fleet.startCollector()
    const zipped = await zipFrom(coming)
    for (const [name, bytes] of files)
      if (name.startsWith('Zebrafish/')) assert.ok(zipped.get(name)?.equals(bytes), name)
  })

  test('the help desk asks without a key, and whoever has one sees which folder is meant', async () => {
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
    await asking.page.getByLabel('Which folder or file').fill(join(fleet.path('home'), 'Zebrafish'))
    await asking.page.getByLabel('A word for them').fill('for the accountant')
    await asking.page.getByRole('button', { name: 'Ask', exact: true }).click()
    await asking.page.getByText('Asked.').waitFor()
    assert.deepEqual(asking.complaints, [])

    await page.getByRole('link', { name: 'Restore', exact: true }).click()
    await page.getByText('for the accountant').waitFor()
    await page.getByRole('link', { name: /Zebrafish$/ }).click()
    await row('Zebrafish').getByText('deleted').waitFor()
    await page.getByRole('link', { name: 'Restore', exact: true }).click()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByText('for the accountant').waitFor({ state: 'detached' })
  })

  test('another device is chosen from where one was looked at', async () => {
    await page.getByRole('link', { name: 'Restore', exact: true }).click()
    await page.getByRole('link', { name: /laptop/ }).waitFor()
  })

  test('nothing that the page sent holds a name or content, and the browser had nothing to complain about', () => {
    assert.ok(sent.length > 50)
    for (const mark of marks) {
      assert.deepEqual(
        sent.filter(one => one.includes(mark) || one.includes(encodeURIComponent(mark))),
        [],
      )
      const stored = readdirSync(fleet.data, { recursive: true, withFileTypes: true }).filter(one =>
        one.isFile(),
      )
      for (const one of stored)
        assert.ok(!readFileSync(join(one.parentPath, one.name)).includes(mark), `${mark} in ${one.name}`)
    }
    assert.deepEqual(
      window.complaints.filter(one => !/503|Failed to load/.test(one)),
      [],
    )
  })
})
