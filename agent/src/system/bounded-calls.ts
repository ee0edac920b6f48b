/** System calls that somebody else makes for us, so that one that never returns holds up nobody but them. */
import type { PathCalls } from './path-calls.ts'
import type { FolderEntry, StatBuffer, System } from './system.ts'

type Calls = System & PathCalls

export type CallName = {
  [Name in keyof Calls]: Calls[Name] extends (...words: never[]) => unknown ? Name : never
}[keyof Calls]

/** What is asked: the call's own arguments, but for those that a call fills. */
export interface Asked {
  /** `readBatch`: reading/read-batch.ts, of shared memory and a number of files. */
  readonly name: CallName | 'readBatch'
  /**
   * `tryStat` and `tryStatAt` without the buffer, `read` and `tryRead` with a length in its place. `listFolder` with true
   * for its first part, then with false until a part is empty.
   */
  readonly words: readonly unknown[]
}

const opening: readonly Asked['name'][] = [
  ...(['openFolder', 'tryOpenFolder', 'openFile', 'tryOpenFile', 'createFile', 'tryCreateFile'] as const),
]

/** Whether what it answers is to be closed. */
export const opensHandle = (name: Asked['name']): boolean => opening.includes(name)

/** What `tryStat` and `tryStatAt` answer. */
export interface StatAnswer {
  readonly failed: number
  readonly stat: StatBuffer
}

/** What `listFolder` answers. */
export type ListedPart = readonly FolderEntry[]

export interface BoundedCalls {
  /**
   * Waits for the answer, but not for ever. Throws what the call throws, and SystemError ETIMEDOUT when it does not
   * return in time, or when an earlier one of the same place has not returned yet. `place`: where calls are held up
   * together, such as a mount.
   */
  ask(place: string, asked: Asked): unknown
  /** Nobody waits for it. */
  tell(place: string, asked: Asked): void
}
