/**
 * Whether a request was meant for us and comes from our own page. A name that we do not know is refused: a page elsewhere
 * whose name suddenly leads here (DNS rebinding) must find nobody. An address of this machine is no name.
 */
import { isIP } from 'node:net'
import { Failure } from '@backstay/proto/failure'
import type { Request } from 'express'

const loopback = ['localhost', '127.0.0.1', '[::1]']

/** `names`: hosts without port under which we are known. Returns our origin as the browser sees it; throws `wrong_host`. */
export function requireHost(request: Request, names: ReadonlySet<string>): string {
  const host = request.headers.host ?? ''
  const match = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(host)
  const name = match?.[1]?.toLowerCase() ?? ''
  if (match === null || !(names.has(name) || loopback.includes(name) || isOwnAddress(request, name))) {
    throw new Failure('wrong_host', 'this collector is not known by that name', {
      hint: 'name it with --web-url when the collector starts',
    })
  }
  const port = match[2] === undefined || match[2] === '443' ? '' : `:${match[2]}`
  return `https://${name}${port}`
}

/**
 * A browser says where a request comes from. What another site asks for is refused, whatever it asks; what changes something
 * must say that it comes from us. Throws `cross_site`.
 */
export function requireSameSite(request: Request, origin: string, isCookie: boolean): void {
  const from = request.headers.origin
  const site = request.headers['sec-fetch-site']
  if (from !== undefined && from !== origin) throw crossSite()
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw crossSite()
  if (request.method === 'GET' || request.method === 'HEAD' || !isCookie) return
  if (from === undefined && site !== 'same-origin') throw crossSite()
}

function isOwnAddress({ socket }: Request, name: string): boolean {
  const bare = name.replace(/^\[|\]$/g, '')
  const local = (socket.localAddress ?? '').replace(/^::ffff:/, '')
  return isIP(bare) > 0 && bare === local
}

function crossSite(): Failure {
  return new Failure('cross_site', 'another site asked for this')
}
