/**
 * The collector's REST API from a command line: HTTPS to a server that is known by its key alone, and the token of an admin's
 * key. Other rooms use it for what the link has no words for: people, tokens, alerts, reports.
 *
 *     await using rest = await openCollectorRest(around, options)
 *     const { items } = await rest.get<{ items: Person[] }>('/people')
 */
import type { IncomingMessage } from 'node:http'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { SigningKey } from '@backstay/proto/primitives'
import type { Problem } from '@backstay/proto/rest/shapes'
import { verifyTrustHistory } from '@backstay/proto/trust/trust'
import { type AdminOptions, type AdminSession, openAdmin, requireFleet } from './admin.ts'
import { adminFolder, adminFolderPath } from './admin-folder.ts'
import { signInWithKey } from './key-holder.ts'
import { readOwnerFile } from './kit-file.ts'
import { type PinnedRequests, pinnedRequests } from './local/pinned-requests.ts'
import type { KitOption } from './options.ts'
import type { Rest } from './rest-link.ts'
import type { Surroundings } from './surroundings.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export interface CollectorRest extends Rest, AsyncDisposable {
  /** Undefined where the answer has no body. Throws Failures with the codes of the answers, `unreachable`, `wrong_pin`. */
  send<T>(method: Method, path: string, body?: unknown): Promise<T>
  /** An answer that is no JSON: a spreadsheet, a document. */
  file(path: string): Promise<Bytes>
}

/** A page of a list; documents are read elsewhere. */
const answerBytesMax = 64 * 1024 * 1024

/**
 * With the admin's key of the folder, or with the owner's key of the recovery kit, which is the only one that may change who
 * signs in. Throws `no_admin`, `wrong_passphrase`, `not_genuine`, `sign_in_failed`.
 */
export async function openCollectorRest(
  around: Surroundings,
  options: AdminOptions & KitOption,
): Promise<CollectorRest> {
  const p = around.primitives
  const folder = adminFolder(p, adminFolderPath(around, options.admin))
  const known = await requireFleet(folder)
  const history = await verifyTrustHistory(p, known.chain, known.fleet)
  const signingKey = await keyOf(around, options, folder)
  return restWithKey(around, { known, history, signingKey })
}

/** The same for who holds the key already. Throws `not_genuine`, `sign_in_failed`. */
export async function restWithKey(
  { signal }: Pick<Surroundings, 'signal'>,
  {
    known,
    history,
    signingKey,
  }: Pick<AdminSession, 'known' | 'history'> & { readonly signingKey: SigningKey },
): Promise<CollectorRest> {
  const trust = history.at(-1)
  if (trust === undefined) throw new Failure('trust_gap', 'there is no Trust document to begin with')
  const pins = trust.document.collectors.flatMap(collector => collector.spkiPins)
  const rest = collectorRest({ urls: known.urls, requests: pinnedRequests(pins), signal })
  try {
    await signInWithKey(rest, signingKey, known.fleet, history)
    return rest
  } catch (error) {
    await rest[Symbol.asyncDispose]()
    throw error
  }
}

async function keyOf(
  around: Surroundings,
  options: AdminOptions & KitOption,
  folder: Parameters<typeof openAdmin>[1],
): Promise<SigningKey> {
  if (options.kit === undefined) return (await openAdmin(around, folder, options)).signingKey
  return around.primitives.signingKey((await readOwnerFile(options.kit)).ownerSeed)
}

export interface CollectorRestOptions {
  /** `wss://host:port` of each collector. */
  readonly urls: readonly string[]
  readonly requests: PinnedRequests
  readonly signal: AbortSignal
}

/** Nobody is signed in yet; the token of `/session/key` is kept here when it comes by. */
export function collectorRest({ urls, requests, signal }: CollectorRestOptions): CollectorRest {
  let token: string | undefined

  async function ask(
    method: Method,
    path: string,
    body?: Bytes,
    type = 'application/json',
  ): Promise<IncomingMessage> {
    let trouble: unknown
    for (const url of urls.map(one => new URL(one))) {
      try {
        return await askOne(url, method, path, body, type)
      } catch (error) {
        signal.throwIfAborted()
        // Who has another key than ours is no collector of ours, and is told nothing.
        if (isFailure(error, 'wrong_pin')) throw error
        trouble = error
      }
    }
    throw new Failure('unreachable', `no collector of this fleet answers at ${urls.join(' or ')}`, {
      remedy: 'retry',
      hint: 'check the address, the network and whether the collector runs',
      cause: trouble,
    })
  }

  function askOne(
    target: URL,
    method: Method,
    path: string,
    body: Bytes | undefined,
    type: string,
  ): Promise<IncomingMessage> {
    const headers = {
      ...{ host: target.host, accept: 'application/json', 'user-agent': 'backstay command' },
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': type, 'content-length': body.length }),
    }
    return requests.ask(target, { method, path: `/api/v1${path}`, headers, body, signal })
  }

  async function answered(answer: IncomingMessage): Promise<Bytes> {
    const bytes = await whole(answer)
    if ((answer.statusCode ?? 500) < 300) return bytes
    throw failureFrom(answer.statusCode ?? 500, bytes)
  }

  async function send<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const given = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body))
    const bytes = await answered(await ask(method, path, given))
    const found = (bytes.length === 0 ? undefined : parsed(bytes)) as T
    if (method === 'POST' && path === '/session/key') token = (found as { readonly token: string }).token
    return found
  }

  return {
    send,
    get: (path, query = {}) => {
      const text = new URLSearchParams(
        Object.entries(query).map(([name, value]) => [name, String(value)]),
      ).toString()
      return send('GET', text === '' ? path : `${path}?${text}`)
    },
    post: (path, body) => send('POST', path, body),
    file: async path => answered(await ask('GET', path)),
    async *octets(path, body) {
      const answer = await ask('POST', path, body, 'application/octet-stream')
      if ((answer.statusCode ?? 500) >= 300) throw failureFrom(answer.statusCode ?? 500, await whole(answer))
      for await (const chunk of answer) yield new Uint8Array(chunk as Buffer)
    },
    async [Symbol.asyncDispose]() {
      if (token !== undefined) await send('DELETE', '/session').catch(() => undefined)
      requests.close()
    },
  }
}

async function whole(answer: IncomingMessage): Promise<Bytes> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer) {
    bytes += (part as Buffer).length
    if (bytes > answerBytesMax) throw new Failure('bad_answer', 'the answer of the collector is too long')
    parts.push(part as Buffer)
  }
  return new Uint8Array(Buffer.concat(parts))
}

function parsed(bytes: Bytes): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new Failure('bad_answer', 'the answer of the collector cannot be read', { remedy: 'retry', cause })
  }
}

/** What the collector said, if it said it as it should. */
function failureFrom(status: number, bytes: Bytes): Failure {
  let problem: Partial<Problem> = {}
  try {
    problem = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Problem>
  } catch {
    // Something between here and the collector answered.
  }
  // The API speaks to the page as well, which has no option.
  const hint =
    problem.code === 'not_allowed'
      ? 'ask an owner for the role, or act as one where the command takes --kit FILE'
      : problem.hint
  const remedy = status === 429 || status === 502 || status === 503 ? 'retry' : 'stop'
  return new Failure(problem.code ?? 'bad_answer', problem.detail ?? `the collector answered ${status}`, {
    remedy,
    ...(hint === undefined ? {} : { hint }),
  })
}
