/** People, their six digits, and tokens of programs. */
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { peopleRoutes } from '@backstay/proto/rest/people'
import { type ApiTokenRow, addApiToken, listApiTokens, removeApiToken } from '../../catalog/api-tokens.ts'
import {
  addPerson,
  listPeople,
  type PersonRow,
  personById,
  removePasskeys,
  removePerson,
  savePerson,
  useTotpStep,
} from '../../catalog/people.ts'
import { removeSessionsOf } from '../../catalog/sessions.ts'
import { type Answering, answering } from '../answer.ts'
import { notFound } from '../problem.ts'
import { requireEnroller } from './passkey-routes.ts'
import { apiTokenPrefix, requireFleet } from './sessions.ts'
import { hashOf, newSecret, shortLived } from './short-lived.ts'
import { refused, requirePerson, type SignInRoom } from './sign-in.ts'

const dayMs = 86_400_000
/** Time to take a photograph of a square. */
const enrolMs = 15 * 60_000

export function peopleRoutesOf(room: SignInRoom): Answering[] {
  const { p, sql, clock, fleet, audit, totpCodes } = room
  const enrolling = shortLived<{ readonly person: string; readonly secret: Uint8Array }>(p, clock, enrolMs)
  const enrolments = new Map<string, string>()

  async function required(id: string): Promise<PersonRow> {
    const person = await personById(sql, requireFleet(fleet), id)
    if (person === undefined) throw notFound('this person')
    return person
  }

  /** Throws `last_owner`: then nobody could let anybody in. */
  async function requireOtherOwner(id: string): Promise<void> {
    const others = (await listPeople(sql, requireFleet(fleet))).filter(one => one.id !== id)
    if (others.some(one => one.roles.includes('owner') && !one.disabled)) return
    throw new Failure('last_owner', 'this is the last owner', { hint: 'make somebody else an owner first' })
  }

  return [
    answering(peopleRoutes.list, async () => ({
      items: (await listPeople(sql, requireFleet(fleet))).map(shown),
    })),

    answering(peopleRoutes.add, async ({ body, caller }) => {
      const { account, name, roles, groups } = body
      requireWholeOwner(roles, groups)
      const firstPassword = body.password === undefined ? newSecret(p) : undefined
      const password = await room.passwords.hash(body.password ?? firstPassword ?? '')
      const id = hex(p.random(16))
      const person = { id, account, name, roles, groups, password, oidc: undefined, createdAtMs: clock.now() }
      if (!(await addPerson(sql, requireFleet(fleet), person))) {
        throw new Failure('already_there', 'somebody has this account already')
      }
      await audit.note({
        ...{ actor: caller.actor, action: 'person-added', target: account.toLowerCase() },
        detail: { roles: roles.join(' ') },
      })
      return { person: shown(await required(id)), ...(firstPassword !== undefined && { firstPassword }) }
    }),

    answering(peopleRoutes.change, async ({ params, body, caller }) => {
      const before = await required(params.id)
      const roles = body.roles ?? before.roles
      const groups = body.groups === null ? undefined : (body.groups ?? before.groups)
      requireWholeOwner(roles, groups)
      const isOwner = roles.includes('owner') && body.disabled !== true
      if (before.roles.includes('owner') && !isOwner) await requireOtherOwner(before.id)
      const firstPassword = body.resetPassword === true ? newSecret(p) : undefined
      const next: PersonRow = {
        ...before,
        ...{ name: body.name ?? before.name, roles, groups, disabled: body.disabled ?? before.disabled },
        password: firstPassword === undefined ? before.password : await room.passwords.hash(firstPassword),
        totp: body.resetSecondFactors === true ? undefined : before.totp,
      }
      const own = requireFleet(fleet)
      await savePerson(sql, own, next)
      if (body.resetSecondFactors === true) await removePasskeys(sql, own, next.id)
      // Whoever may do other things from now on begins anew.
      await removeSessionsOf(sql, own, next.id)
      await audit.note({
        ...{ actor: caller.actor, action: 'person-changed', target: next.account },
        detail: { changed: Object.keys(body).join(' '), roles: roles.join(' ') },
      })
      return { person: shown(await required(next.id)), ...(firstPassword !== undefined && { firstPassword }) }
    }),

    answering(peopleRoutes.remove, async ({ params, caller }) => {
      const person = await required(params.id)
      if (person.roles.includes('owner')) await requireOtherOwner(person.id)
      const own = requireFleet(fleet)
      await removeSessionsOf(sql, own, person.id)
      await removePerson(sql, own, person.id)
      await audit.note({ actor: caller.actor, action: 'person-removed', target: person.account })
      return undefined
    }),

    answering(peopleRoutes.changePassword, async ask => {
      const { person, session } = await requirePerson(room, ask.caller)
      room.attempts.begin(person.account, ask.address)
      if (!(await room.passwords.matches(ask.body.password, person.password))) {
        throw await refused(room, ask, ask.caller.actor, 'password')
      }
      room.attempts.succeeded(person.account, ask.address)
      const own = requireFleet(fleet)
      await savePerson(sql, own, { ...person, password: await room.passwords.hash(ask.body.newPassword) })
      await removeSessionsOf(sql, own, person.id, session.id)
      await audit.note({ actor: ask.caller.actor, action: 'password-changed' })
      return undefined
    }),

    answering(peopleRoutes.startTotp, async ask => {
      const { person } = await requireEnroller(room, ask)
      const secret = totpCodes.newSecret()
      enrolments.set(person.id, enrolling.add({ person: person.id, secret }))
      return totpCodes.shown(secret, person.account, fleet.trust?.document.fleetName ?? '')
    }),

    answering(peopleRoutes.confirmTotp, async ask => {
      const { person, session } = await requireEnroller(room, ask)
      const held = enrolling.get(enrolments.get(person.id))
      const step = held && totpCodes.stepOf(held.secret, ask.body.code, clock.now())
      const own = requireFleet(fleet)
      room.attempts.begin(`totp ${person.account}`, ask.address)
      if (held === undefined || step === undefined || !(await useTotpStep(sql, own, person.id, step))) {
        throw new Failure('not_proved', 'these are not the six digits of this minute', {
          hint: 'check the clock of the phone, and begin again if it took long',
        })
      }
      room.attempts.succeeded(`totp ${person.account}`, ask.address)
      enrolling.take(enrolments.get(person.id))
      enrolments.delete(person.id)
      const next = { ...person, totp: totpCodes.seal(held.secret, person.id) }
      await savePerson(sql, own, next)
      await audit.note({ actor: ask.caller.actor, action: 'totp-added' })
      const { startedAtMs } = session
      await room.sessions.begin(ask, next, {
        method: 'totp',
        strong: true,
        address: ask.address,
        startedAtMs,
      })
      return { totp: true as const }
    }),

    answering(peopleRoutes.removeTotp, async ({ caller }) => {
      const { person } = await requirePerson(room, caller)
      await savePerson(sql, requireFleet(fleet), { ...person, totp: undefined })
      await audit.note({ actor: caller.actor, action: 'totp-removed' })
      return undefined
    }),

    answering(peopleRoutes.tokens, async () => ({
      items: (await listApiTokens(sql, requireFleet(fleet))).map(shownToken),
    })),

    answering(peopleRoutes.addToken, async ({ body, caller }) => {
      const { name, roles, groups, days } = body
      const token = apiTokenPrefix + newSecret(p)
      const row = {
        ...{ id: hex(p.random(16)), name, roles, groups, createdBy: caller.actor },
        ...{ createdAtMs: clock.now(), expiresAtMs: clock.now() + days * dayMs },
      }
      await addApiToken(sql, requireFleet(fleet), new Uint8Array(hashOf(token)), row)
      await audit.note({
        ...{ actor: caller.actor, action: 'token-added', target: row.id },
        detail: { name, roles: roles.join(' '), days },
      })
      return { token, item: shownToken({ ...row, lastUsedAtMs: undefined }) }
    }),

    answering(peopleRoutes.removeToken, async ({ params, caller }) => {
      if (!(await removeApiToken(sql, requireFleet(fleet), params.id))) throw notFound('this token')
      await audit.note({ actor: caller.actor, action: 'token-removed', target: params.id })
      return undefined
    }),
  ]
}

/** An owner of a part could let himself see the rest. */
function requireWholeOwner(roles: readonly string[], groups: readonly string[] | undefined): void {
  if (groups === undefined || !roles.includes('owner')) return
  throw new Failure('bad_request', 'an owner sees the whole fleet: give him no groups')
}

function shown(row: PersonRow) {
  const { id, account, name, roles, groups, passkeys, disabled, createdAtMs, lastSignInAtMs } = row
  return {
    ...{ id, account, name, roles: [...roles], ...(groups && { groups: [...groups] }) },
    ...{ totp: row.totp !== undefined, passkeys, password: row.password !== undefined },
    ...{ oidc: row.oidc !== undefined, disabled, createdAtMs },
    ...(lastSignInAtMs !== undefined && { lastSignInAtMs }),
  }
}

function shownToken({ roles, groups, lastUsedAtMs, ...rest }: ApiTokenRow) {
  return {
    ...{ ...rest, roles: [...roles], ...(groups && { groups: [...groups] }) },
    ...(lastUsedAtMs !== undefined && { lastUsedAtMs }),
  }
}
