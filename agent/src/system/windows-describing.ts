/** Mode and time on Windows. Owners are part of the security descriptor: windows-attributes.ts. */
import { errno } from './error-numbers.ts'
import { type Describing, emptyStat, type Handle, type Reading } from './system.ts'
import { checked } from './system-error.ts'
import type { BasicInformation } from './windows-basic.ts'
import { access, attribute } from './windows-numbers.ts'
import type { Objects } from './windows-objects.ts'
import { ticksOf } from './windows-time.ts'

const mayBeWritten = 0o200

export function windowsDescribing(
  objects: Objects,
  basic: BasicInformation,
  reading: Pick<Reading, 'tryStat'>,
): Describing {
  const stat = emptyStat()

  function opened<Result>(at: Handle, name: Uint8Array, deed: (handle: Handle) => Result): Result {
    const rights = access.readAttributes | access.writeAttributes
    const handle = checked(objects.open(at, name, { access: rights, options: 0 }), 'open')
    try {
      return deed(handle)
    } finally {
      objects.close(handle)
    }
  }

  /** Of a file, whether it may be written; of a folder nothing: Windows means something else by that bit. */
  function setMode(handle: Handle, mode: number): void {
    checked(reading.tryStat(handle, stat), 'set mode')
    if (stat.kind === 'symlink') checked(-errno.EOPNOTSUPP, 'set mode')
    if (stat.kind !== 'file') return
    const known = basic.read(handle)
    if (typeof known === 'number') return void checked(known, 'set mode')
    const { attributes } = known
    const wished =
      (mode & mayBeWritten) === 0 ? attributes | attribute.readOnly : attributes & ~attribute.readOnly
    if (wished !== attributes) checked(basic.set(handle, { attributes: wished }), 'set mode')
  }

  function setTime(handle: Handle, seconds: number, nanoseconds: number): void {
    const written = ticksOf(seconds, nanoseconds)
    checked(written === undefined ? -errno.EINVAL : basic.set(handle, { written }), 'set time')
  }

  /** There are no numbers for people: all are 0. */
  function setOwner(uid: number, gid: number): void {
    if (uid !== 0 || gid !== 0) checked(-errno.EOPNOTSUPP, 'set owner')
  }

  return {
    setOwner: (_handle, uid, gid) => setOwner(uid, gid),
    setOwnerAt: (_at, _name, uid, gid) => setOwner(uid, gid),
    setMode,
    setModeAt: (at, name, mode) => opened(at, name, handle => setMode(handle, mode)),
    setTime,
    setTimeAt: (at, name, seconds, nanoseconds) =>
      opened(at, name, handle => setTime(handle, seconds, nanoseconds)),
  }
}
