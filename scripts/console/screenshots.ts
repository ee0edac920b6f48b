// Pictures of every page, light and dark, from the real product with a made fleet:  npm run screenshots [-- NAME …]
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { buildConsole } from '../build-console.ts'
import { needPinnedNode } from '../needs.ts'
import { keepOnline } from '../testing/made-fleet/online.ts'
import { makeFleetFolder } from '../testing/made-fleet.ts'
import { openChromium, openWindow } from './chromium.ts'
import { pictureEmployee } from './employee-picture.ts'
import { becomeOwner, call } from './person.ts'
import { pictureRestore } from './restore-picture.ts'
import { serveConsole } from './serve-console.ts'

const top = join(import.meta.dirname, '../..')
const target = join(top, 'docs/screens')
const devices = 500
/** Without names: all. */
const names = process.argv.slice(2)
const isWanted = (name: string) => names.length === 0 || names.includes(name)
/** Pictures of fleets of their own, with real agents. */
const own = [
  { name: 'restore-open', picture: pictureRestore },
  { name: 'employee', picture: pictureEmployee },
]

interface Screen {
  readonly name: string
  readonly path: string
  readonly before?: (page: Page) => Promise<void>
}

needPinnedNode()
mkdirSync(target, { recursive: true })
await buildConsole(join(top, 'collector/console/web/dist'))
const isOwn = (name: string) => own.some(one => one.name === name)
if (names.length === 0 || !names.every(isOwn)) await takePages()
await using chromium = await openChromium()
for (const { name, picture } of own)
  if (isWanted(name)) await picture(chromium, (page, suffix) => take(page, `${name}${suffix}`))

async function takePages(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'backstay-screens-'))
  try {
    const fleet = await makeFleetFolder({
      folder: join(folder, 'data'),
      devices,
      snapshots: 12,
      seed: 11,
      segmentBytes: 768 * 1024,
    })
    await using served = await serveConsole(join(folder, 'data'))
    const away = ['away', 'silent', 'retired', 'new']
    await using _online = await keepOnline(
      served.link,
      fleet,
      fleet.devices.filter(({ fate, size }) => !away.includes(fate.kind) && size > 0.12),
    )
    await takeAll(served.url, served.code)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function takeAll(url: string, code: string): Promise<void> {
  await using browser = await openChromium()
  await using light = await openWindow(browser, { url })
  await light.page.goto('/')
  await light.page.getByRole('heading').first().waitFor()
  await takeBoth(light.page, 'first-start')
  const { account, password } = await becomeOwner(light.context, code)
  const cookies = await light.context.cookies()
  await using dark = await openWindow(browser, { url, dark: true })
  await dark.context.addCookies(cookies)
  const worst = await call<{ readonly items: readonly { readonly device: string }[] }>(
    light.context,
    'GET',
    '/devices?state=at_risk&limit=1',
  )
  for (const screen of screensWith(worst.items[0]?.device ?? '').filter(({ name }) => isWanted(name))) {
    for (const [window, suffix] of [
      [light, ''],
      [dark, '-dark'],
    ] as const) {
      await window.page.goto(screen.path)
      await window.page.locator('h1').first().waitFor()
      await screen.before?.(window.page)
      await settled(window.page)
      await take(window.page, `${screen.name}${suffix}`)
    }
  }
  await using out = await openWindow(browser, { url })
  await out.page.goto('/')
  await out.page.getByLabel('Account').fill(account)
  await takeBoth(out.page, 'sign-in')
  await out.page.getByLabel('Password').fill(password)
  await out.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await out.page.getByLabel('Six digits').waitFor()
  await takeBoth(out.page, 'sign-in-digits')
  for (const one of new Set([...light.complaints, ...dark.complaints])) console.log(`complaint: ${one}`)
}

/** Of a page that is looked at without being loaded anew. */
async function takeBoth(page: Page, name: string): Promise<void> {
  if (!isWanted(name)) return
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    await take(page, colorScheme === 'dark' ? `${name}-dark` : name)
  }
}

function screensWith(device: string): readonly Screen[] {
  return [
    { name: 'overview', path: '/' },
    { name: 'devices', path: '/devices' },
    { name: 'devices-attention', path: `/devices?view=attention&row=${device}` },
    { name: 'device', path: `/devices/${device}` },
    {
      name: 'device-actions',
      path: `/devices/${device}`,
      async before(page) {
        await page.getByLabel('More actions').click()
        await page.getByRole('menuitem', { name: 'Retire…' }).waitFor()
      },
    },
    { name: 'restore', path: `/restore/${device}` },
    { name: 'policies', path: '/policies' },
    { name: 'enrolment', path: '/enrolment' },
    { name: 'storage', path: '/storage' },
    { name: 'reports', path: '/reports' },
    { name: 'audit', path: '/audit' },
    { name: 'keys', path: '/keys' },
    { name: 'settings', path: '/settings' },
    { name: 'settings-me', path: '/settings?part=me' },
    { name: 'settings-tokens', path: '/settings?part=tokens' },
    { name: 'settings-mail', path: '/settings?part=mail' },
    { name: 'settings-sessions', path: '/settings?part=sessions' },
    // The engine looks each minute.
    {
      name: 'alerts',
      path: '/alerts',
      before: page => page.locator('.alert-line').first().waitFor(),
    },
    { name: 'alerts-rules', path: '/alerts?part=rules' },
    { name: 'alerts-channels', path: '/alerts?part=channels' },
  ]
}

/** Nothing loads any more. Live pages never fall quite silent. */
async function settled(page: Page): Promise<void> {
  // What has come may ask for more.
  for (let quiet = 0; quiet < 3; ) {
    await page.waitForTimeout(200)
    const coming = page.locator('.coming')
    quiet = (await coming.count()) === 0 ? quiet + 1 : 0
    if (quiet === 0) await coming.first().waitFor({ state: 'detached', timeout: 60_000 })
  }
  // One more frame for what is drawn on a canvas.
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(target, `${name}.png`) })
  console.log(`docs/screens/${name}.png`)
}
