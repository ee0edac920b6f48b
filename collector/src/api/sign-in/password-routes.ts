/** With a password, and six digits as the second step; the first person with the code from the terminal. */
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { sessionRoutes } from '@backstay/proto/rest/session'
import {
  addPerson,
  countPeople,
  type PersonRow,
  personByAccount,
  personById,
  useTotpStep,
} from '../../catalog/people.ts'
import { type Answering, answering } from '../answer.ts'
import { stepCookie } from './cookies.ts'
import { requireFleet } from './sessions.ts'
import { refused, type SignInRoom, signedIn, signInFailed, stepOn } from './sign-in.ts'

export function passwordRoutes(room: SignInRoom): Answering[] {
  const { p, sql, clock, fleet, code } = room
  return [
    answering(sessionRoutes.bootstrap, async ask => {
      const { account, name, password } = ask.body
      room.attempts.begin('', ask.address)
      if (!code.matches(ask.body.code)) throw await refused(room, ask, 'person:', 'code')
      const own = requireFleet(fleet)
      if ((await countPeople(sql, own)) > 0) throw new Failure('already_done', 'somebody can sign in already')
      const person = {
        ...{
          id: hex(p.random(16)),
          account,
          name,
          roles: ['owner'] as const,
          groups: undefined,
          oidc: undefined,
        },
        ...{ password: await room.passwords.hash(password), createdAtMs: clock.now() },
      }
      if (!(await addPerson(sql, own, person)))
        throw new Failure('already_done', 'somebody can sign in already')
      await code.close()
      room.attempts.succeeded('', ask.address)
      return signedIn(room, ask, await required(room, person.id), { method: 'bootstrap', strong: false })
    }),

    answering(sessionRoutes.password, async ask => {
      const { account, password } = ask.body
      const own = requireFleet(fleet)
      room.attempts.begin(account, ask.address)
      const person = await personByAccount(sql, own, account)
      const isRight = await room.passwords.matches(password, person?.password)
      if (!isRight || person === undefined || person.disabled) {
        throw await refused(room, ask, `person:${account}`, 'password')
      }
      room.attempts.succeeded(account, ask.address)
      const methods = secondFactors(person)
      if (methods.length === 0) return signedIn(room, ask, person, { method: 'password', strong: false })
      stepOn(room, ask, { person: person.id, challenge: undefined })
      return { state: 'second_factor' as const, methods }
    }),

    answering(sessionRoutes.totp, async ask => {
      const half = room.halfWay.get(ask.cookies.get(stepCookie))
      const person =
        half?.person === undefined ? undefined : await personById(sql, requireFleet(fleet), half.person)
      if (person === undefined || person.disabled) throw signInFailed()
      await requireCode(room, ask.address, person, ask.body.code)
      room.halfWay.take(ask.cookies.get(stepCookie))
      return signedIn(room, ask, person, { method: 'totp', strong: true })
    }),
  ]
}

export function secondFactors({ totp, passkeys }: PersonRow): ('totp' | 'passkey')[] {
  return [...(totp === undefined ? [] : ['totp' as const]), ...(passkeys > 0 ? ['passkey' as const] : [])]
}

/** Throws `sign_in_failed`, `too_many_requests`. A code counts once, and guessing is counted apart from passwords. */
export async function requireCode(
  room: SignInRoom,
  address: string,
  person: PersonRow,
  code: string,
): Promise<void> {
  const { sql, fleet, clock, totpCodes } = room
  const account = `totp ${person.account}`
  room.attempts.begin(account, address)
  const secret = person.totp && totpCodes.open(person.totp, person.id)
  const step = secret && totpCodes.stepOf(secret, code, clock.now())
  if (step === undefined || !(await useTotpStep(sql, requireFleet(fleet), person.id, step))) {
    throw await refused(room, { address }, `person:${person.account}`, 'totp')
  }
  room.attempts.succeeded(account, address)
}

async function required({ sql, fleet }: SignInRoom, id: string): Promise<PersonRow> {
  const person = await personById(sql, requireFleet(fleet), id)
  if (person === undefined) throw new Error('assertion failed: a person who was just added is not there')
  return person
}
