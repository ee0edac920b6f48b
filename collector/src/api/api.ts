/**
 * The door of this room: one Express app for `/api/v1`, `/healthz`, `/metrics` and the built web app. What a request may
 * do is decided here, by the route table, before any answer is made: host and origin, who it is, role, group, second
 * proof, then the shapes of what was sent.
 *
 *     request → headers → host → (page | route → origin → who → limits → role → body → shapes → scope → answer)
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { openApi } from '@backstay/proto/rest/openapi'
import type { PageFiles } from '@backstay/proto/rest/page-files'
import { everyRole, type Route } from '@backstay/proto/rest/route'
import { apiPath } from '@backstay/proto/rest/routes'
import { securityHeaders, strictTransport } from '@backstay/proto/rest/security-headers'
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express'
import { setTook } from '../catalog/devices.ts'
import { placeOf, rateLimit } from '../rate-limit.ts'
import type { PackageStore } from '../releases/package-store.ts'
import { releaseFiles } from '../releases/release-files.ts'
import { rolloutFacts } from '../releases/rollout.ts'
import type { Answering, Ask } from './answer.ts'
import { type Caller, hasAccess, requireAll, sees, unknownDevice } from './caller.ts'
import { deviceRoutesOf } from './device-routes.ts'
import { fleetMetrics } from './fleet-metrics.ts'
import { intentRoutesOf } from './intent-routes.ts'
import { type LiveEvents, liveEvents } from './live-events.ts'
import { metricsText, requestMeter } from './metrics.ts'
import { requireHost, requireSameSite } from './origin.ts'
import { overviewRoutesOf } from './overview-routes.ts'
import type { ApiParts } from './parts.ts'
import { policyRoutesOf } from './policy-routes.ts'
import { badInput, problemOf } from './problem.ts'
import { recordRoutesOf } from './record-routes.ts'
import { releaseRoutesOf } from './release-routes.ts'
import { cookiesOf } from './sign-in/cookies.ts'
import { oidcRoutes } from './sign-in/oidc-routes.ts'
import { passkeyRoutes, stepUpNeeded } from './sign-in/passkey-routes.ts'
import { passwordRoutes } from './sign-in/password-routes.ts'
import { peopleRoutesOf } from './sign-in/people-routes.ts'
import { sessionRoutesOf } from './sign-in/session-routes.ts'
import { storageRoutesOf } from './storage-routes.ts'
import { webFiles } from './web-files.ts'

export interface ApiOptions extends ApiParts {
  /** Hosts without port under which browsers may know us. */
  readonly names: () => ReadonlySet<string>
  /** The built web app. */
  readonly pages: PageFiles
  /** Releases of the agent; undefined: none is handed out. */
  readonly packages: PackageStore | undefined
}

export interface Api {
  handle(request: IncomingMessage, response: ServerResponse): void
  readonly events: LiveEvents
  close(): void
}

/** Signed envelopes are at most 1 MiB, and base64 adds a third. */
const jsonBytesMax = 1_500_000
const octetsMax = 64 * 1024
/** Of one person: a restore in the page asks for objects up to fifty times a second. */
const requestsPerMinute = 6_000
/** Of one address that is nobody yet. */
const strangersPerMinute = 120
const noStore = 'no-store'

export function openApiServer(options: ApiOptions, more: readonly Answering[] = []): Api {
  const events = liveEvents(options)
  const { signIn } = options
  const answers = [
    ...overviewRoutesOf(options),
    ...events.routes,
    ...deviceRoutesOf(options),
    ...policyRoutesOf(options),
    ...recordRoutesOf(options),
    ...storageRoutesOf(options),
    ...releaseRoutesOf(options),
    ...intentRoutesOf(options, events),
    ...passwordRoutes(signIn),
    ...passkeyRoutes(signIn),
    ...oidcRoutes(signIn),
    ...sessionRoutesOf(signIn),
    ...peopleRoutesOf(signIn),
    ...more,
  ]
  const app = appFor(options, answers)
  return {
    handle: (request, response) => void app(request as Request, response as Response),
    events,
    close: () => events.close(),
  }
}

