/** The browser's way to the organisation's provider and back. */
import { hex } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import { sessionRoutes } from '@backstay/proto/rest/session'
import { addPerson, type PersonRow, personById, personByOidc, savePerson } from '../../catalog/people.ts'
import { removeSessionsOf } from '../../catalog/sessions.ts'
import { type Answering, answering } from '../answer.ts'
import { dropCookie, oidcCookie, setCookie } from './cookies.ts'
import { type OidcPerson, oidcMs } from './oidc.ts'
import { secondFactors } from './password-routes.ts'
import { requireFleet } from './sessions.ts'
import { refused, type SignInRoom, signedIn, stepOn } from './sign-in.ts'

export function oidcRoutes(room: SignInRoom): Answering[] {
  return [
    answering(sessionRoutes.oidcStart, async ask => {
      if (room.oidc === undefined) throw notConfigured()
      requireFleet(room.fleet)
      const { url, secret } = await room.oidc.start(ask.origin, ask.body.returnTo ?? '/')
      setCookie(ask.response, oidcCookie, secret, { maxAgeMs: oidcMs, sameSite: 'Lax' })
      return { url }
    }),

    answering(sessionRoutes.oidcCallback, async ask => {
      if (room.oidc === undefined) throw notConfigured()
      dropCookie(ask.response, oidcCookie)
      const answer = new URL(ask.request.originalUrl, ask.origin)
      try {
        const { person, returnTo } = await room.oidc.finish(ask.cookies.get(oidcCookie), answer)
        if (person.roles.length === 0) {
          await takeRoles(room, person)
          throw await refused(room, ask, `person:${person.account}`, 'oidc: no group')
        }
        const known = await knownPerson(room, person)
        if (known === undefined || known.disabled) {
          throw await refused(room, ask, `person:${person.account}`, 'oidc: account')
        }
        const methods = person.strong ? [] : secondFactors(known)
        if (methods.length === 0) {
          await signedIn(room, ask, known, { method: 'oidc', strong: person.strong })
          ask.response.redirect(303, returnTo)
        } else {
          stepOn(room, ask, { person: known.id, challenge: undefined })
          ask.response.redirect(303, `/sign-in?step=${methods.join(',')}`)
        }
      } catch (error) {
        // Somebody looks at this in a browser: the page says what happened.
        if (!isFailure(error)) throw error
        ask.response.redirect(303, `/sign-in?failed=${encodeURIComponent(error.code)}`)
      }
      return undefined
    }),
  ]
}

/** Made at the first sign-in, and given the roles of his groups at each. Undefined: another person has the account. */
async function knownPerson(room: SignInRoom, said: OidcPerson): Promise<PersonRow | undefined> {
  const { p, sql, fleet, clock, audit } = room
  const own = requireFleet(fleet)
  const found = await personByOidc(sql, own, said.subject)
  if (found === undefined) {
    const id = hex(p.random(16))
    const { account, name, roles, subject } = said
    const person = {
      id,
      account,
      name,
      roles,
      groups: undefined,
      password: undefined,
      createdAtMs: clock.now(),
    }
    if (!(await addPerson(sql, own, { ...person, oidc: subject }))) return undefined
    await audit.note({
      ...{ actor: 'collector', action: 'person-added', target: account.toLowerCase() },
      detail: { roles: roles.join(' '), by: 'oidc' },
    })
    return personById(sql, own, id)
  }
  const isSame = [...found.roles].sort().join() === [...said.roles].sort().join()
  if (isSame) return found
  return giveRoles(room, found, said.roles)
}

/** Who is in none of our groups any more is nobody here, in the sessions that he has as well. */
async function takeRoles(room: SignInRoom, { subject }: OidcPerson): Promise<void> {
  const found = await personByOidc(room.sql, requireFleet(room.fleet), subject)
  if (found !== undefined && found.roles.length > 0) await giveRoles(room, found, [])
}

async function giveRoles(
  { sql, fleet, audit }: SignInRoom,
  person: PersonRow,
  roles: PersonRow['roles'],
): Promise<PersonRow> {
  const own = requireFleet(fleet)
  await savePerson(sql, own, { ...person, roles })
  // Whoever may do other things from now on begins anew.
  await removeSessionsOf(sql, own, person.id)
  await audit.note({
    ...{ actor: 'collector', action: 'person-changed', target: person.account },
    detail: { changed: 'roles', roles: roles.join(' '), by: 'oidc' },
  })
  return { ...person, roles }
}

function notConfigured(): Failure {
  return new Failure('not_configured', 'no provider is named here', {
    hint: 'start the collector with --oidc-issuer',
  })
}
