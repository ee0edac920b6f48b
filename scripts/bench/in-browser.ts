/**
 * What a restore in the page costs: a real browser on `backstay console` takes a folder as a zip, and searches a tree by name. The
 * bytes are counted and thrown away, so that the disk of the download is not measured.
 */
import { randomFillSync } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildConsole } from '../build-console.ts'
import { openChromium, openWindow } from '../console/chromium.ts'
import { makeFleet } from '../drills/fleet.ts'
import { start } from '../drills/processes.ts'

export interface InBrowserOptions {
  readonly files: number
  readonly fileBytes: number
  /** Empty files, for the search. */
  readonly names: number
}

export interface InBrowser {
  readonly zipBytes: number
  readonly zipS: number
  /** Of all processes of the browser, before and at most during the download. */
  readonly rssBytes: readonly [number, number]
  readonly searchOpenS: number
  readonly searchAgainMs: number
  readonly names: number
}

const filesInFolder = 1000

export async function measureInBrowser(options: InBrowserOptions): Promise<InBrowser> {
  await buildConsole(join(import.meta.dirname, '../../collector/console/web/dist'))
  await using fleet = await makeFleet()
  const [data, tree] = [fleet.path('data'), fleet.path('tree')]
  makeFiles(data, options.files, options.fileBytes)
  makeFiles(tree, options.names, 0)
  const files = await fleet.enroll('files')
  await files.backup(data)
  const names = await fleet.enroll('names')
  await names.backup(tree)
  for (const made of [data, tree]) rmSync(made, { recursive: true })
  const at = fleet.adminOptions.indexOf('--admin')
  const local = start('admin', ['console', '--json', ...fleet.adminOptions.slice(at, at + 2)])
  const { url } = JSON.parse(await local.line(one => one.includes('"url"'))) as { url: string }
  const browser = await openChromium()
  try {
    const { page } = await openWindow(browser, { url: new URL(url).origin })
    await page.goto(url)
    await page.getByLabel('Passphrase').fill(fleet.passphrase)
    await page.getByRole('button', { name: 'Unlock' }).click()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()

    await page.getByRole('link', { name: 'Restore', exact: true }).click()
    await page.getByRole('link', { name: /^names/ }).click()
    const find = page.getByPlaceholder('Find by name in all snapshots, then Enter')
    await find.waitFor()
    const asked = async (words: string) => {
      const begun = performance.now()
      await find.fill(words)
      await find.press('Enter')
      await page.getByText(/found among|shown, there are more/).waitFor()
      await page.waitForFunction(
        text => new URLSearchParams(location.hash.slice(1)).get('find') === text,
        words,
      )
      return performance.now() - begun
    }
    const searchOpenS =
      (await asked(`folder-${Math.floor(options.names / filesInFolder / 2)} file-77`)) / 1000
    const searchAgainMs = await asked('file-123')

    await page.getByRole('link', { name: 'Restore', exact: true }).click()
    await page.getByRole('link', { name: /^files/ }).click()
    await page.getByRole('button', { name: 'folder-0', exact: true }).waitFor()
    const rows = page.getByRole('row')
    for (let row = 0; row < (await rows.count()); row++)
      await rows.nth(row).getByRole('checkbox').click({ force: true })
    const button = page.getByRole('button', { name: 'Download as zip' })
    await page.getByText(/entries, .*iB$/).waitFor()
    const before = await rssOf()
    let most = before
    const looking = setInterval(() => {
      void rssOf().then(now => {
        most = Math.max(most, now)
      })
    }, 500)
    const begun = performance.now()
    const [download] = await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), button.click()])
    await download.path()
    const zipS = (performance.now() - begun) / 1000
    clearInterval(looking)
    const zipBytes = options.files * options.fileBytes
    return { zipBytes, zipS, rssBytes: [before, most], searchOpenS, searchAgainMs, names: options.names }
  } finally {
    await browser.close()
    await local.end('SIGTERM')
  }
}

/** Of all processes that are this one's descendants and the browser's. */
async function rssOf(): Promise<number> {
  const found = new Map<
    number,
    { readonly parent: number; readonly bytes: number; readonly isBrowser: boolean }
  >()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const status = readFileSync(`/proc/${name}/status`, 'latin1')
      const number = (field: RegExp) => Number(field.exec(status)?.[1] ?? 0)
      found.set(Number(name), {
        parent: number(/^PPid:\s+(\d+)/m),
        bytes: number(/^VmRSS:\s+(\d+)/m) * 1024,
        isBrowser: readFileSync(`/proc/${name}/cmdline`, 'latin1').includes('chromium'),
      })
    } catch {
      // It ended meanwhile.
    }
  }
  const isOwn = (id: number): boolean =>
    id === process.pid || (found.has(id) && isOwn(found.get(id)?.parent ?? 0))
  return [...found].reduce((sum, [id, { bytes, isBrowser }]) => sum + (isBrowser && isOwn(id) ? bytes : 0), 0)
}

/** Half of each file can be compressed. */
function makeFiles(top: string, files: number, bytes: number): void {
  const content = new Uint8Array(bytes)
  for (let file = 0; file < files; file++) {
    const folder = join(top, `folder-${Math.floor(file / filesInFolder)}`)
    if (file % filesInFolder === 0) mkdirSync(folder, { recursive: true })
    if (bytes > 0) randomFillSync(content, 0, bytes >> 1)
    writeFileSync(join(folder, `file-${file % filesInFolder}`), content)
  }
}
