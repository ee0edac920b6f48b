// A PDF is looked at before it is restored: in the page, under its policy, by a thread without keys.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { makeFleet } from '../../drills/fleet.ts'
import { seededRandom } from '../../testing/random.ts'
import { openAdminWindow } from '../admin-window.ts'
import { openChromium } from '../chromium.ts'
import { faults } from '../faults.ts'
import { faxPdf, makePdf } from '../made-pdf.ts'

test('a PDF is looked at; one that is locked, damaged or none says so', async () => {
  await using fleet = await makeFleet()
  const home = fleet.path('home')
  mkdirSync(home)
  const put = (name: string, bytes: Uint8Array) => writeFileSync(fleet.path('home', name), bytes)
  const report = await makePdf({ pages: 12 })
  put('report.pdf', report)
  put('manual.pdf', await makePdf({ pages: 2, attached: seededRandom(4).bytes(6_000_000) }))
  put('locked.pdf', await makePdf({ pages: 1, password: 'of its own' }))
  put('cut.pdf', report.subarray(0, 700))
  put('fax', faxPdf())
  put('too large.pdf', seededRandom(5).bytes(33 * 1024 * 1024))
  put('text.pdf', Buffer.from('only text\n'))
  const laptop = await fleet.enroll('laptop')
  await laptop.backup(home)

  await using browser = await openChromium()
  await using window = await openAdminWindow(browser, fleet)
  const { page } = window
  await page.getByRole('link', { name: 'Restore', exact: true }).click()
  await page.getByRole('link', { name: /^laptop/ }).click()
  const dialog = page.getByRole('dialog')
  const look = async (name: string, deed: () => Promise<void>) => {
    await page.getByRole('button', { name, exact: true }).click()
    await deed()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  }

  await look('report.pdf', async () => {
    await dialog.getByText('The first 5 of 12 pages').waitFor()
    await drawn(page, 5)
    assert.ok((await inked(page, 0.3, 0.4)) === 'blue')
    assert.deepEqual(await faults(page), [])
    await dialog.getByRole('button', { name: 'Show more pages' }).click()
    await dialog.getByRole('button', { name: 'Show more pages' }).click()
    await dialog.getByText('12 pages', { exact: true }).waitFor()
    await drawn(page, 12)
  })
  await look('manual.pdf', () => drawn(page, 2))
  // Read by plain script instead of WebAssembly.
  await look('fax', async () => {
    await drawn(page, 1)
    assert.deepEqual([await inked(page, 0.1, 0.5), await inked(page, 0.35, 0.5)], ['white', 'black'])
    assert.equal(await inked(page, 0.75, 0.5), 'white')
  })
  await look('locked.pdf', () => dialog.getByText('locked with a password of its own').waitFor())
  await look('cut.pdf', () => dialog.getByText('This is no whole PDF').waitFor())
  await look('too large.pdf', () => dialog.getByText('This cannot be shown here (33.0 MiB)').waitFor())
  await look('text.pdf', () => dialog.getByText('only text').waitFor())
  assert.deepEqual(window.complaints, [])
})

async function drawn(page: Page, count: number): Promise<void> {
  await page.locator(`:nth-match(canvas[data-drawn], ${count})`).waitFor()
}

/** What lies on the first page, so far from its left and upper edge as parts of its width and height. */
async function inked(page: Page, right: number, down: number): Promise<string> {
  const [red = 0, green = 0, blue = 0] = await page
    .locator('canvas')
    .first()
    .evaluate(
      (canvas: HTMLCanvasElement, [x = 0, y = 0]) => {
        const at = [Math.floor(x * canvas.width), Math.floor(y * canvas.height)] as const
        return [...(canvas.getContext('2d')?.getImageData(...at, 1, 1).data ?? [])]
      },
      [right, down],
    )
  if (blue > red + 50) return 'blue'
  return red + green + blue > 600 ? 'white' : 'black'
}
