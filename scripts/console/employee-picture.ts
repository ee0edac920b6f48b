/** The page of who works on a device, with a folder that was deleted there: a real agent that runs, and `backstay-agent open`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { makeFleet } from '../drills/fleet.ts'
import { openWindow } from './chromium.ts'

const drafts = ['Chapter 1.odt', 'Chapter 2.odt', 'Notes.txt', 'Sources.bib']

/** Calls `take` with the page in light and in dark. */
export async function pictureEmployee(
  browser: Browser,
  take: (page: Page, suffix: string) => Promise<void>,
): Promise<void> {
  await using fleet = await makeFleet()
  const home = fleet.path('ada')
  const write = (name: string, bytes: number) => writeFileSync(join(home, name), Buffer.alloc(bytes, name))
  for (const name of ['Thesis', 'Letters', 'Pictures']) mkdirSync(join(home, name), { recursive: true })
  for (const [index, name] of drafts.entries()) write(`Thesis/${name}`, 42_000 * (index + 1))
  for (let number = 1; number < 9; number++) write(`Pictures/Lisbon ${number}.jpg`, 300_000 + 9_000 * number)
  write('Letters/Landlord.odt', 21_000)
  write('Budget.ods', 34_000)
  const laptop = await fleet.enroll('ada-laptop', { roots: [home] })
  await laptop.backup()
  write('Budget.ods', 36_000)
  rmSync(join(home, 'Thesis'), { recursive: true })
  await laptop.backup()
  const agent = laptop.start('run')
  await agent.line(line => line.includes('snapshot stored'))
  const opened = laptop.start('open', '--json')
  try {
    const { url } = JSON.parse(await opened.line(line => line.includes('"url"'))) as { url: string }
    await using window = await openWindow(browser, { url: new URL(url).origin })
    const { page } = window
    await page.goto(url)
    await page.getByRole('heading', { name: /^Protected/ }).waitFor()
    await page.getByRole('button', { name: 'Thesis', exact: true }).waitFor()
    await page.mouse.move(0, 0)
    // As tall as the page is, down to the folder that was deleted.
    await page.setViewportSize({ width: 1440, height: 960 })
    for (const dark of [false, true]) {
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
      await take(page, dark ? '-dark' : '')
    }
  } finally {
    await opened.end('SIGTERM')
    await agent.end('SIGTERM')
  }
}
