/** Chromium on the console of a collector: every complaint of the browser is kept, above all those about the policy. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

export const executablePath = '/usr/bin/chromium'

/** What takes longer hangs, on however slow a machine; the engine of alerts alone looks each minute. */
const patienceMs = 180_000

// It speaks to nobody but the loopback collector. Without a sandbox, because tests run as root in containers.
const words = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
]

/** Why stories cannot run here; undefined: they can. Throws under CI. */
export function missingBrowser(): string | undefined {
  if (existsSync(executablePath)) return undefined
  const said = `there is no ${executablePath} (apt-get install chromium)`
  if (process.env.CI === 'true') throw new Error(said)
  return said
}

export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: words })
}

export interface Window extends AsyncDisposable {
  readonly context: BrowserContext
  readonly page: Page
  /** What the page or the browser complained about since it was opened. */
  readonly complaints: readonly string[]
}

export interface WindowOptions {
  readonly url: string
  readonly dark?: boolean
  readonly width?: number
  readonly height?: number
}

/** A person's own window: cookies of its own. `url`: the origin, https. */
export async function openWindow(browser: Browser, options: WindowOptions): Promise<Window> {
  const context = await browser.newContext({
    baseURL: options.url,
    // The collector's certificate is its own; agents pin its key.
    ignoreHTTPSErrors: true,
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'en-GB',
  })
  context.setDefaultTimeout(patienceMs)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    // A refusal is an answer that the page shows; the browser writes it down as well.
    const isAnswer = /status of (401|403|404|409|429)/.test(message.text())
    if (message.type() === 'error' && !isAnswer)
      complaints.push(`${message.text()} ${message.location().url}`)
  })
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event => {
      console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
    })
  })
  return { context, page, complaints, [Symbol.asyncDispose]: () => context.close() }
}
