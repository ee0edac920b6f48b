/**
 * The way out through a proxy, as HTTPS_PROXY and NO_PROXY say. TLS goes through it unopened (RFC 9110 §9.3.6), and the
 * collector is pinned behind it as ever: a proxy that opens TLS is an impostor.
 */
import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { Socket } from 'node:net'
import { Failure } from '@backstay/proto/failure'
import type { Address } from './address.ts'

/** The proxy for an address; undefined: go there directly. Throws `bad_proxy`. */
export type ProxyOf = (address: Address) => URL | undefined

const tunnelMs = 10_000

export function environmentProxy(environment: Readonly<Record<string, string | undefined>>): ProxyOf {
  const text = environment.HTTPS_PROXY || environment.https_proxy || ''
  const without = (environment.NO_PROXY || environment.no_proxy || '')
    .split(/[\s,]+/)
    .filter(name => name !== '')
  return address => {
    if (text === '' || without.some(name => isCovered(address, name.toLowerCase()))) return undefined
    const url = URL.parse(text.includes('://') ? text : `http://${text}`)
    if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '')
      return url
    throw new Failure('bad_proxy', 'HTTPS_PROXY is not the address of a proxy', {
      hint: 'it looks like http://proxy.example.com:3128',
    })
  }
}

/** A name covers itself and what is below it; with a port, that port alone. */
function isCovered({ host, port }: Address, name: string): boolean {
  if (name === '*') return true
  if (name.includes('::')) return host.toLowerCase() === name.replace(/[[\]]/g, '')
  const [, wanted = name, wantedPort] = /^(.*?)(?::(\d+))?$/.exec(name) ?? []
  if (wantedPort !== undefined && Number(wantedPort) !== port) return false
  const bare = wanted.replace(/^\*?\./, '')
  return host.toLowerCase() === bare || host.toLowerCase().endsWith(`.${bare}`)
}

/** A socket to the address behind the proxy. Throws `unreachable`. */
export function throughProxy(proxy: URL, { host, port }: Address, signal?: AbortSignal): Promise<Socket> {
  const request = proxy.protocol === 'https:' ? secureRequest : plainRequest
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const asking = request({
    host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port),
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...credentials(proxy) },
    agent: false,
    timeout: tunnelMs,
    ...(signal && { signal }),
  })
  return new Promise((resolve, reject) => {
    const refuse = (why: string, cause?: unknown) =>
      reject(
        new Failure('unreachable', `cannot reach the collector through the proxy ${proxy.host}: ${why}`, {
          remedy: 'retry',
          hint: 'check HTTPS_PROXY and NO_PROXY, and whether the proxy allows CONNECT to that port',
          cause,
        }),
      )
    asking.on('connect', (response, socket, early) => {
      if (response.statusCode === 200 && early.length === 0) {
        socket.setTimeout(0)
        resolve(socket)
        return
      }
      socket.destroy()
      refuse(
        response.statusCode === 407 ? 'it wants a name and a password' : `it answers ${response.statusCode}`,
      )
    })
    asking.on('response', response => {
      response.destroy()
      refuse(`it answers ${response.statusCode}`)
    })
    asking.on('timeout', () => asking.destroy(new Error(`no answer within ${tunnelMs / 1000} s`)))
    asking.on('error', error => refuse(error.message, error))
    asking.end()
  })
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}
