/** The API over a real fleet and vault in memory, on simulated time, behind a plain HTTP server on loopback. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hex } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { PageFiles } from '@backstay/proto/rest/page-files'
import type { PersonRole } from '@backstay/proto/rest/shapes'
import { Secret, TOTP } from 'otpauth'
import type { AuditEntry } from '../../audit/audit.ts'
import { addPerson, personById, savePerson } from '../../catalog/people.ts'
import { firstVault } from '../../catalog/vaults.ts'
import { fleetView } from '../../fleet/fleet-view.ts'
import { type SampleGateway, sampleGateway } from '../../link/testing/sample-gateway.ts'
import { silentLog } from '../../log.ts'
import type { PackageStore } from '../../releases/package-store.ts'
import { sampleFleet } from '../../testing/sample-vault.ts'
import type { Answering } from '../answer.ts'
import { type Api, openApiServer } from '../api.ts'
import type { Oidc } from '../sign-in/oidc.ts'
import type { OneTimeCode } from '../sign-in/one-time-code.ts'
import { type SignInRoom, signInRoom } from '../sign-in/sign-in.ts'

export const stageCode = 'aaaa-bbbb-cccc-dddd-eeee'
export const stagePassword = 'correct horse battery staple'

export interface Answered {
  readonly status: number
  readonly headers: Headers
  /** Parsed when it is JSON. */
  readonly body: Loose
  readonly text: string
}

/** Tests look into answers of every shape. */
// biome-ignore lint/suspicious/noExplicitAny: a test asserts what is in it
type Loose = any

/** A browser: it keeps cookies and says where it is. */
export interface Browser {
  readonly cookies: Map<string, string>
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>
}

export interface Stage extends AsyncDisposable {
  readonly world: SampleGateway
  readonly signIn: SignInRoom
  readonly api: Api
  readonly url: string
  readonly noted: AuditEntry[]
  readonly view: ReturnType<typeof fleetView>
  browser(): Browser
  /** Somebody with a password, and six digits when `secret` is given. */
  person(
    account: string,
    roles: readonly PersonRole[],
    options?: { groups?: readonly string[]; totp?: boolean },
  ): Promise<Person>
}

export interface Person {
  readonly id: string
  readonly account: string
  /** Six digits of now. */
  code(): string
  /** Signs in with all that he has. */
  signIn(browser?: Browser): Promise<Browser>
}

export async function stage(
  options: {
    readonly oidc?: Oidc
    readonly more?: (made: Pick<Stage, 'world' | 'view'>) => readonly Answering[]
    readonly pages?: PageFiles
    readonly packages?: PackageStore
  } = {},
): Promise<Stage> {
  const world = await sampleGateway()
  const { clock, fleet, vault, gateway } = world
  const { sql, retrieve, retention, store } = vault
  const noted: AuditEntry[] = []
  const audit = {
    note: async (entry: AuditEntry) => void noted.push(entry),
    entries: async () => noted.map((entry, number) => ({ ...entry, number, atMs: clock.now() })).toReversed(),
  }
  const view = fleetView({ p, sql, clock, fleet, onlineSinceMs: gateway.onlineSinceMs })
  const signIn = signInRoom({
    ...{ p, sql, clock, fleet, audit, code: stageOneTimeCode(), totpKey: p.random(32), oidc: options.oidc },
    passwordCost: { memory: 64, passes: 1 },
  })
  const api = openApiServer(
    {
      ...{
        p,
        sql,
        clock,
        fleet,
        view,
        retrieve,
        retention,
        store,
        gateway,
        signIn,
        audit,
        vault: firstVault,
      },
      ...{ log: silentLog, version: '0.0.0', pages: options.pages ?? { read: async () => undefined } },
      packages: options.packages,
      schedule: { reserveBytes: 0, collectEveryMs: 0, scrubPeriodMs: 0 },
      names: () => new Set(['backup.example.org']),
    },
    options.more?.({ world, view }),
  )
  const server = createServer(api.handle)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = `http://${host}`

  function browser(): Browser {
    const cookies = new Map<string, string>()
    return {
      cookies,
      async ask(method, path, body, headers = {}) {
        const response = await fetch(url + path, {
          ...{ method, redirect: 'manual' },
          headers: {
            ...(cookies.size > 0 && {
              cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
            }),
            ...(method !== 'GET' && { origin: `https://${host}` }),
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body !== undefined && {
            body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
          }),
        } as RequestInit)
        for (const cookie of response.headers.getSetCookie()) keep(cookies, cookie)
        const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
        // A stream has no end: that it began is enough.
        if (isStream) await response.body?.cancel()
        const text = isStream ? '' : await response.text()
        const isJson = /json/.test(response.headers.get('content-type') ?? '')
        return {
          status: response.status,
          headers: response.headers,
          body: isJson ? JSON.parse(text) : undefined,
          text,
        }
      },
    }
  }

  async function person(
    account: string,
    roles: readonly PersonRole[],
    {
      groups,
      totp = roles.some(role => role === 'owner' || role === 'restore'),
    }: { groups?: readonly string[]; totp?: boolean } = {},
  ): Promise<Person> {
    const id = hex(p.random(16))
    const own = sampleFleet.trust.fleet
    const password = await signIn.passwords.hash(stagePassword)
    await addPerson(sql, own, {
      id,
      account,
      name: account,
      roles,
      groups,
      password,
      oidc: undefined,
      createdAtMs: clock.now(),
    })
    const secret = p.random(20)
    const row = await personById(sql, own, id)
    if (row !== undefined && totp)
      await savePerson(sql, own, { ...row, totp: signIn.totpCodes.seal(secret, id) })
    const code = () =>
      new TOTP({ secret: new Secret({ buffer: secret.slice().buffer }) }).generate({ timestamp: clock.now() })
    return {
      ...{ id, account, code },
      async signIn(with_ = browser()) {
        const first = await with_.ask('POST', '/api/v1/session/password', {
          account,
          password: stagePassword,
        })
        if (first.body.state !== 'second_factor') return with_
        // A code counts once.
        await clock.advance(30_000)
        const second = await with_.ask('POST', '/api/v1/session/totp', { code: code() })
        if (second.status !== 200) throw new Error(second.text)
        return with_
      },
    }
  }

  return {
    ...{ world, signIn, api, url, noted, view, browser, person },
    async [Symbol.asyncDispose]() {
      api.close()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await world[Symbol.asyncDispose]()
    },
  }
}

function keep(cookies: Map<string, string>, text: string): void {
  const [pair = '', ...words] = text.split('; ')
  const at = pair.indexOf('=')
  if (words.includes('Max-Age=0')) cookies.delete(pair.slice(0, at))
  else cookies.set(pair.slice(0, at), pair.slice(at + 1))
}

function stageOneTimeCode(): OneTimeCode {
  let code: string | undefined = stageCode
  return {
    get code() {
      return code
    },
    matches: given => given === code,
    async close() {
      code = undefined
    },
  }
}
