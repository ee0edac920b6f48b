/** The restore page as a person with a key sees it: a real agent's folder, part of which was deleted, opened in `backstay console`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { makeFleet } from '../drills/fleet.ts'
import { openAdminWindow } from './admin-window.ts'

const documents = ['Offer Lisbon.odt', 'Offer Porto.odt', 'Travel.ods', 'Minutes 2026-11-12.txt', 'Logo.svg']

/** Calls `take` with the page in light and in dark. */
export async function pictureRestore(
  browser: Browser,
  take: (page: Page, suffix: string) => Promise<void>,
): Promise<void> {
  await using fleet = await makeFleet()
  const folder = fleet.path('ada', 'Documents')
  const write = (name: string, bytes: number) => writeFileSync(join(folder, name), Buffer.alloc(bytes, name))
  mkdirSync(join(folder, 'Taxes'), { recursive: true })
  for (const [index, name] of documents.entries()) write(name, 18_000 * (index + 1))
  for (let year = 2014; year < 2026; year++) write(`Taxes/${year}.pdf`, 220_000 + 1000 * (year % 7))
  const laptop = await fleet.enroll('ada-laptop')
  await laptop.backup(folder)
  for (let day = 0; day < 5; day++) {
    write('Travel.ods', 30_000 + 4_000 * day)
    await laptop.backup(folder)
  }
  rmSync(join(folder, 'Taxes'), { recursive: true })
  await laptop.backup(folder)

  await using window = await openAdminWindow(browser, fleet)
  const { page } = window
  await page.getByRole('link', { name: 'Restore', exact: true }).click()
  await page.getByRole('link', { name: /^ada-laptop/ }).click()
  await page.getByText('Show deleted').click()
  const row = (name: string) => page.getByRole('row').filter({ hasText: name }).getByRole('checkbox')
  await row('Taxes').click({ force: true })
  await row('Offer Lisbon.odt').click({ force: true })
  await page.getByText(/^14 entries/).waitFor()
  const both = async (name: string) => {
    for (const dark of [true, false]) {
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
      await take(page, dark ? `${name}-dark` : name)
    }
  }
  await both('')
  await page.getByRole('button', { name: 'Compare' }).click()
  await page.getByRole('dialog').getByText(/gone/).first().waitFor()
  await both('-compare')
  await page.keyboard.press('Escape')
  const find = page.getByPlaceholder('Find by name in all snapshots, then Enter')
  await find.fill('20')
  await find.press('Enter')
  await page.getByText(/found among/).waitFor()
  await both('-search')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Passphrase').waitFor()
  await both('-unlock')
}
