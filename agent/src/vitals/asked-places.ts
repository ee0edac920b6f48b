/**
 * Questions to file systems that may never answer: a server that is gone holds whoever asks in one of the four threads that
 * Node has for files, and with all four held no file of the agent is read or written any more. So a place is asked again,
 * by anybody in this process, only when it has answered.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { pathKey } from '../system/path-key.ts'

const asking = new Set<string>()

/** One that does not answer keeps this process from ending. */
export const isAnyPlaceAsked = (): boolean => asking.size > 0

/** Undefined at once while an earlier question about the place is open. Rejects when `ask` does. */
export async function askPlace<T>(place: Bytes, ask: () => Promise<T>): Promise<T | undefined> {
  const name = pathKey(place)
  if (asking.has(name)) return undefined
  asking.add(name)
  try {
    return await ask()
  } finally {
    asking.delete(name)
  }
}
