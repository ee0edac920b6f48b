/**
 * `/api/v1` of the collector, for the page. It adds what proves the admin: when the page signs in with its key, the token of the
 * answer stays here, and the page never sees it.
 */

import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { refuse } from '@backstay/agent/local-page/refuse'
import { isFailure } from '@backstay/proto/failure'
import type { PinnedRequests } from './pinned-requests.ts'

export interface CollectorProxy {
  /** Answers a request for `/api/v1/…`; never throws. */
  pass(request: IncomingMessage, response: ServerResponse): void
  close(): void
}

/** `wss://host:port` of each collector. */
export interface ProxyOptions {
  readonly urls: readonly string[]
  readonly requests: PinnedRequests
}

const signInPath = '/api/v1/session/key'
const signOutPath = '/api/v1/session'
/** Headers of a browser that the collector has a use for. */
const passedOn = [
  ...['accept', 'content-type', 'content-length'],
  ...['if-none-match', 'last-event-id', 'user-agent'],
]
const passedBack = [
  ...['content-type', 'content-length', 'content-disposition', 'etag'],
  ...['cache-control', 'retry-after', 'location'],
]
const signInBytesMax = 64 * 1024

export function collectorProxy({ urls, requests }: ProxyOptions): CollectorProxy {
  let token: string | undefined
  // The one that answered last is asked first.
  let order = urls.map(url => new URL(url))

  async function pass(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = asked
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    // Nothing of a body was read yet when no connection came about; without one, another collector may be asked.
    const body = asked.headers['content-length'] !== undefined || method !== 'GET' ? asked : undefined
    for (let tries = 1; ; tries++) {
      const [target] = order
      if (target === undefined) return refuse(response, 502, 'no_collector', 'no collector is known')
      const headers = {
        host: target.host,
        ...only(asked.headers, passedOn),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      }
      try {
        const answer = await requests.ask(target, { method, path, headers, body, signal: gone.signal })
        return answered(asked, answer, response)
      } catch (error) {
        if (gone.signal.aborted) return
        order = [...order.slice(1), target]
        if (body === undefined && tries < order.length) continue
        if (isFailure(error, 'wrong_pin')) return refuse(response, 502, 'wrong_pin', error.message)
        return refuse(response, 503, 'collector_unreachable', 'the collector does not answer')
      }
    }
  }

  function answered(asked: IncomingMessage, answer: IncomingMessage, response: ServerResponse): void {
    const headers = only(answer.headers, passedBack)
    const status = answer.statusCode ?? 502
    if (asked.method === 'POST' && asked.url === signInPath && status < 300) {
      void keepToken(answer, response, status)
      return
    }
    if (asked.method === 'DELETE' && asked.url === signOutPath) token = undefined
    response.writeHead(status, headers)
    // Events wait for one another: the first must not wait for the second.
    response.flushHeaders()
    pipeline(answer, response, () => undefined)
  }

  async function keepToken(answer: IncomingMessage, response: ServerResponse, status: number): Promise<void> {
    try {
      let text = ''
      for await (const part of answer.setEncoding('utf8')) {
        text += part
        if (text.length > signInBytesMax) throw new RangeError('an answer that is too long')
      }
      const { token: given, ...rest } = JSON.parse(text) as { token: string }
      token = given
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(rest))
    } catch {
      refuse(response, 502, 'bad_answer', "the collector's answer cannot be read")
    }
  }

  return { pass: (asked, response) => void pass(asked, response), close: () => requests.close() }
}

function only(headers: IncomingHttpHeaders, names: readonly string[]): OutgoingHttpHeaders {
  return Object.fromEntries(
    names.flatMap(name => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  )
}
