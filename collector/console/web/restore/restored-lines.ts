/** What did not come back on a device as it was, in words: each name that is known, and the rest by its kind. */
import type { Aside, Restored } from '../../restored.ts'
import { counted } from '../words/bytes.ts'

export interface RestoredLine {
  readonly path: string
  readonly why: string
}

/** Kinds of notes that name no entry of their own below. */
const notes: Readonly<Record<string, string>> = {
  unread: 'the backup could not read it',
  content: 'its content is missing or not as long as it was',
  bad_name: 'its name cannot stand on this disk',
  folder_left_out: 'the folder that it was in was left out',
  refused: 'the system of the device refused it',
  needs_root: 'only an administrator restores it',
  copied_link: 'it is a copy now, and no hard link',
  owner: 'it has another owner',
  set_id: 'its right to run as its owner was dropped',
  mode: 'its permissions differ',
  attribute: 'an attribute is missing',
  time: 'its time differs',
}

const damages: Readonly<Record<string, string>> = {
  segment_missing: 'bytes of it are missing in the store',
  wrong_content: 'its content is not what was backed up',
}

export function restoredLines(found: Restored): RestoredLine[] {
  const { named, damaged, lostParts, aside = [], flaws } = found
  /** Of those that stand by name already. */
  const told = (what: string) =>
    flaws.filter(one => one.code === what).length + aside.filter(one => one.code === what).length
  const rest = Object.entries(found.notes).flatMap(([what, count]) => {
    const left = count - told(what)
    const why = notes[what]
    return why === undefined || left <= 0 ? [] : [{ path: counted(left, 'entry', 'entries'), why }]
  })
  const unnamed = damaged - named.length
  return [
    ...named.map(({ path, code }) => ({ path, why: damages[code] ?? `damaged in the store (${code})` })),
    ...(unnamed > 0 ? [{ path: `${counted(unnamed, 'more file')}`, why: 'damaged in the store' }] : []),
    ...(lostParts > 0
      ? [{ path: counted(lostParts, 'part of a folder', 'parts of folders'), why: 'lost in the store' }]
      : []),
    ...aside.map(asideLine),
    ...flaws.map(({ path, code, why }) => ({
      path,
      why: `${notes[code] ?? code.replaceAll('_', ' ')}${why === undefined ? '' : ` (${why})`}`,
    })),
    ...rest,
  ]
}

function asideLine({ path, as, why }: Aside): RestoredLine {
  if (as !== undefined) return { path, why: `beside what is there, as “${as}”` }
  if (why !== undefined) return { path, why: `the system of the device refused it (${why})` }
  return { path, why: 'left as it is: something else has its name' }
}
