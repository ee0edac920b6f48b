/** What narrows the list. */

import type { policyRoutes } from '@backstay/proto/rest/policies'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useAsk } from '../../api/queries.ts'
import { Button, type Choice, Choose } from '../../parts/controls.tsx'
import { useAddress } from '../../words/address.ts'
import { counted } from '../../words/bytes.ts'
import { stateLooks, statesInOrder } from '../../words/states.ts'
import { type FilterName, filterNames, isNarrowed } from './views.ts'

/** Whoever types quickly is asked for once. */
const typingMs = 180

const states: readonly Choice[] = [
  { id: '', name: 'Any state' },
  ...statesInOrder.map(state => ({ id: state, name: stateLooks[state].word })),
]
const systems: readonly Choice[] = [
  { id: '', name: 'Any system' },
  { id: 'linux', name: 'Linux' },
  { id: 'darwin', name: 'macOS' },
  { id: 'win32', name: 'Windows' },
]
const orders: readonly Choice[] = [
  { id: '', name: 'Any policy state' },
  { id: 'ok', name: 'Policy in force' },
  { id: 'behind', name: 'Policy on its way' },
  { id: 'refused', name: 'Policy refused' },
  { id: 'unknown', name: 'Policy not told' },
]

const links: readonly Choice[] = [
  { id: '', name: 'Connected or not' },
  { id: 'true', name: 'Connected' },
  { id: 'false', name: 'Not connected' },
]

export function FilterBar({ total }: { readonly total: number | undefined }) {
  const [address, change] = useAddress()
  const { data } = useAsk<AnswerOf<typeof policyRoutes.groups>>('/groups')
  const groups = [
    { id: '', name: 'Any group' },
    ...(data?.items ?? []).filter(group => !group.retired).map(({ id, name }) => ({ id, name })),
    { id: 'none', name: 'No group' },
  ]
  const choose = (name: string, choices: readonly Choice[], label: string) => (
    <Choose
      label={label}
      hideLabel
      choices={choices}
      value={choices.some(({ id }) => id === address.get(name)) ? (address.get(name) ?? '') : ''}
      onChange={id => change({ [name]: id, row: undefined })}
    />
  )
  return (
    <div className="filter-bar">
      <Words name="q" label="Name, user or id" />
      {choose('state', states, 'State')}
      {choose('group', groups, 'Group')}
      {choose('os', systems, 'System')}
      <Words name="agent" label="Agent version" />
      {choose('policy', orders, 'Policy')}
      {choose('online', links, 'Connection')}
      {isNarrowed(address) && (
        <Button
          look="quiet"
          onPress={() => change(Object.fromEntries(filterNames.map(name => [name, undefined])))}
        >
          <X size={14} aria-hidden />
          Clear
        </Button>
      )}
      <span className="soft push" role="status">
        {total === undefined ? '' : counted(total, 'device')}
      </span>
    </div>
  )
}

function Words({ name, label }: { readonly name: FilterName; readonly label: string }) {
  const [address, change] = useAddress()
  const given = address.get(name) ?? ''
  const [text, setText] = useState(given)
  useEffect(() => setText(given), [given])
  useEffect(() => {
    if (text === given) return
    const timer = setTimeout(() => change({ [name]: text, row: undefined }), typingMs)
    return () => clearTimeout(timer)
  }, [text, given, change, name])
  return (
    <input
      className={`input filter-words ${name}`}
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={event => setText(event.target.value)}
      onKeyDown={event => {
        if (event.key === 'Escape') event.currentTarget.blur()
      }}
    />
  )
}
