/** Who may sign in, and what belongs to me. */
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { Page } from '../../parts/page.tsx'
import { may, usePerson } from '../../shell/session.ts'
import { useAddress } from '../../words/address.ts'
import { Mail } from './mail.tsx'
import { MyFactors } from './my-factors.tsx'
import { MyPassword } from './my-password.tsx'
import { MySessions } from './my-sessions.tsx'
import { People } from './people.tsx'
import './settings.css'
import { Tokens } from './tokens.tsx'

interface Part {
  readonly id: string
  readonly name: string
  readonly content: ReactNode
}

export function SettingsPage() {
  const [address] = useAddress()
  const person = usePerson()
  const own: readonly Part[] = [
    {
      id: 'me',
      name: 'My sign-in',
      content: (
        <>
          <MyFactors />
          {person.mayChangePassword && <MyPassword />}
        </>
      ),
    },
    { id: 'sessions', name: 'My sessions', content: <MySessions /> },
  ]
  const parts = may(person)
    ? [
        { id: 'people', name: 'People', content: <People /> },
        { id: 'tokens', name: 'API tokens', content: <Tokens /> },
        { id: 'mail', name: 'Mail', content: <Mail /> },
        ...own,
      ]
    : own
  const chosen = parts.find(({ id }) => id === address.get('part')) ?? parts[0]
  return (
    <Page title="Settings">
      <nav className="tabs" aria-label="Settings">
        {parts.map(({ id, name }) => (
          <Link
            key={id}
            href={`/settings?part=${id}`}
            className="tab"
            aria-current={id === chosen?.id ? 'page' : undefined}
          >
            {name}
          </Link>
        ))}
      </nav>
      {chosen?.content}
    </Page>
  )
}
