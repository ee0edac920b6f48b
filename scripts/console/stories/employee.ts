// Somebody at his own machine: is it protected, where is the file that was deleted, back into a new folder; and what the policy keeps
// from him.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Device, type Fleet, makeFleet, need } from '../../drills/fleet.ts'
import type { Running } from '../../drills/processes.ts'
import { seededRandom } from '../../testing/random.ts'
import { openChromium, openWindow, type Window } from '../chromium.ts'
import { faults } from '../faults.ts'

const markup = '<img src=x onerror=alert(1)>.txt'
const thesis = Buffer.from(seededRandom(3).bytes(7_000_000))
/** The key of `/`: everything. */
const volume = Buffer.from([0, 0x2f]).toString('base64url')
const letters = ['Dear all,\n', 'Dear all, once more\n'] as const

let fleet: Fleet
let laptop: Device
let home: string
let agent: Running
let opened: Running
let browser: Browser
let window: Window
let page: Page

before(async () => {
  fleet = await makeFleet()
  home = fleet.path('home')
  mkdirSync(join(home, 'thesis/figures'), { recursive: true })
  writeFileSync(join(home, 'thesis/draft.bin'), thesis)
  writeFileSync(join(home, `thesis/${markup}`), 'markup\n')
  for (let at = 0; at < 30; at++) writeFileSync(join(home, `thesis/figures/${at}.svg`), `figure ${at}\n`)
  writeFileSync(join(home, 'letter.txt'), letters[0])
  laptop = await fleet.enroll('laptop', { roots: [home] })
  await laptop.backup()
  rmSync(join(home, 'thesis'), { recursive: true })
  writeFileSync(join(home, 'letter.txt'), letters[1])
  await laptop.backup()
  agent = laptop.start('run')
  await agent.line(one => one.includes('snapshot stored'))
  opened = laptop.start('open', '--json')
  const { url } = JSON.parse(await opened.line(one => one.includes('"url"'))) as { url: string }
  browser = await openChromium()
  window = await openWindow(browser, { url: new URL(url).origin })
  page = window.page
  await page.goto(url)
  await page.getByRole('heading', { name: /^Protected/ }).waitFor()
})

after(async () => {
  await browser?.close()
  await opened?.end('SIGTERM')
  await agent?.end('SIGTERM')
  await fleet?.[Symbol.asyncDispose]()
})

const row = (name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) })

async function find(words: string): Promise<void> {
  await page.getByLabel('Find a file by its name').fill(words)
  await page.keyboard.press('Enter')
}

/** As the page asks; the window's cookie proves it. */
async function askAs(question: string, asked: unknown, headers: Record<string, string> = {}) {
  const { origin } = new URL(page.url())
  const response = await window.context.request.post(`${origin}/local/v1/${question}`, {
    headers: { origin, 'content-type': 'application/json', ...headers },
    data: JSON.stringify(asked),
  })
  return { status: response.status(), told: (await response.json()) as { readonly code?: string } }
}

async function sign(...settings: readonly string[]): Promise<void> {
  const words = settings.flatMap(setting => ['--set', setting])
  need(await fleet.admin('policy', 'edit', '--device', laptop.id, '--yes', ...words))
}

