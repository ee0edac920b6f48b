/** Search from anywhere: devices by name or user, pages by name; file names are searched where they can be opened. */
import { FileSearch, Laptop, type LucideIcon } from 'lucide-react'
import { type KeyboardEvent, useDeferredValue, useId, useState } from 'react'
import { useLocation } from 'wouter'
import { useAsk } from '../api/queries.ts'
import { Asking } from '../parts/dialog.tsx'
import { StateChip } from '../parts/state.tsx'
import type { HealthState } from '../words/states.ts'
import { places } from './places.ts'
import './search.css'

interface Found {
  readonly items: readonly {
    readonly device: string
    readonly name: string
    readonly user?: string | undefined
    readonly state: HealthState
  }[]
}

interface Hit {
  readonly to: string
  readonly icon: LucideIcon
  readonly text: string
  readonly more?: string | undefined
  readonly state?: HealthState
}

const devicesMax = 8

export function SearchDialog({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
}) {
  return (
    <Asking title="Search" isOpen={isOpen} onClose={onClose} wide>
      <SearchBox onClose={onClose} />
    </Asking>
  )
}

function SearchBox({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const [, go] = useLocation()
  const list = useId()
  const words = useDeferredValue(text.trim())
  const { data } = useAsk<Found>('/devices', { q: words, limit: devicesMax }, { enabled: words !== '' })
  const hits = hitsOf(words, words === '' ? [] : (data?.items ?? []))
  const open = (hit: Hit | undefined) => {
    if (hit === undefined) return
    onClose()
    go(hit.to)
  }
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      setAt((at + step + hits.length) % Math.max(1, hits.length))
    } else if (event.key === 'Enter') open(hits[at])
  }
  return (
    <div className="stack">
      <input
        className="input search-input"
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={hits[at] === undefined ? undefined : `${list}-${at}`}
        aria-label="Device, user, page or file name"
        placeholder="Device, user, page or file name"
        // biome-ignore lint/a11y/noAutofocus: the person has just asked for this field
        autoFocus
        value={text}
        onChange={event => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={pressed}
      />
      <div id={list} role="listbox" aria-label="Found" className="search-hits" tabIndex={-1}>
        {hits.map((hit, index) => (
          <div
            key={hit.to}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className="search-hit"
            onPointerMove={() => setAt(index)}
            onClick={() => open(hit)}
            onKeyDown={() => undefined}
          >
            <hit.icon size={16} aria-hidden />
            <span className="one-line">{hit.text}</span>
            {hit.more !== undefined && <span className="faint one-line">{hit.more}</span>}
            {hit.state !== undefined && (
              <span className="push">
                <StateChip state={hit.state} />
              </span>
            )}
          </div>
        ))}
      </div>
    </div>
  )
}

function hitsOf(words: string, devices: Found['items']): Hit[] {
  const lower = words.toLowerCase()
  const pages = places.filter(({ name }) => name.toLowerCase().includes(lower))
  return [
    ...devices.map(({ device, name, user, state }) => ({
      to: `/devices/${device}`,
      icon: Laptop,
      text: name,
      more: user,
      state,
    })),
    ...pages.map(({ path, name, icon }) => ({ to: path, icon, text: name })),
    ...(words === ''
      ? []
      : [
          {
            to: `/restore#${new URLSearchParams({ find: words })}`,
            icon: FileSearch,
            text: `Files named “${words}”`,
            more: 'in Restore, opened with your key',
          },
        ]),
  ]
}
