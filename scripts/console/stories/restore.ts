// IT gets a lost folder back: from a console on its own machine, to a zip and to the device, and the collector learns neither names nor
// content.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Download, Page } from 'playwright-core'
import { readZip } from '../../../collector/console/archive/testing/read-zip.ts'
import type { Device, Fleet } from '../../drills/fleet.ts'
import { damageLargestPack, marks, openRestoreStage, type RestoreStage } from '../restore-stage.ts'
import { markedIn } from '../sent.ts'

let stage: RestoreStage
let page: Page
let fleet: Fleet
let laptop: Device
let files: RestoreStage['files']

before(async () => {
  stage = await openRestoreStage()
  ;({ fleet, laptop, files } = stage)
  page = stage.window.page
})

after(async () => {
  await stage?.[Symbol.asyncDispose]()
})

const row = (name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) })

async function download(deed: () => Promise<void>): Promise<Download> {
  const [coming] = await Promise.all([page.waitForEvent('download'), deed()])
  return coming
}

async function zipFrom(coming: Download): Promise<Map<string, Buffer>> {
  const path = fleet.path(`zip-${stage.sent.length}`)
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
    await page.getByText('Each file that was restored').click()
    await page.getByRole('listitem').filter({ hasText: 'Zebrafish/59.txt' }).waitFor()
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
    // Names as they lie below the folder; what is a folder has no size.
    const changes = page.getByRole('dialog').getByRole('listitem')
    await changes.filter({ hasText: /^goneZebrafish\/$/ }).waitFor()
    await changes.filter({ hasText: /^changedletter\.txt/ }).waitFor()
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
      await page.getByText('The device has it back').waitFor()
      await page.getByText('What came back, by name').click()
      await page.getByRole('listitem').filter({ hasText: '59.txt' }).waitFor()
    } finally {
      await agent.end('SIGTERM')
    }
  })

  test('in its place: what is there stays, beside it or instead of what came back', async () => {
    const there = (name: string) => readFileSync(fleet.path('home', name), 'utf8')
    const restore = async (rule: string) => {
      await page.getByText('The device itself, in its place', { exact: true }).click()
      await page.getByText(rule, { exact: true }).click()
      await page.getByRole('button', { name: 'Sign and restore on the device' }).click()
      await page.getByText('Signed. The device begins').waitFor()
      const agent = laptop.start('run', '--json')
      try {
        await page.getByText('The device has it back').waitFor()
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
    await page.getByText('Another device, which replaces it', { exact: true }).click()
    const sign = page.getByRole('button', { name: 'Sign and restore on the device' })
    // Who may read no more than the basket gets it by a command, which the page writes.
    await page.getByText('--to DEVICE').first().waitFor()
    assert.ok(await sign.isDisabled(), 'nobody is chosen yet')
    await page.getByText('heir', { exact: true }).click()
    await page.getByText(`--to ${heir.id}`).first().waitFor()
    await sign.click()
    await page.getByText('Signed. The device begins').waitFor()
    const agent = heir.start('run', '--json', '--restored', restored)
    try {
      await page.getByText('The device has it back').waitFor()
    } finally {
      await agent.end('SIGTERM')
    }
    const found = readdirSync(restored, { recursive: true, encoding: 'utf8' })
    assert.ok(found.some(name => name.endsWith('letter.txt')))
    assert.ok(found.some(name => name.endsWith('Zebrafish/59.txt') || name.endsWith('59.txt')))
  })

  test('a zip survives that the collector dies in the middle of it and comes back', async () => {
    await page.getByRole('button', { name: 'Clear' }).click()
    await row('Bulk').getByRole('checkbox').click({ force: true })
    await page.getByText('A zip in this browser').click()
    await page.getByRole('status').filter({ hasText: '41 entries' }).waitFor()
    const coming = await download(() => page.getByRole('button', { name: 'Download as zip' }).click())
    const bar = page.getByRole('progressbar', { name: 'Progress' })
    const part = () => bar.evaluate(one => (one as HTMLProgressElement).value)
    while ((await part()) === 0) await sleep(1)
    await fleet.collector.end('SIGKILL')
    const killedAt = await part()
    assert.ok(killedAt < 0.95, `it had nearly ended: ${killedAt}`)
    await page.getByText('The collector does not answer; waiting').waitFor()
    await fleet.startCollector()
    const zipped = await zipFrom(coming)
    for (const [name, bytes] of files)
      if (name.startsWith('Bulk/')) assert.ok(zipped.get(name)?.equals(bytes), name)
    await page.getByText('40 files restored').waitFor()
  })

  test('what is damaged in the store is named with its reason, and nobody is told that all is back', async () => {
    await fleet.collector.end('SIGTERM')
    damageLargestPack(fleet.data)
    await fleet.startCollector()
    await page.goto(new URL(`/restore/${laptop.id}#gone=1`, page.url()).href)
    await page.reload()
    await page.getByLabel('Passphrase').fill(fleet.passphrase)
    await page.getByRole('button', { name: 'Unlock' }).click()
    await page.getByRole('button', { name: '#1', exact: false }).first().click()
    // The basket outlives the visit.
    await page.getByRole('button', { name: 'Clear' }).click()
    await row('Bulk').getByRole('checkbox').click({ force: true })
    await page.getByText('The device itself', { exact: true }).click()
    const agent = laptop.start('run', '--json')
    try {
      await page.getByRole('button', { name: 'Sign and restore on the device' }).click()
      await page.getByText('Not all of it could.').waitFor()
    } finally {
      await agent.end('SIGTERM')
    }
    assert.equal(await page.getByText('The device has it back').count(), 0)
    const left = page.getByRole('list', { name: 'Not as it was' })
    await left
      .getByRole('listitem')
      .filter({ hasText: '.bin' })
      .getByText('missing in the store')
      .first()
      .waitFor()
    // A page that is opened again finds the restore that the device did meanwhile.
    await page.reload()
    await page.getByLabel('Passphrase').fill(fleet.passphrase)
    await page.getByRole('button', { name: 'Unlock' }).click()
    await page.getByText('Not all of it could.').waitFor()
    await page.getByRole('button', { name: 'Close the report' }).click()
    await page.getByRole('button', { name: 'Clear' }).click()
  })

  test('another device is chosen from where one was looked at', async () => {
    await page.getByRole('link', { name: 'Restore', exact: true }).click()
    await page.getByRole('link', { name: /laptop/ }).waitFor()
  })

  test('nothing that the page sent holds a name or content, and the browser had nothing to complain about', () => {
    const { sent, window } = stage
    assert.ok(sent.length > 50)
    // What the thread with the keys asks is among it: it alone asks for objects.
    assert.ok(sent.some(({ url }) => url.endsWith('/objects')))
    for (const mark of marks) {
      assert.deepEqual(markedIn(sent, mark), [])
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
