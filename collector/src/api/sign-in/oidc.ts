/**
 * Sign-in with the organisation's provider (OpenID Connect, authorization code with PKCE). Whoever is in no group that was
 * named is refused: a provider knows many people, and a backup is for few.
 */
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import type { PersonRole } from '@backstay/proto/rest/shapes'
import type { Configuration } from 'openid-client'
import { type ShortLived, shortLived } from './short-lived.ts'

export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  /** What people of a group may; the group's name as the provider says it. */
  readonly roles: readonly { readonly group: string; readonly role: PersonRole }[]
}

export interface OidcPerson {
  /** Issuer and subject: what never changes. */
  readonly subject: string
  readonly account: string
  readonly name: string
  readonly roles: readonly PersonRole[]
  /** The provider says that it asked for a second factor. */
  readonly strong: boolean
}

export interface Oidc {
  /** Host of the issuer, for the button. */
  readonly name: string
  /** Where to send the browser, and a secret for its cookie. Throws `provider_unreachable`. */
  start(origin: string, returnTo: string): Promise<{ readonly url: string; readonly secret: string }>
  /** Throws `sign_in_failed`, `provider_unreachable`. */
  finish(
    secret: string | undefined,
    answer: URL,
  ): Promise<{ readonly person: OidcPerson; readonly returnTo: string }>
}

interface Started {
  readonly verifier: string
  readonly state: string
  readonly nonce: string
  readonly origin: string
  readonly returnTo: string
}

export const oidcMs = 10 * 60_000
export const callbackPath = '/api/v1/session/oidc/callback'
/** RFC 8176: what counts as more than a password. */
const strongMethods = ['mfa', 'otp', 'hwk', 'swk', 'fpt', 'face', 'sc']
const groupsMax = 1000
const client = () => import('openid-client')

export function oidc(
  settings: OidcSettings,
  p: Pick<Primitives, 'random'>,
  clock: Pick<Clock, 'monotonic'>,
): Oidc {
  const started: ShortLived<Started> = shortLived(p, clock, oidcMs)
  const issuer = new URL(settings.issuer)
  let configuration: Promise<Configuration> | undefined

  function provider(): Promise<Configuration> {
    configuration ??= discovered().catch(cause => {
      configuration = undefined
      throw unreachable(cause)
    })
    return configuration
  }

  async function discovered(): Promise<Configuration> {
    const { clientId, clientSecret } = settings
    const { allowInsecureRequests, ClientSecretPost, discovery, None } = await client()
    const authentication = clientSecret === undefined ? None() : ClientSecretPost(clientSecret)
    // Without TLS on this very machine alone: settings refuse it elsewhere.
    const execute = issuer.protocol === 'http:' ? [allowInsecureRequests] : []
    return discovery(issuer, clientId, undefined, authentication, { execute })
  }

  return {
    name: issuer.host,
    async start(origin, returnTo) {
      const config = await provider()
      const openid = await client()
      const one = {
        verifier: openid.randomPKCECodeVerifier(),
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        origin,
        returnTo,
      }
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: origin + callbackPath,
        scope: 'openid profile email groups',
        code_challenge: await openid.calculatePKCECodeChallenge(one.verifier),
        code_challenge_method: 'S256',
        state: one.state,
        nonce: one.nonce,
      })
      return { url: url.href, secret: started.add(one) }
    },
    async finish(secret, answer) {
      const one = started.take(secret)
      if (one === undefined) throw failed('there was no such beginning, or it is too long ago')
      const config = await provider()
      const url = new URL(callbackPath + answer.search, one.origin)
      const { authorizationCodeGrant } = await client()
      const tokens = await authorizationCodeGrant(config, url, {
        pkceCodeVerifier: one.verifier,
        expectedState: one.state,
        expectedNonce: one.nonce,
        idTokenExpected: true,
      }).catch(cause => {
        throw failed('the provider did not vouch for anybody', cause)
      })
      const claims = tokens.claims()
      if (claims === undefined) throw failed('the provider named nobody')
      return { person: personFrom(claims, settings), returnTo: one.returnTo }
    },
  }
}

function personFrom(
  claims: { readonly iss: string; readonly sub: string; readonly [claim: string]: unknown },
  settings: OidcSettings,
): OidcPerson {
  const text = (claim: string) => {
    const value = claims[claim]
    return typeof value === 'string' && /^[^\p{Cc}\p{Cs}]{1,200}$/u.test(value) ? value : undefined
  }
  const list = (claim: string) => {
    const value = claims[claim]
    return Array.isArray(value) ? value.slice(0, groupsMax).filter(one => typeof one === 'string') : []
  }
  const groups = list('groups')
  const account = text('email') ?? text('preferred_username') ?? claims.sub
  return {
    subject: `${claims.iss} ${claims.sub}`,
    account,
    name: text('name') ?? account,
    roles: [...new Set(settings.roles.filter(one => groups.includes(one.group)).map(one => one.role))],
    strong: list('amr').some(method => strongMethods.includes(method)),
  }
}

function failed(message: string, cause?: unknown): Failure {
  return new Failure('sign_in_failed', message, { hint: 'begin again on the sign-in page', cause })
}

function unreachable(cause: unknown): Failure {
  return new Failure('provider_unreachable', 'the provider of the organisation does not answer', {
    remedy: 'retry',
    cause,
  })
}
