/** Which names may be written, and which one instead when a name is taken. */
import { constants } from 'node:os'
import { type Bytes, concat, utf8 } from '@backstay/proto/bytes'
import { nameBytesMax } from '../system/system.ts'

const slash = 0x2f
const dot = 0x2e

/** Why a name is no single component, or undefined: a snapshot may be forged by who held the device. */
export function nameTrouble(name: Bytes): string | undefined {
  if (name.length === 0) return 'empty'
  if (name.length > nameBytesMax) return 'too long'
  if (name.length <= 2 && name.every(byte => byte === dot)) return 'dots'
  if (name.includes(slash)) return 'slash'
  if (name.includes(0)) return 'NUL'
  return undefined
}

const lenient = new TextDecoder()

/** A name in a report, which is text. */
export const shownName = (name: Bytes): string => lenient.decode(name)

/** What every file system holds, whatever its characters are. */
const suffixedBytesMax = 255
/** Somebody with a thousand copies beside each other has another problem. */
const copiesMax = 1000

/** The name with ` (restored)` behind it, then ` (restored 2)`; the front is cut so that it stays within 255 bytes. */
export function suffixed(name: Bytes, copy: number): Bytes {
  const suffix = utf8(copy === 1 ? ' (restored)' : ` (restored ${copy})`)
  let end = Math.min(name.length, suffixedBytesMax - suffix.length)
  // Not between the bytes of one UTF-8 character, which is at most 4 of them.
  const earliest = end - 3
  while (end < name.length && end > earliest && ((name[end] as number) & 0xc0) === 0x80) end--
  return concat(name.subarray(0, end), suffix)
}

export interface Claimed {
  readonly name: Bytes
  /** What the call returned: not negative, or a negative error number. */
  readonly result: number
  /** It was there before and is left as it is. */
  readonly isThere?: true
}

/** Whether what has a name already is the very thing that is to get it. */
export type IsThere = (name: Bytes) => boolean

/**
 * Makes something under its name or, when that is taken, under the next one that is free; unless, as `isThere` says, it
 * is there already under one of them.
 */
export function claim(
  name: Bytes,
  conflict: 'suffix' | 'refuse',
  make: (name: Bytes) => number,
  isThere: IsThere = () => false,
): Claimed {
  for (let copy = 0; ; copy++) {
    const candidate = copy === 0 ? name : suffixed(name, copy)
    const result = make(candidate)
    if (result !== -constants.errno.EEXIST) return { name: candidate, result }
    if (isThere(candidate)) return { name: candidate, result: 0, isThere: true }
    if (conflict === 'refuse' || copy === copiesMax) return { name: candidate, result }
  }
}
