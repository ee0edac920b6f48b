/** The file that a hook's name stands for, and whether it can be trusted as root's own. */
import { posix, win32 } from 'node:path'
import { utf8 } from '@backstay/proto/bytes'
import { settingsFolder, thisPlace } from '../system/settings-folder.ts'
import { fromRoot, type Guarded, type System } from '../system/system.ts'
import { isSystemError } from '../system/system-error.ts'

export type HookSystem = Pick<System, 'statAt' | 'isGuarded'>

const isWindows = process.platform === 'win32'
const { dirname, join } = isWindows ? win32 : posix
/** Windows runs what its name says that it is. */
const endings: readonly string[] = isWindows ? ['.exe', '.cmd'] : ['']
const mayRun = 0o111

/** Root's own, whoever runs the agent. */
export const hooksFolder = join(settingsFolder({ ...thisPlace(), isRoot: true }), 'hooks.d')

/** Where a hook lies, or why nothing there is run. Nobody but root may change it, or put another file in its place. */
export function hookFile(
  system: HookSystem,
  folder: string,
  name: string,
): { readonly path: string } | { readonly fault: string } {
  const paths = endings.map(ending => join(folder, `${name}${ending}`))
  const path = paths.find(one => isThere(system, one))
  if (path === undefined) return { fault: `there is no "${paths.join('" and no "')}"` }
  const fault = faultOf(system, path)
  return fault === undefined ? { path } : { fault }
}

function isThere(system: HookSystem, path: string): boolean {
  try {
    system.statAt(fromRoot, utf8(path))
    return true
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false
    if (isSystemError(error)) return true
    throw error
  }
}

function faultOf(system: HookSystem, path: string): string | undefined {
  const isOurs = (place: string, as: Guarded) => system.isGuarded(fromRoot, utf8(place), as)
  try {
    const { kind, mode } = system.statAt(fromRoot, utf8(path))
    if (kind !== 'file') return `"${path}" is no file`
    if (!isOurs(path, 'program')) return `others than ${root} may change "${path}"`
    if (!isWindows && (mode & mayRun) === 0) return `"${path}" is not executable`
    // cmd.exe puts in the values of variables, between quotes too.
    if (path.endsWith('.cmd') && path.includes('%')) return `"${path}" has a "%" in it`
    for (let folder = dirname(path), as: Guarded = 'folder'; ; folder = dirname(folder), as = 'above') {
      const isFolder = system.statAt(fromRoot, utf8(folder)).kind === 'folder'
      if (!isFolder || !isOurs(folder, as)) return `others than ${root} may change the folder "${folder}"`
      if (folder === dirname(folder)) return undefined
    }
  } catch (error) {
    if (!isSystemError(error)) throw error
    return `"${path}" cannot be looked at`
  }
}

const root = isWindows ? 'the system and its administrators' : 'root'
