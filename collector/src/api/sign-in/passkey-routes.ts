/** Passkeys (WebAuthn): made and proved in the browser, checked by @simplewebauthn/server. */
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { peopleRoutes } from '@backstay/proto/rest/people'
import { sessionRoutes } from '@backstay/proto/rest/session'
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import {
  addPasskey,
  bytesOf,
  type PasskeyRow,
  type PersonRow,
  passkeyByCredential,
  passkeysOf,
  personById,
  removePasskey,
  usePasskey,
} from '../../catalog/people.ts'
import { type Answering, type Ask, answering } from '../answer.ts'
import { notFound } from '../problem.ts'
import { stepCookie } from './cookies.ts'
import { requireFleet } from './sessions.ts'
import { refused, requirePerson, type SignInRoom, signedIn, stepOn } from './sign-in.ts'

const webauthn = () => import('@simplewebauthn/server')

/** Of one person. */
const passkeysMax = 16

export function passkeyRoutes(room: SignInRoom): Answering[] {
  const { p, sql, clock, fleet, audit } = room
  return [
    answering(sessionRoutes.passkeyOptions, async ask => {
      const own = requireFleet(fleet)
      const half = room.halfWay.take(ask.cookies.get(stepCookie))
      // Whose passkeys there are is told to nobody who did not show his password.
      const known = half?.person === undefined ? [] : await passkeysOf(sql, own, half.person)
      const { generateAuthenticationOptions } = await webauthn()
      const options = await generateAuthenticationOptions({
        rpID: hostOf(ask.origin),
        userVerification: 'required',
        allowCredentials: known.map(({ credential, transports }) => ({
          id: credential,
          transports: transports as AuthenticatorTransport[],
        })),
      })
      stepOn(room, ask, { person: half?.person, challenge: options.challenge })
      return { options: { ...options } }
    }),

    answering(sessionRoutes.passkeyVerify, async ask => {
      room.attempts.begin('passkey', ask.address)
      const person = await personOfPasskey(room, ask, ask.body.credential)
      room.attempts.succeeded('passkey', ask.address)
      return signedIn(room, ask, person, { method: 'passkey', strong: true })
    }),

    answering(peopleRoutes.passkeys, async ({ caller }) => {
      const { person } = await requirePerson(room, caller)
      return { items: (await passkeysOf(sql, requireFleet(fleet), person.id)).map(shown) }
    }),

    answering(peopleRoutes.passkeyOptions, async ask => {
      const { person } = await requireEnroller(room, ask)
      const known = await passkeysOf(sql, requireFleet(fleet), person.id)
      if (known.length >= passkeysMax)
        throw new Failure('already_done', `you have ${passkeysMax} passkeys already`)
      const { generateRegistrationOptions } = await webauthn()
      const options = await generateRegistrationOptions({
        rpName: 'Backstay',
        rpID: hostOf(ask.origin),
        userID: new Uint8Array(bytesOf(person.id)),
        userName: person.account,
        userDisplayName: person.name,
        attestationType: 'none',
        excludeCredentials: known.map(({ credential }) => ({ id: credential })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      })
      stepOn(room, ask, { person: person.id, challenge: options.challenge })
      return { options: { ...options } }
    }),

    answering(peopleRoutes.addPasskey, async ask => {
      const { person, session } = await requireEnroller(room, ask)
      const own = requireFleet(fleet)
      const half = room.halfWay.take(ask.cookies.get(stepCookie))
      if (half?.challenge === undefined || half.person !== person.id) throw notProved()
      const { verifyRegistrationResponse } = await webauthn()
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: ask.body.credential as unknown as RegistrationResponseJSON,
        expectedChallenge: half.challenge,
        expectedOrigin: ask.origin,
        expectedRPID: hostOf(ask.origin),
        requireUserVerification: true,
      }).catch(() => ({ verified: false, registrationInfo: undefined }))
      if (!verified || registrationInfo === undefined) throw notProved()
      const { credential } = registrationInfo
      const row = {
        ...{
          id: hex(p.random(16)),
          person: person.id,
          credential: credential.id,
          counter: credential.counter,
        },
        ...{ publicKey: new Uint8Array(credential.publicKey), transports: credential.transports ?? [] },
        ...{ name: ask.body.name, createdAtMs: clock.now() },
      }
      if (!(await addPasskey(sql, own, row)))
        throw new Failure('already_there', 'this passkey is known already')
      await audit.note({ actor: ask.caller.actor, action: 'passkey-added', target: row.id })
      // Whoever just proved a second factor goes on with it.
      const { startedAtMs } = session
      await room.sessions.begin(ask, person, {
        method: 'passkey',
        strong: true,
        address: ask.address,
        startedAtMs,
      })
      return shown({ ...row, lastUsedAtMs: undefined })
    }),

    answering(peopleRoutes.removePasskey, async ({ caller, params }) => {
      const { person } = await requirePerson(room, caller)
      if (!(await removePasskey(sql, requireFleet(fleet), person.id, params.id)))
        throw notFound('this passkey')
      await audit.note({ actor: caller.actor, action: 'passkey-removed', target: params.id })
      return undefined
    }),
  ]
}

