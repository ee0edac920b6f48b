/** What stands around every page: navigation, search, help, and whether the page is live. */
import { CircleHelp, LogOut, Monitor, Moon, Search, Sun } from 'lucide-react'
import { type ReactNode, useCallback, useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { Live } from '../api/events.ts'
import { useKeys } from '../keys/keys.ts'
import { Button } from '../parts/controls.tsx'
import { PageSaid } from '../parts/page.tsx'
import { Help } from './help.tsx'
import { places } from './places.ts'
import { SearchDialog } from './search.tsx'
import { usePerson } from './session.ts'
import './shell.css'
import { useShortcuts } from './shortcuts.ts'
import { chooseTheme, chosenTheme, type Theme, themes } from './theme.ts'

export interface ShellProps {
  readonly fleet: string
  readonly live: Live
  readonly banner?: ReactNode
  readonly onLeave: () => void
  readonly children: ReactNode
}

export function Shell({ fleet, live, banner, onLeave, children }: ShellProps) {
  const [asked, ask] = useState<'search' | 'help' | undefined>()
  const [, go] = useLocation()
  const search = useCallback(() => ask('search'), [])
  const help = useCallback(() => ask('help'), [])
  useShortcuts({ search, help, go })
  const close = () => ask(undefined)
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <nav className="side" aria-label="Console">
        <div className="brand">
          <span className="brand-mark" aria-hidden />
          <span className="one-line" title={fleet}>
            {fleet}
          </span>
        </div>
        <button type="button" className="find" onClick={search}>
          <Search size={14} aria-hidden />
          Search
          <kbd className="push">/</kbd>
        </button>
        <Places />
        <Foot live={live} onHelp={help} onLeave={onLeave} />
      </nav>
      <PageSaid />
      <main id="main" className="main" tabIndex={-1}>
        {banner}
        {children}
      </main>
      <SearchDialog isOpen={asked === 'search'} onClose={close} />
      <Help isOpen={asked === 'help'} onClose={close} />
    </div>
  )
}

function Places() {
  const [path] = useLocation()
  return (
    <ul className="places">
      {places.map(place => {
        const isHere = place.path === '/' ? path === '/' : path.startsWith(place.path)
        return (
          <li key={place.path} className={place.begins ? 'begins' : undefined}>
            <Link href={place.path} className="place" aria-current={isHere ? 'page' : undefined}>
              <place.icon size={16} aria-hidden />
              {place.name}
            </Link>
          </li>
        )
      })}
    </ul>
  )
}

const liveWords: Readonly<Record<Live, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Not connected; trying again',
}

const keyWords = { absent: 'No key in this page', locked: 'Key locked', open: 'Key open' } as const

function Foot(props: { readonly live: Live; readonly onHelp: () => void; readonly onLeave: () => void }) {
  const person = usePerson()
  const keys = useKeys()
  return (
    <footer className="foot">
      <div className="foot-line">
        <span className={`lamp ${props.live}`} aria-hidden />
        <span role="status">{liveWords[props.live]}</span>
      </div>
      <div className="foot-line">
        <span className={`lamp ${keys.state === 'open' ? 'live' : ''}`} aria-hidden />
        {keyWords[keys.state]}
      </div>
      <div className="foot-line person">
        <span className="one-line" title={`${person.name}: ${person.roles.join(', ')}`}>
          {person.name}
        </span>
        <span className="row push tight">
          <ThemeSwitch />
          <Button look="quiet" small aria-label="Keyboard and help" onPress={props.onHelp}>
            <CircleHelp size={15} aria-hidden />
          </Button>
          <Button look="quiet" small aria-label="Sign out" onPress={props.onLeave}>
            <LogOut size={15} aria-hidden />
          </Button>
        </span>
      </div>
    </footer>
  )
}

const themeIcons = { system: Monitor, light: Sun, dark: Moon } as const

function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(chosenTheme)
  const Icon = themeIcons[theme]
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system'
  return (
    <Button
      look="quiet"
      small
      aria-label={`Colours: ${theme}; change to ${next}`}
      onPress={() => {
        chooseTheme(next)
        setTheme(next)
      }}
    >
      <Icon size={15} aria-hidden />
    </Button>
  )
}
