/** What is wrong, who takes care of it, and who is told. */
import { Link } from 'wouter'
import { Page } from '../../parts/page.tsx'
import { may, usePerson } from '../../shell/session.ts'
import { useAddress } from '../../words/address.ts'
import { AlertList } from './alert-list.tsx'
import './alerts.css'
import { Channels } from './channels.tsx'
import { Rules } from './rules.tsx'

export function AlertsPage() {
  const [address] = useAddress()
  const person = usePerson()
  const isKeeper = may(person, 'policy')
  const part = address.get('part') ?? 'alerts'
  const tabs = [
    { id: 'alerts', name: 'Alerts' },
    { id: 'rules', name: 'Rules' },
    ...(isKeeper ? [{ id: 'channels', name: 'Channels' }] : []),
  ]
  return (
    <Page title="Alerts" about="Rules look at every device each minute; channels carry what they find.">
      <nav className="tabs" aria-label="Alerts">
        {tabs.map(({ id, name }) => (
          <Link
            key={id}
            href={id === 'alerts' ? '/alerts' : `/alerts?part=${id}`}
            className="tab"
            aria-current={id === part ? 'page' : undefined}
          >
            {name}
          </Link>
        ))}
      </nav>
      {part === 'rules' ? (
        <Rules mayChange={isKeeper} />
      ) : part === 'channels' && isKeeper ? (
        <Channels />
      ) : (
        <AlertList />
      )}
    </Page>
  )
}
