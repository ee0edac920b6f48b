/** Who is signed in, and what the server lets them see. What a role hides is hidden for calm; what is refused is refused by the server. */
import type { Session } from '@backstay/proto/rest/session'
import type { PersonRole } from '@backstay/proto/rest/shapes'
import { createContext, useContext } from 'react'

export const PersonContext = createContext<Session | undefined>(undefined)

/** Throws outside of a session: our own mistake. */
export function usePerson(): Session {
  const session = useContext(PersonContext)
  if (session === undefined) throw new Error('nobody is signed in')
  return session
}

export function may({ roles }: Session, ...wanted: readonly PersonRole[]): boolean {
  return roles.includes('owner') || wanted.some(role => roles.includes(role))
}
