/**
 * Where a job puts what it restores. No job can name a place: unless it is to be where it was (original-place.ts), it goes
 * below the home in which it lay, into a folder that was not there before, and belongs to whose home that is. What lay in
 * nobody's home is for root alone.
 *
 *     /home/ada/papers  →  /home/ada/Restored/2026-11-21 0a1b2c3d/
 *     /srv/data         →  /var/lib/backstay-restored/2026-11-21 0a1b2c3d/
 */
import { utf8 } from '@backstay/proto/bytes'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import type { Path } from '@backstay/proto/content/map/key'
import { isOwnHome, thisMachine } from '../policy/machine.ts'
import { type PathCalls, pathCalls } from '../system/path-calls.ts'
import type { Handle } from '../system/system.ts'

/** What a restore asks of the machine. */
export interface Places {
  readonly homes: readonly string[]
  realPath: PathCalls['realPath']
  isOwnHome(home: string, uid: number): boolean
  /** For what lies in nobody's home. */
  readonly elsewhere: string
  /** Of the file system of an open folder, for those who are not root. */
  freeBytes(folder: Handle, path: string): number
}

export const restoredElsewhere =
  process.platform === 'win32' ? 'C:\\ProgramData\\Backstay\\restored' : '/var/lib/backstay-restored'
export const restoredName = 'Restored'

export function placesHere(elsewhere: string, paths: PathCalls = pathCalls): Places {
  return {
    homes: thisMachine(paths).homes,
    realPath: paths.realPath,
    isOwnHome,
    elsewhere,
    freeBytes(folder, path) {
      // Others tell it of a path only: another one would make the answer wrong, and nothing worse.
      return paths.freeBytes(process.platform === 'linux' ? `/proc/self/fd/${folder}` : path)
    },
  }
}

/** Below which folder, and whose home that is, if anybody's. */
export interface Base {
  readonly folder: string
  readonly home: string | undefined
}

/** An agent that is not root's has one home, and all goes there. */
export function baseFor(path: Path, places: Places, isRoot: boolean): Base {
  const [first] = places.homes
  const home = isRoot ? homeOf(path, places)?.name : first
  return home === undefined ? { folder: places.elsewhere, home } : { folder: `${home}/${restoredName}`, home }
}

/** The innermost one; by its own path or by where that really leads, as snapshots name it. */
export function homeOf(
  path: Path,
  { homes, realPath }: Pick<Places, 'homes' | 'realPath'>,
): { readonly name: string; readonly path: Path } | undefined {
  const found = homes.flatMap(name =>
    [utf8(name), realPath(utf8(name))]
      .map(componentsOf)
      .filter(one => isWithin(path, one))
      .map(path => ({ name, path })),
  )
  return found.sort((a, b) => b.path.length - a.path.length)[0]
}

export const isWithin = (path: Path, folder: Path): boolean =>
  folder.length > 1 &&
  folder.every((name, index) => Buffer.compare(name, path[index] ?? new Uint8Array()) === 0)
