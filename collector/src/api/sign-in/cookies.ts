/** `__Host-`: only this host over TLS sets and gets them, for every path; no script reads them. */
import type { Response } from 'express'

export const sessionCookie = '__Host-backstay'
/** Between two steps of signing in. */
export const stepCookie = '__Host-backstay-step'
/** While the organisation's provider is asked; it comes back from another site, so this one alone is Lax. */
export const oidcCookie = '__Host-backstay-oidc'

const cookieBytesMax = 4096

export function cookiesOf(header: string | undefined): ReadonlyMap<string, string> {
  if (header === undefined || header.length > cookieBytesMax) return new Map()
  return new Map(
    header.split(';').flatMap(part => {
      const at = part.indexOf('=')
      return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as const]
    }),
  )
}

export function setCookie(
  response: Response,
  name: string,
  value: string,
  options: { readonly maxAgeMs: number; readonly sameSite?: 'Strict' | 'Lax' },
): void {
  const age = Math.max(0, Math.floor(options.maxAgeMs / 1000))
  const words = [
    `${name}=${value}`,
    'Path=/',
    'Secure',
    'HttpOnly',
    `SameSite=${options.sameSite ?? 'Strict'}`,
  ]
  response.append('set-cookie', [...words, `Max-Age=${age}`].join('; '))
}

export function dropCookie(response: Response, name: string): void {
  setCookie(response, name, '', { maxAgeMs: 0 })
}
