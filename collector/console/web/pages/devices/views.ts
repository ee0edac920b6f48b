/** Views of the list: those that everybody has, and those that somebody saved in this browser. */
export interface View {
  readonly id: string
  readonly name: string
  /** What stands in the address: `state=at_risk&group=…`. */
  readonly query: string
}

const present = 'unprotected,never_backed_up,at_risk,protected,offline_complete,paused'

export const usualViews: readonly View[] = [
  { id: 'all', name: 'All', query: '' },
  { id: 'attention', name: 'Needs attention', query: 'state=unprotected,never_backed_up,at_risk' },
  { id: 'new', name: 'New', query: 'state=never_backed_up' },
  { id: 'offline', name: 'Offline', query: 'online=false' },
  { id: 'retired', name: 'Retired', query: 'state=retired' },
]

/** What narrows the list, in the order of the bar. */
export const filterNames = ['state', 'q', 'group', 'os', 'agent', 'policy', 'online'] as const
export type FilterName = (typeof filterNames)[number]
export type Filters = Readonly<Partial<Record<FilterName, string>>>

/** The filters of the chosen view, with those of the address above them. Who is gone is shown when asked for. */
export function filtersOf(address: URLSearchParams, views: readonly View[]): Filters {
  const view = views.find(({ id }) => id === address.get('view'))
  const base = new URLSearchParams(view?.query ?? '')
  const found: Partial<Record<FilterName, string>> = {}
  for (const name of filterNames) {
    const value = address.get(name) ?? base.get(name)
    if (value !== null && value !== '') found[name] = value
  }
  return { state: present, ...found }
}

/** Whether somebody narrowed the list beyond its view. */
export function isNarrowed(address: URLSearchParams): boolean {
  return filterNames.some(name => address.get(name))
}

const kept = 'backstay-views'
const viewsMax = 12

export function savedViews(storage: Pick<Storage, 'getItem'>): readonly View[] {
  try {
    const found: unknown = JSON.parse(storage.getItem(kept) ?? '[]')
    return Array.isArray(found) ? found.filter(isView).slice(0, viewsMax) : []
  } catch {
    return []
  }
}

export function saveViews(storage: Pick<Storage, 'setItem'>, views: readonly View[]): void {
  storage.setItem(kept, JSON.stringify(views.slice(0, viewsMax)))
}

function isView(one: unknown): one is View {
  const view = one as View
  return typeof view?.id === 'string' && typeof view.name === 'string' && typeof view.query === 'string'
}
