/** One HTTPS request to a collector that is known by its key, as its sessions are. */
import { type IncomingMessage, request } from 'node:http'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { addressOf } from '../link/address.ts'
import { connectPinned } from '../link/pinned-tls.ts'
import type { ProxyOf } from '../link/proxy.ts'

export interface PinnedGetOptions {
  /** Of collectors, wss://…; the first that answers counts. */
  readonly urls: readonly string[]
  readonly pins: readonly Bytes[]
  readonly proxyOf?: ProxyOf
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** An answer that stops coming for this long is none. */
const silenceMs = 30_000
const problemBytesMax = 64 * 1024

/** The body of a 200. Throws `unreachable`, `wrong_pin`, and what the collector says. */
export async function pinnedGet(path: string, options: PinnedGetOptions): Promise<IncomingMessage> {
  let last: unknown
  for (const url of options.urls) {
    try {
      return await getFrom(url, path, options)
    } catch (error) {
      options.signal.throwIfAborted()
      last = error
      if (error instanceof Failure && error.code !== 'unreachable') throw error
    }
  }
  throw last ?? new Failure('unreachable', 'this device knows no collector')
}

async function getFrom(
  url: string,
  path: string,
  { pins, proxyOf, headers, signal }: PinnedGetOptions,
): Promise<IncomingMessage> {
  const address = addressOf(url)
  const socket = await connectPinned(address, pins, signal, proxyOf?.(address))
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asking = request({
      createConnection: () => socket,
      headers: { ...headers, host: `${host}:${address.port}` },
      ...{ path, signal, timeout: silenceMs },
    })
    asking.on('timeout', () => asking.destroy(new Error('it does not answer')))
    asking.on('error', cause =>
      reject(
        new Failure('unreachable', `the collector at ${url} does not answer`, { remedy: 'retry', cause }),
      ),
    )
    asking.on('response', resolve)
    asking.end()
  })
  if (response.statusCode === 200) return response
  throw await problemOf(response)
}

/** What the collector says is shown with its code and nothing else of it. */
async function problemOf(response: IncomingMessage): Promise<Failure> {
  let text = ''
  for await (const part of response.setEncoding('utf8')) {
    text += part
    if (text.length > problemBytesMax) break
  }
  response.destroy()
  const code = codeIn(text)
  const said = saidOf[code] ?? `the collector refuses with ${response.statusCode}`
  return new Failure(code, said, { hint: 'ask who runs the collector: backstay-collector release list' })
}

function codeIn(text: string): string {
  try {
    const { code } = JSON.parse(text) as { readonly code?: unknown }
    if (typeof code === 'string' && /^[a-z_]{1,40}$/.test(code)) return code
  } catch {
    // Whoever answers is no collector of ours, or was cut short.
  }
  return 'refused'
}

const saidOf: Readonly<Record<string, string>> = {
  no_release: 'the collector does not hold the release that the policy names',
  unknown_route: 'the collector holds no releases',
  release_halted: 'this release is held back, because devices that took it are worse than the others',
}
