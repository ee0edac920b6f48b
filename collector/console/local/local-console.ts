/**
 * The console on the admin's own machine: the page from this installation, so that no collector can change it; the key file, which
 * the page opens with the passphrase; and the way to the collector. Only loopback listens, and only a page that came
 * through the one-time address gets anything but the page itself.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize, sep } from 'node:path'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { securityHeaders } from '@backstay/proto/rest/security-headers'
import { type CollectorProxy, refuse } from './collector-proxy.ts'

export interface LocalConsoleOptions {
  /** The built web app. */
  readonly pages: string
  readonly proxy: CollectorProxy
  /** 0 = any free one. */
  readonly port: number
  readonly keys: {
    readonly fleet: string
    readonly chain: readonly Bytes[]
    readonly keyFile: Bytes
    readonly keyName: string
    readonly urls: readonly string[]
  }
}

export interface LocalConsole extends AsyncDisposable {
  /** Good for one visit: the part behind # never leaves the browser but for this server. */
  readonly url: string
  readonly origin: string
}

const loopback = '127.0.0.1'
const cookieName = 'backstay-console'
const enterBytesMax = 1024
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}

/** Throws `port_in_use`, `not_built`. */
export async function serveLocalConsole(options: LocalConsoleOptions): Promise<LocalConsole> {
  const { pages, proxy, keys } = options
  await stat(join(pages, 'index.html')).catch(cause => {
    throw new Failure('not_built', `the pages of the console are not in "${pages}"`, {
      hint: 'build them: npm run build',
      cause,
    })
  })
  const once = randomBytes(32).toString('base64url')
  let isEntered = false
  const cookie = randomBytes(32).toString('base64url')
  const server = createServer({ requestTimeout: 0, headersTimeout: 10_000 }, (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    void answer(request, response).catch(() =>
      refuse(response, 500, 'internal', 'the console made a mistake'),
    )
  })
  const port = await listening(server, options.port)
  const origin = `http://${loopback}:${port}`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', origin).pathname
    // Against pages that got their name to mean this address (DNS rebinding).
    if (request.headers.host !== `${loopback}:${port}`)
      return refuse(response, 421, 'wrong_host', 'not served here')
    if (!isOwnPage(request)) return refuse(response, 403, 'wrong_origin', 'another page may not ask this')
    if (path === '/local/v1/enter') return enter(request, response)
    if (!path.startsWith('/api/') && !path.startsWith('/local/')) return file(path, response)
    if (!hasCookie(request)) {
      return refuse(response, 401, 'not_entered', 'open the address that backstay console printed')
    }
    if (path.startsWith('/api/')) return proxy.pass(request, response)
    if (path === '/local/v1/keys') return sendKeys(response)
    refuse(response, 404, 'unknown_route', 'there is no such thing here')
  }

  function isOwnPage({ method, headers }: IncomingMessage): boolean {
    const site = headers['sec-fetch-site']
    if (headers.origin !== undefined && headers.origin !== origin) return false
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
    // A browser says where a request comes from that changes something.
    return method === 'GET' || method === 'HEAD' || headers.origin === origin
  }

  function hasCookie({ headers }: IncomingMessage): boolean {
    const given = (headers.cookie ?? '').split('; ').find(one => one.startsWith(`${cookieName}=`))
    return given !== undefined && isSame(given.slice(cookieName.length + 1), cookie)
  }

  async function enter(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const part of request.setEncoding('utf8')) {
      body += part
      if (body.length > enterBytesMax) return refuse(response, 413, 'too_large', 'that is no token')
    }
    if (request.method !== 'POST' || isEntered || !isSame(body, once)) {
      return refuse(response, 403, 'bad_token', 'this address was used already; run backstay console again')
    }
    isEntered = true
    response
      .writeHead(204, { 'set-cookie': `${cookieName}=${cookie}; HttpOnly; SameSite=Strict; Path=/` })
      .end()
  }

  function sendKeys(response: ServerResponse): void {
    const body = {
      ...keys,
      chain: keys.chain.map(one => one.toBase64()),
      keyFile: keys.keyFile.toBase64(),
    }
    response
      .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify(body))
  }

  /** A file of the built app; the app itself for every other address. */
  async function file(path: string, response: ServerResponse): Promise<void> {
    const wanted = normalize(join(pages, decodeURIComponent(path)))
    const isInside = wanted.startsWith(pages + sep)
    const found = isInside ? await stat(wanted).catch(() => undefined) : undefined
    const isFile = found?.isFile() === true
    if (!isFile && extname(path) !== '')
      return refuse(response, 404, 'unknown_route', 'there is no such file')
    const name = isFile ? wanted : join(pages, 'index.html')
    response.writeHead(200, {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'cache-control': path.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-store',
    })
    if (!name.endsWith('index.html')) return void createReadStream(name).pipe(response)
    const page = await readFile(name, 'utf8')
    response.end(page.replace('<head>', '<head><meta name="backstay-console" content="local">'))
  }

  return {
    origin,
    url: `${origin}/#enter=${once}`,
    async [Symbol.asyncDispose]() {
      proxy.close()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Takes the same time wherever two texts differ. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(expected))
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new Failure('port_in_use', `cannot listen on ${loopback}:${port} (${cause.code})`, {
          hint: 'choose another with --port',
          cause,
        }),
      )
    })
    server.listen(port, loopback, () => resolve((server.address() as AddressInfo).port))
  })
}
