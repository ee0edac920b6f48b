/** Who is signed in and where; the second proof; admin keys. */
import { fromHex, hex } from '@backstay/proto/bytes'
import { keySignInMessage } from '@backstay/proto/rest/key-sign-in'
import { sessionRoutes } from '@backstay/proto/rest/session'
import type { PersonRow } from '../../catalog/people.ts'
import { removeSession, sessionsOf } from '../../catalog/sessions.ts'
import { type Answering, answering } from '../answer.ts'
import type { Caller } from '../caller.ts'
import { notFound } from '../problem.ts'
import { personOfPasskey } from './passkey-routes.ts'
import { requireCode, secondFactors } from './password-routes.ts'
import { type KeySession, keyTokenMs, requireFleet, sessionMs } from './sessions.ts'
import { shortLived } from './short-lived.ts'
import { personSession, refused, requirePerson, type SignInRoom, signInFailed } from './sign-in.ts'

const challengeMs = 2 * 60_000

export function sessionRoutesOf(room: SignInRoom): Answering[] {
  const { p, sql, clock, fleet, audit } = room
  const challenges = shortLived<true>(p, clock, challengeMs)
  const endOf = (person: PersonRow, id: string) => removeSession(sql, requireFleet(fleet), person.id, id)
  return [
    answering(sessionRoutes.ways, async () => ({
      ...(fleet.trust && { fleetName: fleet.trust.document.fleetName }),
      bootstrap: room.code.code !== undefined,
      password: true,
      passkey: true,
      ...(room.oidc && { oidc: { name: room.oidc.name } }),
    })),

    answering(sessionRoutes.keyChallenge, async () => ({
      challenge: Buffer.from(challenges.add(true), 'base64url').toString('hex'),
      ...(fleet.trust && { fleet: fleet.trust.fleet }),
      collectorKey: hex(fleet.own.key),
      expiresAtMs: clock.now() + challengeMs,
    })),

    answering(sessionRoutes.key, async ask => {
      const own = requireFleet(fleet)
      room.attempts.begin('key', ask.address)
      const challenge = fromHex(ask.body.challenge) ?? new Uint8Array()
      const key = fromHex(ask.body.key) ?? new Uint8Array()
      const isOurs = challenges.take(Buffer.from(challenge).toString('base64url')) === true
      const message = keySignInMessage({ fleet: own, collectorKey: fleet.own.key, challenge })
      const signature = new Uint8Array(Buffer.from(ask.body.signature, 'base64'))
      const isSigned = signature.length === 64 && (await p.verify(key, message, signature).catch(() => false))
      const isAdmin = fleet.rolesOf({ kind: 'admin', key }).length > 0
      if (!isOurs || !isSigned || !isAdmin) throw await refused(room, ask, 'admin:', 'key')
      room.attempts.succeeded('key', ask.address)
      const token = await room.sessions.beginKey(key, ask.request, ask.address)
      ask.request.headers.authorization = `Bearer ${token}`
      const caller = await room.sessions.callerOf(ask.request)
      if (caller === undefined) throw signInFailed()
      await audit.note({
        ...{ actor: caller.actor, action: 'sign-in' },
        detail: { method: 'key', address: ask.address },
      })
      return { token, session: bearerSession(caller) }
    }),

    answering(sessionRoutes.stepUp, async ask => {
      const { person, session } = await requirePerson(room, ask.caller)
      const { body } = ask
      if (body.method === 'totp') await requireCode(room, ask.address, person, body.code)
      else if (body.method === 'passkey') {
        const found = await personOfPasskey(room, ask, body.credential)
        if (found.id !== person.id) throw await refused(room, ask, ask.caller.actor, 'passkey')
      } else {
        // Who has a second factor shows that one.
        room.attempts.begin(person.account, ask.address)
        const isRight = await room.passwords.matches(body.password, person.password)
        if (!isRight || secondFactors(person).length > 0)
          throw await refused(room, ask, ask.caller.actor, 'step-up')
        room.attempts.succeeded(person.account, ask.address)
      }
      const strong = session.strong || body.method !== 'password'
      const method = body.method === 'password' ? session.method : body.method
      const { startedAtMs } = session
      const next = await room.sessions.begin(ask, person, {
        method,
        strong,
        address: ask.address,
        startedAtMs,
      })
      await audit.note({ actor: ask.caller.actor, action: 'step-up', detail: { method: body.method } })
      return personSession(person, next, clock.now())
    }),

    answering(sessionRoutes.show, async ({ caller }) => {
      if (caller.session === undefined) return bearerSession(caller)
      const { person, session } = await requirePerson(room, caller)
      return personSession(person, session, clock.now())
    }),

    answering(sessionRoutes.end, async ({ caller, request, response }) => {
      if (caller.session === undefined) room.sessions.endKey(request.headers.authorization)
      else await room.sessions.end(caller.session, response)
      await audit.note({ actor: caller.actor, action: 'sign-out' })
      return undefined
    }),

    answering(sessionRoutes.list, async ({ caller }) => {
      if (caller.bearer?.method === 'key') {
        const own = room.sessions.keySessionsOf(caller)
        return { items: own.map(one => keySessionItem(one, caller.bearer?.id)) }
      }
      const { person, session } = await requirePerson(room, caller)
      const rows = await sessionsOf(sql, requireFleet(fleet), person.id)
      return {
        items: rows.map(({ id, startedAtMs, lastSeenMs, method, address, software }) => ({
          ...{ id, current: id === session.id, startedAtMs, lastSeenAtMs: lastSeenMs },
          ...{ expiresAtMs: startedAtMs + sessionMs, method, address, software },
        })),
      }
    }),

    answering(sessionRoutes.revoke, async ({ caller, params }) => {
      const isEnded =
        caller.bearer?.method === 'key'
          ? room.sessions.endKeySession(caller, params.id)
          : await endOf((await requirePerson(room, caller)).person, params.id)
      if (!isEnded) throw notFound('this session')
      await audit.note({ actor: caller.actor, action: 'session-revoked', target: params.id })
      return undefined
    }),
  ]
}

function keySessionItem({ id, startedAtMs, lastSeenMs, address, software }: KeySession, current?: string) {
  const times = { startedAtMs, lastSeenAtMs: lastSeenMs, expiresAtMs: startedAtMs + keyTokenMs }
  return { id, current: id === current, ...times, method: 'key', address, software }
}

/** Of a program or an admin's key. */
function bearerSession({ actor, name, roles, groups, bearer, steppedUp }: Caller) {
  const { method = 'token', startedAtMs = 0, expiresAtMs = startedAtMs + keyTokenMs } = bearer ?? {}
  return {
    ...{ name, account: actor, roles: [...roles], ...(groups && { groups: [...groups] }), method },
    ...{ startedAtMs, expiresAtMs, idleEndsAtMs: expiresAtMs },
    ...(steppedUp && { steppedUpUntilMs: expiresAtMs }),
    ...{ withheld: [], totp: false, passkeys: 0, mayChangePassword: false },
  }
}
