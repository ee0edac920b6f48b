/**
 * A setting as fields that a person fills in, and back. The words are those of policy files (console/policy): what is
 * typed here and what is written there means the same.
 */
import { fromHex, utf8 } from '@backstay/proto/bytes'
import { type Setting, settingsNamed } from './setting-value.ts'

export type Field =
  | {
      readonly name: string
      readonly label: string
      readonly look: 'line' | 'lines' | 'number'
      readonly help: string
    }
  | { readonly name: string; readonly label: string; readonly look: 'tick'; readonly help: string }

export type Filled = Readonly<Record<string, string | boolean>>

const line = (name: string, label: string, help = '') => ({ name, label, look: 'line', help }) as const
const lines = (name: string, label: string, help = 'One a line.') =>
  ({ name, label, look: 'lines', help }) as const
const number = (name: string, label: string, help = '') => ({ name, label, look: 'number', help }) as const
const tick = (name: string, label: string, help = '') => ({ name, label, look: 'tick', help }) as const

const patterns = 'One a line, as in .gitignore.'

export function fieldsOf(key: string): readonly Field[] {
  return key.startsWith('sets.') ? setFields : (fields[key] ?? [])
}

const setFields: readonly Field[] = [
  lines('roots', 'Folders', 'One a line: absolute, or beginning with ~ for each home.'),
  lines('presets', 'Presets', 'One a line, such as user-folders.'),
  lines('excludes', 'Left out', patterns),
  tick('share', 'Files of different folders may share a sealed segment'),
]

const fields: Readonly<Record<string, readonly Field[]>> = {
  excludes: [lines('', 'Left out of every backup set', patterns)],
  retention: [
    line('within', 'Everything within', 'Such as 30d. All fields empty: every snapshot is kept for ever.'),
    number('daily', 'Then so many days'),
    number('weekly', 'weeks'),
    number('monthly', 'months'),
    number('yearly', 'years'),
  ],
  schedule: [lines('', 'When', 'continuous; or every 4h; or windows, one a line: Mon-Fri 20:00-06:00')],
  rates: [lines('', 'Speed limits', 'One a line: 500 KiB/s Mon-Fri 08:00-18:00')],
  battery: [number('', 'Percent', 'On battery below this, nothing starts; 0: never mind.')],
  metered: [tick('', 'Back up over links that are paid by the byte')],
  hooks: [
    line('before', 'Before a backup', 'The name of a file that root put into hooks.d.'),
    line('after', 'After it'),
  ],
  pause: [line('', 'At most', 'Such as 4h; or: no')],
  restore: [tick('', 'Employees may restore on the device')],
  objective: [
    line('at-risk', 'At risk after', 'Such as 24h without a complete snapshot.'),
    line('unprotected', 'Unprotected after'),
  ],
  reconcile: [line('', 'At the latest after', 'Such as 6h.')],
  version: [
    line('', 'Release', 'Such as 1.4.0, which the collector must hold; or: no, for whatever is installed.'),
  ],
}

/** As policy files have it (setting-values.ts) → what stands in the fields. */
export function filledFrom(key: string, plain: unknown): Filled {
  const whole = fieldsOf(key)
  const object =
    typeof plain === 'object' && plain !== null && !Array.isArray(plain)
      ? (plain as Record<string, unknown>)
      : {}
  return Object.fromEntries(
    whole.map(({ name, look }) => {
      const value =
        key === 'schedule' && name === '' ? scheduleLines(plain) : name === '' ? plain : object[name]
      if (look === 'tick') return [name, name === 'share' ? value !== false : value === true]
      if (value === false) return [name, 'no']
      return [
        name,
        Array.isArray(value)
          ? value.join('\n')
          : value === undefined || value === 'forever'
            ? ''
            : String(value),
      ]
    }),
  )
}

/** What stands in the fields → as policy files have it, for `readValue`, which says what is wrong with it. */
export function plainFrom(key: string, filled: Filled): unknown {
  const whole = fieldsOf(key)
  const values = whole.map(field => [field.name, fieldValue(field, filled[field.name])] as const)
  const [first] = values
  if (key === 'schedule') return schedulePlain((first?.[1] as readonly string[] | undefined) ?? [])
  if (first?.[0] === '') return first[1]
  const given = values.filter(([name, value]) =>
    name === 'share'
      ? value === false
      : value !== '' && value !== undefined && !(Array.isArray(value) && value.length === 0),
  )
  if (key === 'retention' && given.length === 0) return 'forever'
  return Object.fromEntries(given)
}

function fieldValue({ look }: Field, value: string | boolean | undefined): unknown {
  if (look === 'tick') return value === true
  const text = String(value ?? '').trim()
  if (look === 'lines')
    return text === ''
      ? []
      : text
          .split('\n')
          .map(one => one.trim())
          .filter(one => one !== '')
  if (look === 'number') return text === '' ? undefined : Number(text)
  return text
}

function scheduleLines(plain: unknown): unknown {
  if (typeof plain !== 'object' || plain === null) return plain
  const { windows, quiet, ceiling } = plain as Record<string, unknown>
  if (Array.isArray(windows)) return windows
  return quiet === undefined && ceiling === undefined ? plain : 'continuous'
}

function schedulePlain(found: readonly string[]): unknown {
  const [only = 'continuous'] = found
  return found.length <= 1 && /^(continuous|every\s)/.test(only) ? only : { windows: found, 'catch-up': true }
}

/** The setting behind what the API shows, whose paths are text. */
export function settingFrom(kind: string, value: unknown): Setting {
  const named = settingsNamed(kind)
  if (named !== 'backupSet') return { kind: named, value } as Setting
  const set = value as Extract<Setting, { kind: 'backupSet' }>['value'] & {
    readonly roots: readonly unknown[]
  }
  const roots = set.roots.map(root => (typeof root === 'string' ? rootBytes(root) : root))
  return { kind: 'backupSet', value: { ...set, roots } } as Setting
}

function rootBytes(text: string): Uint8Array {
  return (text.startsWith('hex:') ? fromHex(text.slice(4)) : undefined) ?? utf8(text)
}
