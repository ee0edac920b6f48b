/** Signing in and out. Whoever fails learns nothing but that he failed. */
import { z } from 'zod'
import { route } from './route.ts'
import { atMs, base64, count, itemsOf, label, longId, personRole, shortId } from './shapes.ts'

/** What an account is called: an address of mail, or a word. */
export const account = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\s\p{Cc}\p{Cs}]+$/u)
/** Bytes of UTF-8 are counted on arrival; this bounds the field. */
export const password = z.string().min(1).max(1024)
export const newPassword = z.string().min(12).max(1024)
export const totpCode = z.string().regex(/^[0-9]{6}$/)

/** What the browser's WebAuthn gives; @simplewebauthn checks it to the last byte. */
export const credential = z.record(z.string(), z.unknown())
/** What the browser's WebAuthn takes. */
export const credentialOptions = z.record(z.string(), z.unknown())

export const session = z.object({
  person: shortId.optional(),
  name: z.string(),
  account: z.string(),
  roles: z.array(personRole),
  /** Groups that he sees; absent: all. */
  groups: z.array(shortId).optional(),
  /** How he proved himself. */
  method: z.enum(['password', 'totp', 'passkey', 'oidc', 'key', 'token', 'bootstrap']),
  startedAtMs: atMs,
  expiresAtMs: atMs,
  idleEndsAtMs: atMs,
  /** Until when actions that ask for a second proof are open. */
  steppedUpUntilMs: atMs.optional(),
  /** Roles that he holds and that wait for a second factor: enrol one under /me. */
  withheld: z.array(personRole),
  totp: z.boolean(),
  passkeys: count,
  mayChangePassword: z.boolean(),
})
export type Session = z.infer<typeof session>

export const sessionItem = z.object({
  id: shortId,
  current: z.boolean(),
  startedAtMs: atMs,
  lastSeenAtMs: atMs,
  expiresAtMs: atMs,
  method: z.string(),
  address: z.string(),
  software: z.string(),
})
export type SessionItem = z.infer<typeof sessionItem>

/** Signed in, or one step further: which second proofs are open. */
export const signIn = z.discriminatedUnion('state', [
  z.object({ state: z.literal('signed_in'), session }),
  z.object({ state: z.literal('second_factor'), methods: z.array(z.enum(['totp', 'passkey'])) }),
])
export type SignIn = z.infer<typeof signIn>

const tag = 'session'
const open = { tag, access: 'anyone', scope: 'own' } as const
const own = { tag, access: 'signed-in', scope: 'own' } as const

export const sessionRoutes = {
  ways: route('GET', '/session/ways', {
    ...open,
    summary: 'which ways of signing in are open here',
    answer: z.object({
      fleetName: z.string().optional(),
      bootstrap: z.boolean(),
      password: z.boolean(),
      passkey: z.boolean(),
      oidc: z.object({ name: z.string() }).optional(),
    }),
  }),
  bootstrap: route('POST', '/session/bootstrap', {
    ...open,
    summary: 'makes the first owner with the code that the collector printed at its first start',
    body: z.object({ code: z.string().min(1).max(200), account, name: label, password: newPassword }),
    answer: signIn,
  }),
  password: route('POST', '/session/password', {
    ...open,
    summary: 'signs in with a password',
    body: z.object({ account, password }),
    answer: signIn,
  }),
  totp: route('POST', '/session/totp', {
    ...open,
    summary: 'the second step after a password: six digits',
    body: z.object({ code: totpCode }),
    answer: signIn,
  }),
  passkeyOptions: route('POST', '/session/passkey/options', {
    ...open,
    summary: 'what the browser needs to prove a passkey; alone, or as the second step after a password',
    body: z.object({}),
    answer: z.object({ options: credentialOptions }),
  }),
  passkeyVerify: route('POST', '/session/passkey/verify', {
    ...open,
    summary: 'signs in with a passkey',
    body: z.object({ credential }),
    answer: signIn,
  }),
  oidcStart: route('POST', '/session/oidc/start', {
    ...open,
    summary: 'where to send the browser to sign in with the organisation',
    body: z.object({
      /** A path of the page. */
      returnTo: z
        .string()
        .max(500)
        .regex(/^\/(?![/\\])[^\\\p{Cc}]*$/u)
        .optional(),
    }),
    answer: z.object({ url: z.string() }),
  }),
  oidcCallback: route('GET', '/session/oidc/callback', {
    ...{ ...open, kind: 'redirect' },
    summary: 'where the organisation sends the browser back to',
    query: z.object({
      code: z.string().max(4096).optional(),
      state: z.string().max(512).optional(),
      iss: z.string().max(1024).optional(),
      session_state: z.string().max(1024).optional(),
      error: z.string().max(200).optional(),
      error_description: z.string().max(2000).optional(),
    }),
  }),
  keyChallenge: route('POST', '/session/key/challenge', {
    ...open,
    summary: 'a challenge for an admin key',
    body: z.object({}),
    answer: z.object({
      challenge: longId,
      fleet: longId.optional(),
      collectorKey: longId,
      expiresAtMs: atMs,
    }),
  }),
  key: route('POST', '/session/key', {
    ...open,
    summary: 'signs in with an admin key of Trust; the answer is a bearer token for an hour',
    body: z.object({ challenge: longId, key: longId, signature: base64(64) }),
    answer: z.object({ token: z.string(), session }),
  }),
  stepUp: route('POST', '/session/step-up', {
    ...own,
    summary: 'proves again that it is he: a password, six digits or a passkey; good for five minutes',
    body: z.discriminatedUnion('method', [
      z.object({ method: z.literal('password'), password }),
      z.object({ method: z.literal('totp'), code: totpCode }),
      z.object({ method: z.literal('passkey'), credential }),
    ]),
    answer: session,
  }),
  show: route('GET', '/session', { ...own, summary: 'who is signed in', answer: session }),
  end: route('DELETE', '/session', { ...own, kind: 'none', summary: 'signs out' }),
  list: route('GET', '/sessions', {
    ...own,
    summary: 'where he is signed in',
    answer: itemsOf(sessionItem),
  }),
  revoke: route('DELETE', '/sessions/{id}', {
    ...{ ...own, kind: 'none', params: z.object({ id: shortId }) },
    summary: 'signs out one of his sessions',
  }),
} as const
