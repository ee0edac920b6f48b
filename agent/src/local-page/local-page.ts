/**
 * Pages on somebody's own machine: files from this installation, so that no collector can change them, and answers to their
 * questions. Only loopback listens, and only a page that came through the one-time address gets anything but its own files.
 *
 *     await using page = await serveLocalPage({ files, port: 0, command: 'backstay console', cookieName, answer })
 *     terminal.print(page.url)                    // http://127.0.0.1:41234/#enter=…
 *
 * What keeps others out: the name that is asked for (a page whose name was turned to this address), the origin (any other page),
 * the word behind # (other people of this machine; it is good once, and never leaves the browser but for here), the cookie.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import { Failure } from '@backstay/proto/failure'
import { cacheControlOf, contentTypeOf, type PageFiles, pagePath } from '@backstay/proto/rest/page-files'
import { securityHeaders } from '@backstay/proto/rest/security-headers'
import { refuse } from './refuse.ts'

export interface LocalPageOptions {
  /** With `/index.html`. */
  readonly files: PageFiles
  /** 0 = any free one. */
  readonly port: number
  /** The command that opened it, for who comes too late. */
  readonly command: string
  /** Pages of different commands share the host, and cookies know no ports. */
  readonly cookieName: string
  /** Of `index.html`, as it is served. */
  readonly shape?: (page: string) => string
  /** `/api/…` and `/local/v1/…` for a page that has entered. What it throws is answered with 500. */
  answer(path: string, request: IncomingMessage, response: ServerResponse): void | Promise<void>
}

export interface LocalPage extends AsyncDisposable {
  /** Good for one visit: the part behind # never leaves the browser but for this server. */
  readonly url: string
  readonly origin: string
}

const loopback = '127.0.0.1'
const enterBytesMax = 1024
/** Throws `port_in_use`. */
export async function serveLocalPage(options: LocalPageOptions): Promise<LocalPage> {
  const { files, cookieName, command, shape = page => page } = options
  const once = randomBytes(32).toString('base64url')
  let isEntered = false
  const cookie = randomBytes(32).toString('base64url')
  const server = createServer({ requestTimeout: 0, headersTimeout: 10_000 }, (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    void answer(request, response).catch(() =>
      refuse(response, 500, 'internal', `${command} made a mistake; run it again`),
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
    if (!hasCookie(request))
      return refuse(response, 401, 'not_entered', `open the address that ${command} printed`)
    return options.answer(path, request, response)
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
    if (request.method !== 'POST' || isEntered || !isSame(body, once))
      return refuse(response, 403, 'bad_token', `this address was used already; run ${command} again`)
    isEntered = true
    response
      .writeHead(204, { 'set-cookie': `${cookieName}=${cookie}; HttpOnly; SameSite=Strict; Path=/` })
      .end()
  }

  /** One of the page's files; the page itself for every other address. */
  async function file(path: string, response: ServerResponse): Promise<void> {
    const named = decodeURIComponent(path)
    const found = named === pagePath ? undefined : await files.read(named)
    if (found === undefined && named !== pagePath && extname(named) !== '')
      return refuse(response, 404, 'unknown_route', 'there is no such file')
    const [name, bytes] = found === undefined ? [pagePath, await thePage()] : [named, found]
    response.writeHead(200, { 'content-type': contentTypeOf(name), 'cache-control': cacheControlOf(name) })
    response.end(bytes)
  }

  async function thePage(): Promise<string> {
    const page = await files.read(pagePath)
    return shape(new TextDecoder().decode(page))
  }

  return {
    origin,
    url: `${origin}/#enter=${once}`,
    async [Symbol.asyncDispose]() {
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
