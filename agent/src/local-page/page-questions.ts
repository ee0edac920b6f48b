/** What the page asks, as JSON that nobody has looked at yet. Every function here throws `bad_question`. */

import { keyBytesMax, type Path, pathOf } from '@backstay/proto/content/map/key'
import { Failure } from '@backstay/proto/failure'
import { pauseMinutesMax } from '@backstay/proto/policy/settings'

/** The longest key in base64 (format.md §8.1), and what stands around it. */
export const questionBytesMax = 64 * 1024
const wordsLengthMax = 1000

export type Asked = Readonly<Record<string, unknown>>

export function askedOf(text: string): Asked {
  try {
    const asked: unknown = text === '' ? {} : JSON.parse(text)
    if (typeof asked === 'object' && asked !== null && !Array.isArray(asked)) return asked as Asked
  } catch {
    // The same as any other thing that is no object.
  }
  throw bad('it is no object of JSON')
}

/** The key of a path in base64url: names need not be text. */
export function pathAsked({ path }: Asked): Path {
  if (typeof path !== 'string' || path.length > 2 * keyBytesMax) throw bad('it names no path')
  try {
    return pathOf(Uint8Array.fromBase64(path, { alphabet: 'base64url' }))
  } catch {
    throw bad('its path is none')
  }
}

/** The number of a snapshot; undefined: the newest complete one. */
export function momentAsked({ at }: Asked): number | undefined {
  if (at === undefined || at === null) return undefined
  if (typeof at === 'number' && Number.isSafeInteger(at) && at > 0) return at
  throw bad('its moment is no number of a snapshot')
}

export function textAsked(asked: Asked, name: string): string {
  const text = asked[name]
  if (typeof text === 'string' && text.length <= wordsLengthMax * 8) return text
  throw bad(`its "${name}" is no text`)
}

export function minutesAsked({ minutes }: Asked): number {
  if (typeof minutes === 'number' && Number.isInteger(minutes) && minutes > 0 && minutes <= pauseMinutesMax) {
    return minutes
  }
  throw bad('a pause lasts from a minute to 7 days')
}

function bad(why: string): Failure {
  return new Failure('bad_question', `the page asked what nobody understands: ${why}`, {
    hint: 'reload the page',
  })
}