/** Who signed the challenge that this browser was given. Throws `sign_in_failed`. */
export async function personOfPasskey(
  room: SignInRoom,
  ask: Pick<Ask, 'cookies' | 'origin' | 'address'>,
  given: Readonly<Record<string, unknown>>,
): Promise<PersonRow> {
  const { sql, fleet, clock } = room
  const own = requireFleet(fleet)
  const half = room.halfWay.take(ask.cookies.get(stepCookie))
  const credential = typeof given.id === 'string' && given.id.length < 2000 ? given.id : ''
  const known = await passkeyByCredential(sql, own, credential)
  const person = known && (await personById(sql, own, known.person))
  const isHis = half?.person === undefined || half.person === person?.id
  if (
    half?.challenge === undefined ||
    known === undefined ||
    person === undefined ||
    person.disabled ||
    !isHis
  ) {
    throw await refused(room, ask, 'person:', 'passkey')
  }
  const { verifyAuthenticationResponse } = await webauthn()
  const proved = await verifyAuthenticationResponse({
    response: given as unknown as AuthenticationResponseJSON,
    expectedChallenge: half.challenge,
    expectedOrigin: ask.origin,
    expectedRPID: hostOf(ask.origin),
    requireUserVerification: true,
    credential: {
      id: known.credential,
      publicKey: new Uint8Array(known.publicKey),
      counter: known.counter,
      transports: known.transports as AuthenticatorTransport[],
    },
  }).catch(() => undefined)
  if (proved?.verified !== true) throw await refused(room, ask, `person:${person.account}`, 'passkey')
  await usePasskey(sql, own, known.id, proved.authenticationInfo.newCounter, clock.now())
  return person
}

/** With a first factor alone nobody adds a second to an account that has one. */
export async function requireEnroller(room: SignInRoom, ask: Ask): ReturnType<typeof requirePerson> {
  const found = await requirePerson(room, ask.caller)
  const { person, session } = found
  const has = person.totp !== undefined || person.passkeys > 0
  if (has && !session.strong)
    throw new Failure('second_factor_needed', 'sign in with your second factor first')
  if (!ask.caller.steppedUp) throw stepUpNeeded()
  return found
}

export function stepUpNeeded(): Failure {
  return new Failure('step_up_needed', 'this asks for a proof from the last five minutes', {
    hint: 'POST /api/v1/session/step-up',
  })
}

function shown({ id, name, createdAtMs, lastUsedAtMs }: PasskeyRow) {
  return { id, name, createdAtMs, ...(lastUsedAtMs !== undefined && { lastUsedAtMs }) }
}

function hostOf(origin: string): string {
  return new URL(origin).hostname
}

function notProved(): Failure {
  return new Failure('not_proved', 'the browser did not prove a new passkey', { hint: 'begin again' })
}
