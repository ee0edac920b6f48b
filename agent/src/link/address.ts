/** Where a collector is, from its `wss://` address. */
import { Failure } from '@backstay/proto/failure'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Throws `bad_url`. */
export function addressOf(url: string): Address {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'wss:' || parsed.hostname === '') {
    throw new Failure('bad_url', `"${url}" is not the address of a collector`, {
      hint: 'it looks like wss://backup.example.com:7443',
    })
  }
  // A host that is an IPv6 address stands in brackets in a URL and without them elsewhere.
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: parsed.port === '' ? 443 : Number(parsed.port) }
}