function appFor(options: ApiOptions, answers: readonly Answering[]) {
  const { clock, log, signIn, version } = options
  const app = express()
  const meter = requestMeter()
  const people = rateLimit(requestsPerMinute, clock)
  const strangers = rateLimit(strangersPerMinute, clock)
  let document: object | undefined
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.set('etag', false)

  app.use((request, response, next) => {
    response.set(securityHeaders)
    response.set(strictTransport)
    requireHost(request, options.names())
    next()
  })
  app.get('/healthz', (_request, response) => {
    response.set('cache-control', noStore).json({ ok: true, founded: options.fleet.trust !== undefined })
  })
  app.get('/metrics', async (request, response) => {
    const caller = await admitted(request, everyRole)
    if (caller !== undefined) requireAll(caller)
    const metrics = [...(await fleetMetrics(options)), ...meter.metrics()]
    response.set('cache-control', noStore).type('text/plain; version=0.0.4').send(metricsText(metrics))
  })
  app.get(`${apiPath}/openapi.json`, (_request, response) => {
    document ??= openApi(
      version,
      answers.map(one => one.route),
    )
    response.set('cache-control', 'no-cache').json(document)
  })

  const json = express.json({ limit: jsonBytesMax, strict: true, inflate: false })
  const octets = express.raw({ type: 'application/octet-stream', limit: octetsMax, inflate: false })
  for (const { route, answer } of answers) {
    const path = apiPath + route.path.replace(/\{(\w+)\}/g, ':$1')
    const method = route.method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete'
    const first: RequestHandler = async (request, response, next) => {
      const begunMs = clock.monotonic()
      response.once('close', () => {
        if (route.kind !== 'events')
          meter.seen(`${route.method} ${route.path}`, response.statusCode, clock.monotonic() - begunMs)
      })
      response.set('cache-control', noStore)
      response.locals.origin = requireHost(request, options.names())
      const isCallback = route.kind === 'redirect'
      if (!isCallback) requireSameSite(request, response.locals.origin, request.headers.cookie !== undefined)
      response.locals.caller = await admitted(request, route.access, route)
      requireMediaType(request, route)
      next()
    }
    const last: RequestHandler = async (request, response) => {
      const ask = asked(route, request, response)
      const caller = response.locals.caller as Caller | undefined
      if (caller !== undefined) requireSeen(caller, route, ask)
      const found = await answer(ask)
      if (response.headersSent || response.writableEnded || response.destroyed) return
      if (route.kind === 'none') return void response.status(204).end()
      if (request.method === 'GET') sendTagged(request, response, found)
      else response.status(route.status ?? 200).json(found)
    }
    app[method](path, first, route.takes === 'octets' ? octets : json, last)
  }

  async function admitted(
    request: Request,
    access: Route['access'],
    route?: Route,
  ): Promise<Caller | undefined> {
    const place = placeOf(request.socket.remoteAddress ?? 'unknown')
    // A page that follows events asks by itself, again and again.
    const isQuiet = route?.kind === 'events' ? true : undefined
    const caller = access === 'anyone' ? undefined : await signIn.sessions.callerOf(request, isQuiet)
    if (caller === undefined) {
      if (!strangers.take(place)) throw tooMany(strangers.waitMs(place))
      if (access === 'anyone') return undefined
      throw new Failure('not_signed_in', 'nobody is signed in', { hint: 'sign in, or send a token' })
    }
    if (!people.take(caller.actor)) throw tooMany(people.waitMs(caller.actor))
    if (!hasAccess(caller, access)) {
      throw new Failure('not_allowed', 'your roles do not allow this', { hint: 'ask an owner for the role' })
    }
    if (route?.scope === 'fleet') requireAll(caller)
    if (route?.stepUp === true && !caller.steppedUp) throw stepUpNeeded()
    return caller
  }

  function requireSeen(caller: Caller, route: Route, ask: Ask): void {
    if (route.scope !== 'device') return
    const params: unknown = ask.params
    const id = typeof params === 'object' && params !== null ? String(Reflect.get(params, 'device')) : ''
    const device = options.view.devices.get(id as never)
    if (device === undefined || !sees(caller, device)) throw unknownDevice(id)
  }

  app.use(apiPath, request => {
    const others = answers
      .filter(({ route }) => fitsPath(route, request.path))
      .map(({ route }) => route.method)
    if (others.length === 0) {
      throw new Failure('unknown_route', 'there is no such route', {
        hint: `see: GET ${apiPath}/openapi.json`,
      })
    }
    throw new Failure('wrong_method', `this route takes ${[...new Set(others)].join(', ')}`)
  })
  if (options.packages === undefined) {
    // Else the page would answer, and a device take it for a release.
    app.use('/packages', () => {
      throw new Failure('unknown_route', 'this collector holds no releases', {
        hint: 'start it with --release-key FILE',
      })
    })
  } else {
    const { packages, view, sql, fleet } = options
    app.use(
      '/packages',
      releaseFiles(packages, {
        factsOf: version => rolloutFacts(view.devices.values(), version, clock.now()),
        async noteTaken(said, version) {
          const known = view.devices.get(said as DeviceId)
          const own = fleet.trust?.fleet
          if (known === undefined || own === undefined) return
          await setTook(sql, own, known.row.device, { version, atMs: clock.now() })
        },
      }),
    )
  }
  app.use(webFiles(options.pages))
  const failed: ErrorRequestHandler = (error, request, response, _next) => {
    const failure = failureFrom(error)
    const problem = problemOf(failure)
    if (problem.status >= 500) log.error({ error: failure, method: request.method }, 'a request failed')
    if (response.headersSent) return void response.destroy()
    if (problem.status === 413) response.set('connection', 'close')
    response.set('cache-control', noStore).status(problem.status)
    response.type('application/problem+json').send(JSON.stringify(problem))
  }
  app.use(failed)
  return app
}

