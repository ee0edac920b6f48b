/** People of the stories: made and signed in through the API with the cookies of a window, as the page would. */
import { TOTP } from 'otpauth'
import type { BrowserContext } from 'playwright-core'

export interface Credentials {
  readonly account: string
  readonly password: string
  /** base32; undefined without a second factor. */
  readonly secret?: string
}

export const ownerAccount = 'owner'
export const ownerPassword = 'a long sentence for the owner'

/** Throws with what the collector said. */
export async function call<Answer>(
  context: BrowserContext,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const page = context.pages()[0]
  const origin = new URL(
    page === undefined || page.url() === 'about:blank' ? await baseOf(context) : page.url(),
  ).origin
  const response = await context.request.fetch(`${origin}/api/v1${path}`, {
    method,
    headers: { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
    ...(body !== undefined && { data: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok()) throw new Error(`${method} ${path}: ${response.status()} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as Answer
}

async function baseOf(context: BrowserContext): Promise<string> {
  const page = context.pages()[0] ?? (await context.newPage())
  await page.goto('/')
  return page.url()
}

/** The first owner, with six digits set up; signed in. */
export async function becomeOwner(context: BrowserContext, code: string): Promise<Credentials> {
  const words = { code, account: ownerAccount, name: 'Owner', password: ownerPassword }
  await call(context, 'POST', '/session/bootstrap', words)
  const secret = await setUpDigits(context)
  return { account: ownerAccount, password: ownerPassword, secret }
}

/** Returns the secret. */
export async function setUpDigits(context: BrowserContext): Promise<string> {
  const { secret } = await call<{ readonly secret: string }>(context, 'POST', '/me/totp', {})
  await call(context, 'POST', '/me/totp/confirm', { code: digitsOf(secret) })
  return secret
}

/** `later`: so many half minutes; each code is taken once. */
export function digitsOf(secret: string, later = 0): string {
  return new TOTP({ secret }).generate({ timestamp: Date.now() + later * 30_000 })
}
