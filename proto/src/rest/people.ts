/** People, their second factors, and tokens for programs. */
import { z } from 'zod'
import { route } from './route.ts'
import { account, credential, credentialOptions, newPassword, password, totpCode } from './session.ts'
import { atMs, count, itemsOf, label, personRole, shortId } from './shapes.ts'

const roles = z.array(personRole).min(1).max(6)
const groups = z.array(shortId).min(1).max(64)

export const person = z.object({
  id: shortId,
  account: z.string(),
  name: z.string(),
  roles: z.array(personRole),
  /** Absent: he sees all. */
  groups: z.array(shortId).optional(),
  totp: z.boolean(),
  passkeys: count,
  password: z.boolean(),
  /** Signs in with the organisation. */
  oidc: z.boolean(),
  disabled: z.boolean(),
  createdAtMs: atMs,
  lastSignInAtMs: atMs.optional(),
})
export type Person = z.infer<typeof person>

export const passkey = z.object({
  id: shortId,
  name: z.string(),
  createdAtMs: atMs,
  lastUsedAtMs: atMs.optional(),
})
export type Passkey = z.infer<typeof passkey>

export const apiToken = z.object({
  id: shortId,
  name: z.string(),
  roles: z.array(personRole),
  groups: z.array(shortId).optional(),
  createdAtMs: atMs,
  createdBy: z.string(),
  expiresAtMs: atMs,
  lastUsedAtMs: atMs.optional(),
})
export type ApiToken = z.infer<typeof apiToken>

/** A token that is forgotten somewhere must end. */
export const tokenDaysMax = 366

const owners = ['owner'] as const
const people = { tag: 'people', access: owners, scope: 'fleet' } as const
const me = { tag: 'me', access: 'signed-in', scope: 'own' } as const
const tokens = { tag: 'tokens', access: owners, scope: 'fleet' } as const
const byId = z.object({ id: shortId })

export const peopleRoutes = {
  list: route('GET', '/people', { ...people, summary: 'who may sign in', answer: itemsOf(person) }),
  add: route('POST', '/people', {
    ...{ ...people, stepUp: true, status: 201 },
    summary: 'lets somebody sign in; without a password, with the organisation or by the link shown once',
    body: z.object({
      account,
      name: label,
      roles,
      groups: groups.optional(),
      password: newPassword.optional(),
    }),
    answer: z.object({
      person,
      /** A first password, made here and shown once, when none was given. */
      firstPassword: z.string().optional(),
    }),
  }),
  change: route('PATCH', '/people/{id}', {
    ...{ ...people, stepUp: true, params: byId },
    summary: 'other roles, groups, name; disabled or not; a new first password; without second factors',
    body: z.object({
      name: label.optional(),
      roles: roles.optional(),
      groups: groups.nullable().optional(),
      disabled: z.boolean().optional(),
      resetPassword: z.literal(true).optional(),
      resetSecondFactors: z.literal(true).optional(),
    }),
    answer: z.object({ person, firstPassword: z.string().optional() }),
  }),
  remove: route('DELETE', '/people/{id}', {
    ...{ ...people, stepUp: true, kind: 'none', params: byId },
    summary: 'ends all sessions of a person and lets nobody sign in as him again',
  }),
  changePassword: route('POST', '/me/password', {
    ...{ ...me, kind: 'none' },
    summary: 'a new password; all other sessions end',
    body: z.object({ password, newPassword }),
  }),
  startTotp: route('POST', '/me/totp', {
    ...me,
    summary: 'a new secret for six digits; it counts after it was confirmed',
    body: z.object({}),
    answer: z.object({ secret: z.string(), url: z.string() }),
  }),
  confirmTotp: route('POST', '/me/totp/confirm', {
    ...me,
    summary: 'shows that the six digits work',
    body: z.object({ code: totpCode }),
    answer: z.object({ totp: z.literal(true) }),
  }),
  removeTotp: route('DELETE', '/me/totp', {
    ...me,
    stepUp: true,
    kind: 'none',
    summary: 'no six digits any more',
  }),
  passkeys: route('GET', '/me/passkeys', { ...me, summary: 'his passkeys', answer: itemsOf(passkey) }),
  passkeyOptions: route('POST', '/me/passkeys/options', {
    ...me,
    summary: 'what the browser needs to make a passkey',
    body: z.object({}),
    answer: z.object({ options: credentialOptions }),
  }),
  addPasskey: route('POST', '/me/passkeys', {
    ...{ ...me, status: 201 },
    summary: 'keeps a passkey that the browser made',
    body: z.object({ name: label, credential }),
    answer: passkey,
  }),
  removePasskey: route('DELETE', '/me/passkeys/{id}', {
    ...{ ...me, stepUp: true, kind: 'none', params: byId },
    summary: 'forgets a passkey',
  }),
  tokens: route('GET', '/tokens', {
    ...tokens,
    summary: 'tokens of programs; the tokens themselves are known to nobody here',
    answer: itemsOf(apiToken),
  }),
  addToken: route('POST', '/tokens', {
    ...{ ...tokens, stepUp: true, status: 201 },
    summary: 'a token for a program; shown once',
    body: z.object({
      name: label,
      roles: z
        .array(personRole.exclude(['owner']))
        .min(1)
        .max(5),
      groups: groups.optional(),
      days: z.int().min(1).max(tokenDaysMax),
    }),
    answer: z.object({ token: z.string(), item: apiToken }),
  }),
  removeToken: route('DELETE', '/tokens/{id}', {
    ...{ ...tokens, kind: 'none', params: byId },
    summary: 'ends a token',
  }),
} as const
