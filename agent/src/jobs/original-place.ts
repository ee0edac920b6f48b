/**
 * The place in which a path lay, opened for a restore beside what is there. The device keeps its own bounds, whoever
 * signed: only below what its policy backs up, and there only in folders that belong to a person or a service, never to
 * root. Where no number says whose a folder is (Windows), only homes are: what lies in one is its user's to change. Each
 * folder from the volume down is opened by the handle of the one above, and no symlink is followed.
 *
 *     policy backs up /home/ada, wish is /home/ada/papers/thesis  →  /home/ada is opened, papers made when it is gone
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Path } from '@backstay/proto/content/map/key'
import { Failure } from '@backstay/proto/failure'
import { pathText } from '../commands/text.ts'
import type { Owner } from '../restore/target-describe.ts'
import { fromRoot, type Handle, type Stat, type System } from '../system/system.ts'
import { isSystemError } from '../system/system-error.ts'
import { makeOurs, type OpenPlace } from './open-place.ts'
import { homeOf, isWithin, type Places } from './restored-place.ts'

export interface OriginalPlace extends OpenPlace {
  /** Components of the wish's path that the handle stands for. */
  readonly depth: number
}

/** Throws `not_in_place` for what lies outside of the bounds, `bad_place` for folders that are not as they should be. */
export function openOriginal(
  system: System,
  path: Path,
  isFolder: boolean,
  roots: readonly Path[],
  places: Places,
): OriginalPlace {
  const root = roots.find(one => isWithin(path, one))
  if (root === undefined) throw notInPlace(path, 'lies outside of what the policy of this device backs up')
  const home = homeOf(path, places)
  const top = home !== undefined && home.path.length > root.length ? home.path : root
  if (!isFolder && top.length === path.length)
    throw notInPlace(path, 'is a root of its own, and the folder around it is not backed up')
  if (!system.numbersOwners && home === undefined)
    throw notInPlace(path, 'lies in nobody’s home, and no number says whose it is')
  const isRoot = system.numbersOwners && system.effectiveUser() === 0
  return understood(path, () => {
    let isFresh = false
    let owner: Owner | undefined
    let handle = system.openFolder(fromRoot, top[0] ?? noName)
    try {
      for (const [index, name] of top.entries()) {
        if (index === 0) continue
        const below = stepDown(handle, name)
        system.close(handle)
        handle = below
        if (home !== undefined && index === home.path.length - 1) owner = ownerOf(home.name, handle)
      }
      const at = system.stat(handle)
      if (isRoot && at.uid === 0) throw notInPlace(path, 'lies in a folder of root, outside of the homes')
      return placeAt(handle, at, isFresh)
    } catch (error) {
      system.close(handle)
      throw error
    }

    function stepDown(above: Handle, name: Bytes): Handle {
      if (owner === undefined) return system.openFolder(above, name)
      const there = system.tryOpenFolder(above, name)
      if (there < 0 && !isThere(above, name)) {
        isFresh = true
        const made = makeOurs(system, above, name)
        if (isRoot) system.setOwner(made, owner.uid, owner.gid)
        return made
      }
      const handle = there < 0 ? system.openFolder(above, name) : there
      isFresh = false
      if (system.stat(handle).uid === owner.uid) return handle
      system.close(handle)
      throw badPlace(path, 'a folder on the way is not its user’s own')
    }

    function isThere(above: Handle, name: Bytes): boolean {
      try {
        system.statAt(above, name)
        return true
      } catch (error) {
        if (isSystemError(error, 'ENOENT')) return false
        throw error
      }
    }

    function ownerOf(home: string, handle: Handle): Owner {
      const { uid, gid } = system.stat(handle)
      if (isRoot && uid === 0) throw notInPlace(path, 'lies in the home of root')
      if (!places.isOwnHome(home, uid)) throw badPlace(path, `"${home}" does not belong to its user`)
      return { uid, gid }
    }

    function placeAt(handle: Handle, at: Stat, isFresh: boolean): OriginalPlace {
      return {
        ...{ handle, isFresh, isClosed: false },
        path: pathText(path),
        depth: top.length,
        ownership: isRoot && (owner ?? true),
        // Of the same owner, or of nobody who is root, and on the same disk.
        mayEnter(folder) {
          const { uid, deviceMajor, deviceMinor } = system.stat(folder)
          if (deviceMajor !== at.deviceMajor || deviceMinor !== at.deviceMinor) return false
          return owner === undefined ? !isRoot || uid !== 0 : uid === owner.uid
        },
        giveAway: () => undefined,
        [Symbol.dispose]: () => system.close(handle),
      }
    }
  })
}

const noName = new Uint8Array()

function understood<Result>(path: Path, open: () => Result): Result {
  try {
    return open()
  } catch (cause) {
    if (!isSystemError(cause)) throw cause
    const why = ['ENOTDIR', 'ELOOP'].includes(cause.code)
      ? 'a symlink or no folder is on the way'
      : cause.code
    throw badPlace(path, why, cause)
  }
}

const hint = 'restore it into a new folder: backstay job run DEVICE restore PATH'

function notInPlace(path: Path, why: string): Failure {
  return new Failure('not_in_place', `"${pathText(path)}" ${why}`, { hint })
}

function badPlace(path: Path, why: string, cause?: unknown): Failure {
  return new Failure('bad_place', `cannot restore "${pathText(path)}" in its place: ${why}`, { hint, cause })
}
