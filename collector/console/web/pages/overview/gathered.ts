/** What needs somebody, with devices of the same trouble gathered into one line: a list of thousands is no glance. */
import type { Attention } from '@backstay/proto/rest/overview'
import { counted } from '../../words/bytes.ts'
import { sentence } from '../../words/sentence.ts'

export interface Need {
  readonly id: string
  readonly severity: Attention['severity']
  readonly what: string
  readonly sinceMs: number
  readonly remedy: string
  readonly to: string
  /** On the button. */
  readonly word: string
}

/** In the order of the first of each; of a gathered line the oldest moment counts. */
export function gathered(items: readonly Attention[]): Need[] {
  const kinds = Map.groupBy(items, ({ kind, code, device }) =>
    device === undefined ? `${kind} ${code} alone` : code,
  )
  return [...kinds.values()].flatMap(some => {
    const [first] = some
    if (first === undefined) return []
    const { to, word } = wayTo(first)
    const words = wordsOf[first.code]
    if (some.length === 1) {
      const what = (first.device !== undefined && words?.(nameOf(first))) || first.what
      return [{ ...first, what, remedy: sentence(first.remedy), to, word }]
    }
    const devices = counted(some.length, 'device')
    return [
      {
        id: first.code,
        severity: some.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning',
        what: words?.(devices) ?? `${first.code.replaceAll('_', ' ')}: ${devices}`,
        sinceMs: Math.min(...some.map(({ sinceMs }) => sinceMs)),
        remedy: namesOf(some),
        to: first.kind === 'escrow' ? '/keys' : `/devices?view=attention&sort=since`,
        word: first.kind === 'escrow' ? 'Prove' : 'Show',
      },
    ]
  })
}

const namedMax = 4

/** Each sentence of the API begins with the device's name, and says then its trouble by its code. */
function nameOf({ what, code }: Attention): string {
  return what.split(`: ${code.replaceAll('_', ' ')}`)[0] ?? what
}

function namesOf(some: readonly Attention[]): string {
  const names = some.slice(0, namedMax).map(nameOf)
  return `${names.join(', ')}${some.length > namedMax ? ` and ${some.length - namedMax} more` : ''}`
}

/** Of so many devices, or of one by its name. */
const wordsOf: Readonly<Record<string, (devices: string) => string>> = {
  never_backed_up: devices => `${devices} never backed up`,
  changes_wait: devices => `${devices} with changes that wait too long`,
  backup_fails: devices => `Backups fail on ${devices}`,
  silent: devices => `${devices} silent for too long`,
  mute: devices => `${devices} connected, and say nothing`,
  files_not_read: devices => `${devices} with files that cannot be read`,
  root_hung: devices => `${devices} with a folder where nothing answers`,
  root_missing: devices => `${devices} with a folder that is gone`,
  root_unmounted: devices => `${devices} with a disk that is not mounted`,
  root_emptied: devices => `${devices} with a folder that is empty now`,
  root_shrunk: devices => `${devices} with a folder that lost most of its content`,
  escrow_unproven: devices => `Keys of ${devices} never opened by anybody`,
  order_refused: devices => `${devices} refused an order`,
  cloned: devices => `${devices} used by two machines at once`,
  snapshots_missing: devices => `Snapshots of ${devices} are missing here`,
}

function wayTo({ kind, device }: Attention): { readonly to: string; readonly word: string } {
  if (kind === 'escrow') return { to: '/keys', word: 'Prove' }
  if (device !== undefined) return { to: `/devices/${device}`, word: 'Open' }
  if (kind === 'policy') return { to: '/policies', word: 'Why' }
  return kind === 'storage' || kind === 'scrub'
    ? { to: '/storage', word: 'Open' }
    : { to: '/devices', word: 'Open' }
}
