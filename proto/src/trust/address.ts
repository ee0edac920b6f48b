/** Where a collector is found and how it is known before Trust was read: shared by tokens and set-up strings. */
import type { Bytes } from '../bytes.ts'
import type { Fields } from './fields.ts'

export interface CollectorAddress {
  /** `wss://host:port`, tried in order. */
  readonly urls: readonly string[]
  /** SHA-256 of the TLS key's SubjectPublicKeyInfo, 32 bytes each. */
  readonly spkiPins: readonly Bytes[]
}

export const urlsMax = 8
const pinsMax = 8
const urlBytesMax = 512

export function readAddress(
  fields: Fields,
  message: { readonly urls?: string[] | null; readonly spkiPins?: Uint8Array[] | null },
): CollectorAddress {
  return {
    urls: fields.list('addresses', message.urls, { min: 1, max: urlsMax }, url => {
      const text = fields.text('address', url, urlBytesMax)
      if (!isCollectorUrl(text)) throw fields.bad(`its address "${text}" is not of the form wss://host:port`)
      return text
    }),
    spkiPins: fields.list('pins', message.spkiPins, { min: 1, max: pinsMax }, pin =>
      fields.fixed('pin', pin, 32),
    ),
  }
}

/** Secrets never travel in an address, and nothing but TLS is spoken. */
export function isCollectorUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return (
    url.protocol === 'wss:' &&
    url.hostname !== '' &&
    url.username === '' &&
    url.password === '' &&
    url.hash === ''
  )
}
