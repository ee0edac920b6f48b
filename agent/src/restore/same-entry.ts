/**
 * Whether what has a name already is what would be written under it: then it is not written, and not fetched. Asked only
 * where a restore may go on (TargetOptions.sign). Content and kind count, not owner, mode and time: those are the
 * owner's to change.
 */
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import type { Entry } from '@backstay/proto/content/entry'
import type { Handle, System } from '../system/system.ts'
import { isSystemError } from '../system/system-error.ts'

type Looking = Pick<System, 'statAt' | 'stat' | 'openFile' | 'read' | 'readLink' | 'close'>
type Known = Pick<Entry, 'size' | 'sha256'>

/** Read in one turn. */
const chunkBytes = 1024 * 1024

/** A small file, read at once. */
export function isSameSmallFile(system: Looking, at: Handle, name: Bytes, entry: Known): boolean {
  const reading = hashing(system, at, name, entry)
  for (;;) {
    const { done, value } = reading.next()
    if (done === true) return value
  }
}

/** One of any size; others have their turn between its parts. */
export async function isSameFile(
  system: Looking,
  at: Handle,
  name: Bytes,
  entry: Known,
  signal?: AbortSignal,
): Promise<boolean> {
  const reading = hashing(system, at, name, entry)
  try {
    for (;;) {
      const { done, value } = reading.next()
      if (done === true) return value
      await setImmediate()
      signal?.throwIfAborted()
    }
  } finally {
    reading.return(false)
  }
}

/** What is neither a file nor a folder. */
export function isSameSpecial(system: Looking, at: Handle, name: Bytes, entry: Entry): boolean {
  return orFalse(() => {
    const { kind, nodeMajor, nodeMinor } = system.statAt(at, name)
    if (kind !== entry.kind) return false
    if (kind === 'symlink')
      return entry.target !== undefined && equalBytes(system.readLink(at, name), entry.target)
    const { major = 0, minor = 0 } = entry.device ?? {}
    return nodeMajor === major && nodeMinor === minor
  })
}

function* hashing(
  system: Looking,
  at: Handle,
  name: Bytes,
  { size, sha256 }: Known,
): Generator<void, boolean> {
  if (sha256 === undefined) return false
  const file = orFalse(() => openRegular(system, at, name, size))
  if (file === false) return false
  try {
    const hasher = createHash('sha256')
    const chunk = new Uint8Array(Math.min(chunkBytes, size))
    for (let position = 0; position < size; ) {
      const length = orFalse(() => system.read(file, chunk, position))
      if (length === false || length === 0) return false
      hasher.update(chunk.subarray(0, length))
      position += length
      if (position < size) yield
    }
    return equalBytes(hasher.digest(), sha256)
  } finally {
    system.close(file)
  }
}

/** Nothing else is opened: some things move when they are. */
function openRegular(system: Looking, at: Handle, name: Bytes, size: number): Handle | false {
  const before = system.statAt(at, name)
  if (before.kind !== 'file' || before.size !== size) return false
  const file = system.openFile(at, name)
  const { kind, size: now } = system.stat(file)
  if (kind === 'file' && now === size) return file
  system.close(file)
  return false
}

/** What cannot be looked at is not known to be the same. */
function orFalse<Result>(look: () => Result): Result | false {
  try {
    return look()
  } catch (error) {
    if (!isSystemError(error)) throw error
    return false
  }
}
