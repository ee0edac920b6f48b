/** Views as tabs; a narrowed list can be kept as one. */
import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { Button, Field } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { useAddress } from '../../words/address.ts'
import { filterNames, filtersOf, isNarrowed, saveViews, type View } from './views.ts'

export interface ViewTabsProps {
  readonly views: readonly View[]
  readonly saved: readonly View[]
  readonly onSaved: (views: readonly View[]) => void
}

export function ViewTabs({ views, saved, onSaved }: ViewTabsProps) {
  const [address] = useAddress()
  const [isNaming, setNaming] = useState(false)
  const chosen = address.get('view') ?? 'all'
  const keep = (next: readonly View[]) => {
    saveViews(localStorage, next)
    onSaved(next)
  }
  return (
    <nav className="tabs" aria-label="Views">
      {views.map(view => (
        <span key={view.id} className="tab-place">
          <Link
            href={view.id === 'all' ? '/devices' : `/devices?view=${encodeURIComponent(view.id)}`}
            className="tab"
            aria-current={view.id === chosen ? 'page' : undefined}
          >
            {view.name}
          </Link>
          {view.id === chosen && saved.includes(view) && (
            <Button
              look="quiet"
              small
              aria-label={`Forget the view ${view.name}`}
              onPress={() => keep(saved.filter(one => one !== view))}
            >
              <X size={12} aria-hidden />
            </Button>
          )}
        </span>
      ))}
      {isNarrowed(address) && (
        <Button look="quiet" small onPress={() => setNaming(true)}>
          <Plus size={12} aria-hidden />
          Save view
        </Button>
      )}
      <NameView
        isOpen={isNaming}
        onClose={() => setNaming(false)}
        onName={name => {
          const filters = filtersOf(address, views)
          const query = new URLSearchParams(
            filterNames.flatMap(one => (filters[one] === undefined ? [] : [[one, filters[one]]])),
          )
          keep([...saved, { id: `own-${Date.now()}`, name, query: query.toString() }])
          setNaming(false)
        }}
      />
    </nav>
  )
}

function NameView(props: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onName: (name: string) => void
}) {
  const [name, setName] = useState('')
  return (
    <Asking title="Save this view" isOpen={props.isOpen} onClose={props.onClose}>
      <Field
        label="Name"
        help="It stands beside the other tabs, in this browser."
        value={name}
        onChange={setName}
      />
      <div className="dialog-end">
        <Button look="main" isDisabled={name.trim() === ''} onPress={() => props.onName(name.trim())}>
          Save
        </Button>
      </div>
    </Asking>
  )
}
