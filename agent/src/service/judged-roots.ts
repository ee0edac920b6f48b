/** How the folders of a policy look before a backup, beside how they looked before: what a snapshot and people are told. */
import type { PolicyRoot } from '@backstay/proto/policy/expanded-roots'
import { errno } from '../system/error-numbers.ts'
import { pathKey, shownKey } from '../system/path-key.ts'
import { emptyStat, fromRoot, type System } from '../system/system.ts'
import { isSystemError } from '../system/system-error.ts'
import { judgeRoot, type RootFlag, type RootMemory, type RootNow } from './root-guard.ts'

export interface JudgedRoots {
  /** What to remember of them, by path, one character a byte. */
  readonly roots: ReadonlyMap<string, RootMemory>
  readonly flagged: readonly FlaggedRoot[]
}

export interface FlaggedRoot {
  /** For people. */
  readonly path: string
  readonly flag: RootFlag
  /** It was not flagged before. */
  readonly isNew: boolean
}

type Disk = Pick<System, 'tryOpenFolder' | 'tryStat' | 'listFolder' | 'close'>

export function judgedRoots(
  system: Disk,
  before: ReadonlyMap<string, RootMemory>,
  roots: readonly PolicyRoot[],
  nowMs: number,
): JudgedRoots {
  const judged = new Map<string, RootMemory>()
  const flagged: FlaggedRoot[] = []
  for (const root of roots) {
    const path = pathKey(root.path)
    const known = before.get(path)
    const after = judgeRoot(known, rootNow(system, root), nowMs)
    if (after === undefined) continue
    judged.set(path, after)
    if (after.flag === undefined) continue
    const shown = shownKey(path)
    flagged.push({ path: shown, flag: after.flag, isNew: known?.flag === undefined })
  }
  return { roots: judged, flagged }
}

const labelMax = 500

/** What the snapshot is to say of them; undefined: nothing. */
export function flagLabel(flagged: readonly FlaggedRoot[]): string | undefined {
  if (flagged.length === 0) return undefined
  const said = flagged.map(({ path, flag }) => `${path} is ${flag.why}`)
  return `flagged: ${said.join('; ')}`.slice(0, labelMax)
}

/** One that cannot be opened is missing, too. */
function rootNow(system: Disk, { path }: PolicyRoot): RootNow {
  const handle = system.tryOpenFolder(fromRoot, path)
  // A file that is a root has one name, wherever it lies.
  if (handle === -errno.ENOTDIR) return { device: '', names: 1 }
  if (handle < 0) return handle === -errno.ETIMEDOUT ? 'hung' : 'missing'
  try {
    const stat = emptyStat()
    system.tryStat(handle, stat)
    const names = [...system.listFolder(handle)].length
    return { device: `${stat.deviceMajor}:${stat.deviceMinor}`, names }
  } catch (error) {
    if (isSystemError(error)) return isSystemError(error, 'ETIMEDOUT') ? 'hung' : 'missing'
    throw error
  } finally {
    system.close(handle)
  }
}
