/**
 * Speaks with `/api/v1` of the origin that served this page: the collector, or `backstay console` before it.
 *
 *     await get<Overview>('/overview')
 *     await send('POST', '/alerts/a1/acknowledge', { note })
 *
 * What was fetched is kept with its ETag, so that asking again costs a header when nothing changed.
 */
import { idleHeader } from '@backstay/proto/rest/idle'
import { isIdle } from './idle.ts'
import { Problem, problemFrom, unreachable } from './problem.ts'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

interface Kept {
  readonly tag: string
  readonly body: unknown
}

const base = '/api/v1'
/** Answers that are kept for their ETag: more than one page asks for at once. */
const keptMax = 128
/** A collector that is busy collecting answers within seconds; beyond this nobody waits on. */
const patienceMs = 30_000
const kept = new Map<string, Kept>()

export function addressOf(path: string, query: Query = {}): string {
  const words = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' || value === false ? [] : [[name, String(value)]],
  )
  const text = new URLSearchParams(words).toString()
  return `${base}${path}${text === '' ? '' : `?${text}`}`
}

/** Throws Problem. */
export async function get<Body>(path: string, query?: Query, signal?: AbortSignal): Promise<Body> {
  const address = addressOf(path, query)
  const known = kept.get(address)
  const headers: Record<string, string> = {
    accept: 'application/json',
    ...(isIdle() && { [idleHeader]: 'yes' }),
  }
  if (known !== undefined) headers['if-none-match'] = known.tag
  const response = await ask(address, { headers, cache: 'no-store', ...(signal && { signal }) })
  if (response.status === 304 && known !== undefined) return known.body as Body
  const body = await bodyOf(response)
  const tag = response.headers.get('etag')
  if (tag !== null) keep(address, { tag, body })
  return body as Body
}

/** Throws Problem. */
export async function send<Body = undefined>(
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Body> {
  const headers: Record<string, string> = { accept: 'application/json' }
  // The collector takes JSON only: no form of another page can send that.
  if (body !== undefined) headers['content-type'] = 'application/json'
  const response = await ask(addressOf(path), {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return (await bodyOf(response)) as Body
}

/** What belonged to the person who was signed in. */
export function forgetAll(): void {
  kept.clear()
}

function keep(address: string, entry: Kept): void {
  kept.delete(address)
  kept.set(address, entry)
  const [oldest] = kept.keys()
  if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest)
}

async function ask(address: string, options: RequestInit): Promise<Response> {
  const patience = AbortSignal.timeout(patienceMs)
  const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience
  try {
    return await fetch(address, { ...options, signal, credentials: 'same-origin', redirect: 'error' })
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw unreachable(error)
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = response.status === 204 ? '' : await response.text()
  const type = response.headers.get('content-type') ?? ''
  const body = /\bjson\b/.test(type) && text !== '' ? parsed(text) : undefined
  if (response.ok) return body
  throw problemFrom(response.status, body)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new Problem(0, 'bad_answer', 'the answer of the collector was cut short', 'try again')
  }
}
