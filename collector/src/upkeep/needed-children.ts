/**
 * What an object is not whole without. A commit also leads to its lists of names (docs/format.md §8.4), so that they stay as
 * long as it does; but they are of use for a search alone, and a snapshot is not lost with them.
 */
import { isFailure } from '@backstay/proto/failure'
import { childIds, decodeWhole, type Header } from '@backstay/proto/object/header'
import type { ObjectId } from '@backstay/proto/object/id'
import { decodeCommit } from '@backstay/proto/trust/commit'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'

/** `stored`: the bytes that the header was read from. */
export function neededChildren(header: Header, stored: Uint8Array): readonly ObjectId[] {
  const all = childIds(header)
  if (header.type !== 'record' || all.length < 2) return all
  const names = namesOf(stored)
  return all.filter(id => id !== names)
}

function namesOf(stored: Uint8Array): ObjectId | undefined {
  try {
    return decodeCommit(decodeEnvelope(Uint8Array.from(decodeWhole(stored).body)).payload).names
  } catch (error) {
    // What cannot be read says nothing of its children: it needs them all.
    if (isFailure(error)) return undefined
    throw error
  }
}
