/** The console as an admin has it on the own machine: `backstay console` with the key of a fleet, opened in a window and unlocked. */
import type { Browser } from 'playwright-core'
import type { Fleet } from '../drills/fleet.ts'
import { start } from '../drills/processes.ts'
import { openWindow, type Window } from './chromium.ts'

/** `admin`: the folder with the key; the fleet's first one when none is given. */
export async function openAdminWindow(
  browser: Browser,
  fleet: Pick<Fleet, 'path' | 'passphrase'>,
  admin = fleet.path('admin'),
): Promise<Window> {
  await using opened = new AsyncDisposableStack()
  const local = start('admin', ['console', '--json', '--admin', admin])
  opened.defer(async () => void (await local.end('SIGTERM')))
  const { url } = JSON.parse(await local.line(line => line.includes('"url"'))) as { readonly url: string }
  const window = opened.use(await openWindow(browser, { url: new URL(url).origin }))
  const { page } = window
  await page.goto(url)
  await page.getByLabel('Passphrase').fill(fleet.passphrase)
  await page.getByRole('button', { name: 'Unlock' }).click()
  await page.getByText('Key open').waitFor()
  const held = opened.move()
  return { ...window, [Symbol.asyncDispose]: () => held.disposeAsync() }
}
