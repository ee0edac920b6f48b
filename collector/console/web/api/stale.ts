/** Which answers an event of the collector makes stale. */
import type { LiveEvent } from '@backstay/proto/rest/overview'

/** What each type of event makes stale. */
const staleBy: Readonly<Record<Exclude<LiveEvent['type'], 'reset'>, readonly string[]>> = {
  device: ['/overview', '/devices', '/history'],
  job: ['/devices', '/intents'],
  alert: ['/alerts', '/overview'],
  activity: ['/activity', '/audit'],
  policy: ['/policies', '/groups', '/devices'],
  orders: ['/trust', '/policies', '/groups', '/grants', '/overview', '/devices'],
  intent: ['/intents'],
}

/** Beginnings of paths. An event that a newer collector tells makes nothing stale. */
export function staleAfter(data: unknown): readonly string[] | 'all' {
  const type = typeOf(data)
  if (type === 'reset') return 'all'
  return Object.hasOwn(staleBy, type) ? staleBy[type as keyof typeof staleBy] : []
}

function typeOf(data: unknown): string {
  try {
    const event = JSON.parse(String(data)) as { readonly type?: unknown }
    return typeof event.type === 'string' ? event.type : ''
  } catch {
    return ''
  }
}
