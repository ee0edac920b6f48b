/** A laptop with two snapshots, between which a folder was deleted; and a console on the admin's own machine, whose every sent byte is kept. */
import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Device, type Fleet, makeFleet } from '../drills/fleet.ts'
import { start } from '../drills/processes.ts'
import { seededRandom } from '../testing/random.ts'
import { openChromium, openWindow, type Window } from './chromium.ts'
import { type Sent, sentBy } from './sent.ts'

/** In names and contents, and nowhere else. */
export const marks = ['Zebrafish', 'Quicksilver'] as const

export interface RestoreStage extends AsyncDisposable {
  readonly fleet: Fleet
  readonly laptop: Device
  readonly window: Window
  readonly sent: readonly Sent[]
  /** By name below the home, as in the first snapshot. */
  readonly files: ReadonlyMap<string, Buffer>
}

export async function openRestoreStage(): Promise<RestoreStage> {
  await using opened = new AsyncDisposableStack()
  const fleet = opened.use(await makeFleet())
  const home = fleet.path('home')
  const files = fill(home)
  // Of somebody who works there: in folders of root an agent puts nothing back in its place.
  own(home)
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  await laptop.backup(home)
  rmSync(join(home, 'Zebrafish'), { recursive: true })
  writeFileSync(join(home, 'letter.txt'), 'Dear Quicksilver, once more\n')
  await laptop.backup(home)
  const local = start('admin', ['console', '--json', '--admin', fleet.path('admin')])
  opened.defer(async () => void (await local.end('SIGTERM')))
  const { url } = JSON.parse(await local.line(one => one.includes('"url"'))) as { url: string }
  const browser = opened.use(await openChromium())
  const window = opened.use(await openWindow(browser, { url: new URL(url).origin }))
  const { page } = window
  const sent = await sentBy(window.context)
  await page.goto(url)
  await page.getByLabel('Passphrase').fill('not the passphrase')
  await page.getByRole('button', { name: 'Unlock' }).click()
  await page.getByText('That is not it.').waitFor()
  await page.getByLabel('Passphrase').fill(fleet.passphrase)
  await page.getByRole('button', { name: 'Unlock' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  const held = opened.move()
  return { fleet, laptop, window, sent, files, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

function fill(home: string): ReadonlyMap<string, Buffer> {
  const random = seededRandom(11)
  const files = new Map<string, Buffer>()
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
  for (let at = 0; at < 40; at++) put(`Bulk/${at}.bin`, Buffer.from(random.bytes(2_500_000)))
  return files
}

function own(folder: string): void {
  if (process.getuid?.() !== 0) return
  const person = 1234
  for (const one of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
    chownSync(join(folder, one), person, person)
}

/** In the middle of it lies one of the bulk. `data`: the collector's folder. */
export function damageLargestPack(data: string): void {
  const packs = readdirSync(data, { recursive: true, withFileTypes: true })
    .filter(one => one.isFile() && /packs/.test(one.parentPath))
    .map(one => join(one.parentPath, one.name))
    .toSorted((a, b) => statSync(b).size - statSync(a).size)
  const [largest = ''] = packs
  const bytes = readFileSync(largest)
  const middle = bytes.length >> 1
  bytes.fill(0, middle, middle + 4096)
  writeFileSync(largest, bytes)
}