describe('an employee at his own machine', { concurrency: false }, () => {
  test('sees the sentence of status, and what is protected', async () => {
    const { out } = await laptop.run('status')
    const [sentence = ''] = out.split('\n')
    assert.match(sentence, /^protected /)
    await page.getByRole('heading', { name: new RegExp(`^${sentence.slice(0, 9)}`, 'i') }).waitFor()
    await page.getByRole('listitem').filter({ hasText: home }).waitFor()
    assert.equal(new URL(page.url()).hash, '')
  })

  test('finds a deleted folder, and gets it back into a new one, byte for byte', async () => {
    await row('thesis').getByText('deleted; last there').waitFor()
    await row('thesis').getByRole('button', { name: 'Restore thesis' }).click()
    const to = page.getByLabel('Into a new folder')
    await to.waitFor()
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#to')?.value !== '')
    assert.match(await to.inputValue(), /\/Restored\/thesis \d{4}-/)
    await to.fill(fleet.path('back'))
    await page.getByRole('button', { name: 'Restore', exact: true }).click()
    await page.getByText(/^Restored: 3\d entries/).waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    assert.ok(readFileSync(fleet.path('back/draft.bin')).equals(thesis))
    assert.equal(readFileSync(fleet.path('back', markup), 'utf8'), 'markup\n')
    assert.equal(readdirSync(fleet.path('back/figures')).length, 30)
  })

  test('goes on with a restore when its dialog is closed, and says so', async () => {
    await row('thesis').getByRole('button', { name: 'Restore thesis' }).click()
    await page.getByLabel('Into a new folder').fill(fleet.path('again'))
    await page.getByRole('button', { name: 'Restore', exact: true }).click()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByText(`Restored. It lies in ${fleet.path('again')}`).waitFor()
    assert.ok(readFileSync(fleet.path('again/draft.bin')).equals(thesis))
  })

  test('never overwrites: a folder that is there is refused', async () => {
    await row('letter.txt').getByRole('button', { name: 'Restore letter.txt' }).click()
    await page.getByLabel('Into a new folder').fill(home)
    await page.getByRole('button', { name: 'Restore', exact: true }).click()
    await page.getByRole('alert').filter({ hasText: 'is there already' }).waitFor()
    await page.keyboard.press('Escape')
    assert.equal(readFileSync(join(home, 'letter.txt'), 'utf8'), letters[1])
  })

  test('finds a file by a part of its name over all backups, and takes an older version', async () => {
    await find('DRAFT')
    await row('draft.bin').getByText('deleted before').waitFor()
    await find('letter')
    await page.getByText('1 name found.').waitFor()
    await row('letter.txt').getByRole('button', { name: 'Versions of letter.txt' }).click()
    const versions = page.getByRole('dialog').getByRole('row')
    await versions.nth(2).waitFor()
    assert.equal(await versions.count(), 3)
    await versions.nth(2).getByRole('button', { name: 'Restore letter.txt' }).click()
    await page.getByLabel('Into a new folder').fill(fleet.path('older/letters'))
    await page.getByRole('button', { name: 'Restore', exact: true }).click()
    await page.getByText(/^Restored: 1 entry/).waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    assert.equal(readFileSync(fleet.path('older/letters/letter.txt'), 'utf8'), letters[0])
  })

  test('a name with markup is text, and the way back is the way that browsers know', async () => {
    await find('onerror')
    await row(markup).waitFor()
    assert.equal(await page.locator('img').count(), 0)
    await page.goBack()
    await page.getByText('1 name found.').waitFor()
    await row('letter.txt').waitFor()
  })

  test('has no serious fault for those who see, hear or type otherwise, in light and dark', async () => {
    const found: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const { id, impact, nodes } of await faults(page))
        found.push(`${impact} ${id}: ${nodes.join(' ; ')}`)
      await row('letter.txt').getByRole('button', { name: 'Versions of letter.txt' }).click()
      await page.getByRole('dialog').getByRole('row').nth(2).waitFor()
      for (const { id, impact, nodes } of await faults(page))
        found.push(`${impact} ${id}: ${nodes.join(' ; ')}`)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await page.emulateMedia({ colorScheme: 'light' })
    assert.deepEqual(found, [])
  })

  test('pauses for an hour and goes on', async () => {
    await page.getByRole('button', { name: 'Pause for an hour' }).click()
    await page.getByText(/paused until/i).waitFor()
    await page.getByRole('button', { name: 'Resume now' }).click()
    await page.getByRole('heading', { name: /^Protected/ }).waitFor()
  })

  test('is refused a restore that the collector shows to be forbidden, while no agent runs that obeys it', async () => {
    await agent.end('SIGTERM')
    await sign('restore=no')
    const asked = { path: volume, at: 1, to: fleet.path('forbidden') }
    const { status, told } = await askAs('restore', asked)
    assert.deepEqual([status, told.code], [403, 'not_allowed'])
    await page.reload()
    await page.getByText('No agent watches').waitFor()
    assert.equal(await page.getByRole('button', { name: /^Pause/ }).count(), 0)
    await sign('restore=yes')
    agent = laptop.start('run')
    await agent.line(one => one.includes('snapshot stored'))
    await page.reload()
    await page.getByRole('heading', { name: /^Protected/ }).waitFor()
  })

  test('is offered neither a pause nor a restore where the policy keeps them, and gets none by asking', async () => {
    const from = agent.lineCount
    await sign('pause=no', 'restore=no')
    await agent.line(one => one.includes('policy obeyed'), from)
    await page.reload()
    await page.getByText('Your admin restores for this machine').first().waitFor()
    await row('letter.txt').waitFor()
    assert.equal(await page.getByRole('button', { name: /^Pause/ }).count(), 0)
    assert.equal(await page.getByRole('button', { name: /^Restore/ }).count(), 0)
    const refused = { status: 403, code: 'not_allowed' }
    for (const [question, asked] of [
      ['pause', { minutes: 60 }],
      ['restore', { path: volume, at: 1, to: fleet.path('forbidden') }],
    ] as const) {
      const { status, told } = await askAs(question, asked)
      assert.deepEqual({ status, code: told.code }, refused, question)
    }
    assert.deepEqual(
      readdirSync(fleet.folder).filter(name => name === 'forbidden'),
      [],
    )
  })

  test('nobody else may ask: another page, another name of this address, no cookie', async () => {
    assert.equal((await askAs('state', {}, { origin: 'https://evil.example' })).status, 403)
    assert.equal((await askAs('state', {}, { host: 'evil.example' })).status, 421)
    await using stranger = await openWindow(browser, { url: new URL(page.url()).origin })
    await stranger.page.goto('/')
    await stranger.page.getByRole('heading', { name: 'This page is not open here' }).waitFor()
  })

  test('says why it waits when no collector answers, and the browser had nothing to complain about', async () => {
    assert.deepEqual(window.complaints, [])
    await fleet.collector.end('SIGKILL')
    await page.reload()
    await page.getByText('It goes on by itself once the collector answers.').waitFor()
  })
})
