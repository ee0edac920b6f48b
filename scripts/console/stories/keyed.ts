// The pages as whoever holds a key sees them: what is signed there arrives, a picture is looked at, and axe finds nothing serious on
// them, light or dark.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Device, type Fleet, makeFleet, need } from '../../drills/fleet.ts'
import { jsonOf, type Running } from '../../drills/processes.ts'
import { openAdminWindow } from '../admin-window.ts'
import { openChromium, type Window } from '../chromium.ts'
import { cutOff } from '../cut-off.ts'
import { faults } from '../faults.ts'

/** One red dot. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==',
  'base64',
)

let fleet: Fleet
let laptop: Device
let agent: Running
let browser: Browser
let window: Window
let page: Page
const found: string[] = []

before(async () => {
  fleet = await makeFleet()
  const home = fleet.path('home')
  mkdirSync(fleet.path('home', 'Letters'), { recursive: true })
  for (const name of ['a', 'b', 'c'])
    writeFileSync(fleet.path('home', 'Letters', `${name}.txt`), `letter ${name}`)
  writeFileSync(fleet.path('home', 'dot.png'), picture)
  laptop = await fleet.enroll('laptop', { roots: [home] })
  await laptop.backup(home)
  rmSync(fleet.path('home', 'Letters', 'c.txt'))
  writeFileSync(fleet.path('home', 'Letters', 'a.txt'), 'letter a, once more')
  await laptop.backup(home)
  await fleet.enroll('museum', { roots: [home] })
  browser = await openChromium()
  window = await openAdminWindow(browser, fleet)
  page = window.page
})

after(async () => {
  await agent?.end('SIGTERM')
  await window?.[Symbol.asyncDispose]()
  await browser?.close()
  await fleet?.[Symbol.asyncDispose]()
})

/** As it stands now, in both colours. */
async function look(name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const { id, impact, nodes } of await faults(page))
      found.push(`${name} ${colorScheme}: ${impact} ${id}: ${nodes.join(' ; ')}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
  found.push(...(await cutOff(page)).map(one => `${name} at ${one}`))
}

const dialog = () => page.getByRole('dialog')
const place = (name: string) =>
  page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name, exact: true })

describe('pages with a key', { concurrency: false }, () => {
  test('a folder, its versions, a comparison, a search and a picture are looked at', async () => {
    await place('Restore').click()
    await page.getByRole('link', { name: /^laptop/ }).click()
    await page.getByRole('button', { name: 'dot.png', exact: true }).waitFor()
    await page.getByText('Show deleted').click()
    await page.getByRole('row').filter({ hasText: 'Letters' }).getByRole('checkbox').click({ force: true })
    await page.getByRole('status').filter({ hasText: '3 entries' }).waitFor()
    await look('restore, folder and basket')
    await page.getByRole('button', { name: 'dot.png', exact: true }).click()
    const image = dialog().getByRole('img')
    await image.waitFor()
    const width = await image.evaluate(async one => {
      const shown = one as HTMLImageElement
      await shown.decode()
      return shown.naturalWidth
    })
    assert.equal(width, 1)
    await look('preview')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Letters', exact: true }).click()
    await page.getByRole('button', { name: 'Versions of a.txt' }).click()
    await dialog().getByRole('row').nth(2).waitFor()
    await look('versions')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Compare' }).click()
    await dialog()
      .getByText(/changed, 1 gone/)
      .waitFor()
    await look('compare')
    await page.keyboard.press('Escape')
    const find = page.getByPlaceholder('Find by name in all snapshots, then Enter')
    await find.fill('.txt')
    await find.press('Enter')
    await page.getByText('3 found among').waitFor()
    await look('search')
  })

  test('a key ends where it is signed in by command, but nothing of others, and the page comes back', async () => {
    const listed = need(await fleet.admin('sessions', '--json'))
    const sessions = jsonOf<readonly { readonly id: string; readonly current: boolean }[]>(listed)
    const [one, ...others] = sessions.filter(({ current }) => !current)
    assert(one !== undefined, 'the page is signed in')
    assert.deepEqual(others, [], 'and once')
    // With the kit one is somebody else.
    const other = await fleet.admin(
      'sessions',
      'end',
      one.id,
      '--kit',
      fleet.path('admin', 'recovery-kit.html'),
    )
    assert.match(other.err, /no such thing|this session|not found/i)
    // Its key is open: it comes back by itself, as another session.
    const renewed = page.waitForResponse(one => /\/session\/key/.test(one.url()) && one.ok())
    assert.match(need(await fleet.admin('sessions', 'end', '--others')).out, /signed out: \d/)
    await place('Devices').click()
    await renewed
    await page.getByText('Key open').waitFor()
    await page.getByRole('row', { name: /laptop/ }).waitFor()
  })

  test('a backup that was signed is made, and a device that was retired counts no more', async () => {
    // Not before: a backup of its own would stand between the two that are compared.
    agent = laptop.start('run', '--json')
    await place('Devices').click()
    await page.getByRole('row').filter({ hasText: 'laptop' }).click()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Jobs' }).waitFor()
    await page.getByRole('button', { name: 'Back up now' }).click()
    await look('sign dialog')
    await dialog().getByRole('button', { name: 'Back up laptop' }).click()
    await dialog().waitFor({ state: 'detached' })
    await page.getByRole('row').filter({ hasText: 'Back up' }).getByText('done').waitFor()

    await place('Devices').click()
    await page.getByRole('row').filter({ hasText: 'museum' }).click()
    await page.getByRole('complementary', { name: 'Device' }).getByLabel('More actions').click()
    await page.getByRole('menuitem', { name: 'Retire…' }).click()
    await dialog().getByRole('button', { name: 'Retire museum' }).click()
    await page.getByText('1 device', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Retired', exact: true }).click()
    await page.getByRole('row').filter({ hasText: 'museum' }).waitFor()
  })

  test('a pause says what it leaves unprotected, who signed it, and ends again', async () => {
    await place('Devices').click()
    await page.getByRole('link', { name: 'All', exact: true }).click()
    await page.getByRole('row').filter({ hasText: 'laptop' }).click()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Jobs' }).waitFor()
    await page.getByLabel('More actions').click()
    await page.getByRole('menuitem', { name: 'Pause…' }).click()
    await dialog().getByRole('button', { name: 'See what it does…' }).click()
    await dialog()
      .getByText(/makes no snapshots until about .* its last complete one is of /)
      .waitFor()
    await look('pause, before it is signed')
    await dialog().getByRole('button', { name: 'Pause laptop' }).click()
    await page
      .getByText(/paused from afar by .* since/)
      .first()
      .waitFor()
    await look('a paused device')
    await page.getByLabel('More actions').click()
    await page.getByRole('menuitem', { name: 'End the pause…' }).click()
    await dialog().getByRole('button', { name: 'End the pause' }).click()
    await page
      .getByText(/paused from afar by/)
      .first()
      .waitFor({ state: 'detached' })
  })

  test('a token is signed, its commands shown once, and it is revoked', async () => {
    await place('Enrolment').click()
    await page.getByRole('button', { name: 'New token' }).first().click()
    await dialog().getByLabel('What it is for').fill('Lisbon')
    await dialog().getByRole('button', { name: 'Sign it…' }).click()
    await dialog().getByRole('button', { name: 'Sign the token' }).click()
    for (const system of ['Linux', 'macOS', 'Windows'])
      await page.getByRole('heading', { name: system, exact: true }).waitFor()
    const command = await page
      .getByText(/^sudo backstay-agent enroll/)
      .first()
      .innerText()
    assert.match(command, /enroll '[\w.:-]{100,}'/)
    await look('commands of a token')
    const row = page.getByRole('row').filter({ hasText: 'Lisbon' })
    await row.getByRole('button', { name: 'Revoke' }).click()
    await dialog().getByRole('button', { name: 'Revoke' }).click()
    await row.getByText('revoked').waitFor()
  })

  test('a setting is locked, and the history says what each version changed', async () => {
    await place('Policies').click()
    await page.getByRole('button', { name: /^Add a setting/ }).click()
    await page.getByRole('menuitem', { name: 'Employees may pause' }).click()
    await page.getByLabel('At most').fill('2h')
    await dialog()
      .getByText(/^Locked:/)
      .click()
    await look('edit of a setting')
    await page.getByRole('button', { name: 'Keep in the draft' }).click()
    await page.getByText(/^1 device will change/).waitFor()
    await look('draft of a policy')
    await page.getByRole('button', { name: 'Sign and roll out…' }).click()
    const from = agent.lineCount
    await dialog().getByRole('button', { name: 'Sign and roll out' }).click()
    await page.getByText(/^version 2, signed by/).waitFor()
    await page
      .getByText(/2h.*\(locked\)/)
      .first()
      .waitFor()
    await agent.line(line => line.includes('"policy obeyed"'), from)
    await page.getByText('1 obey the newest orders').waitFor()
    await look('policies')
  })

  test('the page that asks for the passphrase, and none of those before, keeps people out', async () => {
    await place('Keys and recovery').click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Passphrase').waitFor()
    await look('unlock')
    await page.getByLabel('Passphrase').fill(fleet.passphrase)
    await page.getByRole('button', { name: 'Unlock' }).click()
    await page.getByText('Key open').waitFor()
    await page.getByRole('button', { name: 'Check the kit…' }).click()
    await look('check of the kit')
    assert.deepEqual([...new Set(found)], [])
    assert.deepEqual(window.complaints, [])
  })
})
