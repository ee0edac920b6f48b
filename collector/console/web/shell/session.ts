/** Who is signed in, and what the server lets them see. What a role hides is hidden for calm; what is refused is refused by the server. */
import { createContext, useContext } from 'react'

export type Role = 'viewer' | 'helpdesk' | 'restore' | 'policy' | 'auditor' | 'owner'

export interface Person {
  readonly id: string
  readonly name: string
  readonly roles: readonly Role[]
}

export const PersonContext = createContext<Person>({ id: '', name: '', roles: [] })

export function usePerson(): Person {
  return useContext(PersonContext)
}

export function may({ roles }: Person, ...wanted: readonly Role[]): boolean {
  return roles.includes('owner') || wanted.some(role => roles.includes(role))
}