/**
 * By our own hand: a browser that sends a tag says `no-cache` beside it (Fetch §4.6), and Express takes that for a wish to
 * have everything again.
 */
function sendTagged(request: Request, response: Response, found: unknown): void {
  const text = JSON.stringify(found)
  const tag = `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  response.set({ 'cache-control': 'private, no-cache', etag: tag })
  const known = (request.headers['if-none-match'] ?? '').split(/,\s*/)
  if (known.includes(tag)) response.status(304).end()
  else response.type('application/json').send(text)
}

function asked(route: Route, request: Request, response: Response): Ask {
  const ended = new AbortController()
  response.once('close', () => ended.abort())
  const part = (where: string, shape: Route['params'] | Route['body'], given: unknown) => {
    if (shape === undefined) return undefined
    const parsed = shape.safeParse(given)
    if (!parsed.success) throw badInput(where, parsed.error)
    return parsed.data
  }
  return {
    params: part('path', route.params, request.params) as never,
    query: part('query', route.query, { ...request.query }) as never,
    body: part('body', route.body, request.body ?? {}) as never,
    octets: request.body instanceof Uint8Array ? new Uint8Array(request.body) : new Uint8Array(),
    caller: response.locals.caller as Caller,
    address: placeOf(request.socket.remoteAddress ?? 'unknown'),
    origin: response.locals.origin as string,
    cookies: cookiesOf(request.headers.cookie),
    signal: ended.signal,
    ...{ request, response },
  }
}

/** A form of another site can send text and forms, never JSON. A request without a body names no type. */
function requireMediaType(request: Request, route: Route): void {
  const wanted = route.takes === 'octets' ? 'application/octet-stream' : 'application/json'
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  const given = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (request.method === 'GET' || (!hasBody && given === '') || given === wanted) return
  throw new Failure('wrong_media_type', `the body must be ${wanted}`)
}

function fitsPath({ path }: Route, asked: string): boolean {
  const pattern = path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')
  return new RegExp(`^${pattern}$`).test(asked)
}

/** What Express and its parsers throw has a `type` or a `status` of its own. */
function failureFrom(error: unknown): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error
  const type = 'type' in error ? error.type : undefined
  const status = 'status' in error ? error.status : undefined
  if (type === 'entity.too.large') return new Failure('body_too_large', 'the body is too large')
  if (type === 'entity.parse.failed') return new Failure('bad_json', 'the body is not JSON')
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') {
    return new Failure('wrong_media_type', 'the body must be plain UTF-8 JSON')
  }
  if (status === 400 || error instanceof URIError)
    return new Failure('bad_request', 'the request cannot be read')
  if (status === 404) return new Failure('not_found', 'there is no such file')
  return error
}

function tooMany(waitMs: number): Failure {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new Failure('too_many_requests', 'too many requests', {
    remedy: 'retry',
    hint: `try again in ${seconds} s`,
  })
}
