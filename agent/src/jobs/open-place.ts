/**
 * The new folder of a restore, made and opened by handle from the home down. No symlink is followed, nothing that was
 * there before is taken, and until it is given away it is closed to everybody else: also to the user whose home it is in.
 */
import { constants } from 'node:os'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Owner, Ownership } from '../restore/target-describe.ts'
import { makeFolders } from '../system/make-folders.ts'
import { emptyStat, fromRoot, type Handle, modeMask, type System } from '../system/system.ts'
import { isSystemError } from '../system/system-error.ts'
import { type Base, type Places, restoredName } from './restored-place.ts'

export interface OpenPlace extends Disposable {
  readonly handle: Handle
  readonly path: string
  /** Whose all becomes that is written into it. */
  readonly ownership: Ownership
  /** Nothing was in it before this job. */
  readonly isFresh: boolean
  /** Nobody else writes into it before it is given away. */
  readonly isClosed: boolean
  /** Whether a folder below that is there already may be written into. */
  mayEnter(folder: Handle): boolean
  /** Opens it for its owner, when nobody writes any more. */
  giveAway(): void
}

/** Others' when they are given away, not before. */
const closedMode = 0o700
const writableByOthers = 0o022

/**
 * `sign`: of this job's restore, when it was begun before; a folder that holds it is gone on with, since only we can have
 * put it there. Throws `bad_home` for a home that is not as it should be, `bad_target` for what the system refuses.
 */
export function openPlace(system: System, base: Base, name: string, places: Places, sign?: Bytes): OpenPlace {
  const isRoot = system.effectiveUser() === 0
  const { handle, owner } = understood(base, () => {
    const above =
      base.home === undefined ? openElsewhere(system, base) : openRestored(system, base.home, places)
    try {
      return { ...above, handle: openOrMake(system, above.handle, name, sign) }
    } finally {
      system.close(above.handle)
    }
  })
  return {
    handle,
    path: `${base.folder}/${name}`,
    // Of nobody's home: recorded owners come back behind a folder that is root's alone.
    ownership: isRoot && (owner ?? true),
    ...{ isFresh: true, isClosed: true },
    // One that has its mode already may be closed to who is not root.
    mayEnter(folder) {
      if (system.stat(folder).uid === system.effectiveUser()) system.setMode(folder, closedMode)
      return true
    },
    giveAway() {
      if (isRoot && owner !== undefined) system.setOwner(handle, owner.uid, owner.gid)
    },
    [Symbol.dispose]: () => system.close(handle),
  }
}

interface Above {
  readonly handle: Handle
  readonly owner: Owner | undefined
}

function openElsewhere(system: System, { folder }: Base): Above {
  makeFolders(folder, closedMode)
  const handle = system.openFolder(fromRoot, utf8(folder))
  const { uid, mode } = system.stat(handle)
  if (uid === system.effectiveUser() && (mode & writableByOthers) === 0) {
    // Recorded owners would find their files in it.
    system.setMode(handle, closedMode)
    return { handle, owner: undefined }
  }
  system.close(handle)
  throw badHome(`"${folder}" belongs to others, or others may write to it`)
}

/** `Restored` in the home, which may be there from before. */
function openRestored(system: System, home: string, places: Places): Above {
  const at = system.openFolder(fromRoot, utf8(home))
  try {
    const { uid, gid } = system.stat(at)
    if (!places.isOwnHome(home, uid)) throw badHome(`"${home}" does not belong to its user`)
    const name = utf8(restoredName)
    const made = system.tryMakeFolder(at, name, closedMode)
    if (made < 0 && made !== -constants.errno.EEXIST) throw refused(`${home}/${restoredName}`, made)
    const handle = made < 0 ? system.openFolder(at, name) : openOurs(system, at, name)
    if (made === 0 && uid !== system.effectiveUser()) system.setOwner(handle, uid, gid)
    if (system.stat(handle).uid === uid) return { handle, owner: { uid, gid } }
    system.close(handle)
    throw badHome(`"${home}/${restoredName}" does not belong to the owner of the home`)
  } finally {
    system.close(at)
  }
}

function openOrMake(system: System, at: Handle, name: string, sign: Bytes | undefined): Handle {
  const there = sign === undefined ? -1 : system.tryOpenFolder(at, utf8(name))
  if (sign === undefined || there < 0) return makeOurs(system, at, utf8(name))
  const stat = emptyStat()
  // It moves along with the folder that is closed to all others, and nothing else looks like it.
  if (isOurs(system, there) && system.tryStatAt(there, sign, stat) === 0 && stat.kind === 'folder')
    return there
  const [something] = system.listFolder(there)
  if (isOurs(system, there) && something === undefined) return there
  system.close(there)
  throw new Failure('interrupted', `"${name}" is not as this job left it`)
}

function isOurs(system: System, folder: Handle): boolean {
  const { uid, mode } = system.stat(folder)
  return uid === system.effectiveUser() && (mode & modeMask) === closedMode
}

export function makeOurs(system: System, at: Handle, name: Bytes): Handle {
  system.makeFolder(at, name, closedMode)
  return openOurs(system, at, name)
}

/**
 * Opens what was just made. Whoever may write to the folder around may have put something else in its place: only an
 * empty folder of our own on the same disk is taken, since it will be given away.
 */
function openOurs(system: System, at: Handle, name: Bytes): Handle {
  const handle = system.openFolder(at, name)
  const around = system.stat(at)
  const { uid, deviceMajor, deviceMinor } = system.stat(handle)
  const isHere = deviceMajor === around.deviceMajor && deviceMinor === around.deviceMinor
  const [something] = system.listFolder(handle)
  if (uid === system.effectiveUser() && isHere && something === undefined) {
    system.setMode(handle, closedMode)
    return handle
  }
  system.close(handle)
  throw badHome(`"${new TextDecoder().decode(name)}" was exchanged while it was made`)
}

function understood<Result>({ folder }: Base, open: () => Result): Result {
  try {
    return open()
  } catch (cause) {
    if (isSystemError(cause, 'ENOTDIR') || isSystemError(cause, 'ELOOP'))
      throw badHome(`"${folder}" leads through a symlink, or is no folder`, cause)
    if (!(cause instanceof Error && 'code' in cause) || cause instanceof Failure) throw cause
    throw new Failure('bad_target', `cannot restore to "${folder}": ${cause.code}`, { cause })
  }
}

const refused = (folder: string, code: number): Failure =>
  new Failure('bad_target', `cannot make "${folder}": error ${-code}`)

function badHome(message: string, cause?: unknown): Failure {
  return new Failure('bad_home', message, { hint: 'restore elsewhere: backstay restore DEVICE PATH', cause })
}
