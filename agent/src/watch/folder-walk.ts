/** Finds the folders below a folder and has each watched. Gives way to everything else every few milliseconds. */
import { setImmediate } from 'node:timers/promises'
import { pathBytes, pathKey } from '../system/path-key.ts'
import { emptyStat, fromRoot, type Handle, type System } from '../system/system.ts'
import { errorName, isSystemError } from '../system/system-error.ts'
import type { Unwatched } from './watcher.ts'

export interface FolderWalk {
  readonly system: Pick<System, 'tryOpenFolder' | 'listFolder' | 'tryStat' | 'close' | 'fileSystemKind'>
  /** Watches a folder; returns its number, or the negative number of the error. */
  watch(folder: Handle, parent: number | undefined, name: string): number
  /** One character a byte. */
  excluded(path: string): boolean
  unwatched(why: Unwatched): void
  isOver(): boolean
}

export interface Start {
  readonly path: string
  readonly parent: number | undefined
  readonly name: string
  /** Of the folder above; undefined for a root. */
  readonly device: string | undefined
}

/** A first watch of 60,000 folders freezes nothing for longer than this. */
const stretchMs = 8

/** Returns whether anything at all was found below. */
export async function walkFolders(walk: FolderWalk, start: Start): Promise<boolean> {
  const stack: Start[] = [start]
  let isAnything = false
  let since = performance.now()
  for (let next = stack.pop(); next !== undefined && !walk.isOver(); next = stack.pop()) {
    if (enter(walk, next, stack)) isAnything = true
    if (performance.now() - since < stretchMs) continue
    await setImmediate()
    since = performance.now()
  }
  return isAnything
}

function enter(walk: FolderWalk, { path, parent, name, device }: Start, stack: Start[]): boolean {
  const { system } = walk
  const handle = system.tryOpenFolder(fromRoot, pathBytes(path))
  if (handle < 0) {
    if (!isGone(-handle)) walk.unwatched('io')
    return false
  }
  try {
    const stat = emptyStat()
    system.tryStat(handle, stat)
    const here = `${stat.deviceMajor}:${stat.deviceMinor}`
    const kind = here === device ? 'local' : system.fileSystemKind(handle)
    if (kind === 'network') walk.unwatched('network')
    if (kind !== 'local') return false
    // Watched first and listed then: what comes in between is told or listed, or both.
    const watch = walk.watch(handle, parent, name)
    if (watch < 0) {
      walk.unwatched(errorName(-watch) === 'ENOSPC' ? 'limit' : 'io')
      return false
    }
    return pushSubfolders(walk, handle, { path, watch, device: here }, stack)
  } catch (error) {
    if (!isSystemError(error)) throw error
    walk.unwatched('io')
    return false
  } finally {
    system.close(handle)
  }
}

interface Above {
  readonly path: string
  readonly watch: number
  readonly device: string
}

function pushSubfolders(walk: FolderWalk, handle: Handle, above: Above, stack: Start[]): boolean {
  let isAnything = false
  for (const { name, kind } of walk.system.listFolder(handle)) {
    isAnything = true
    if (kind !== 'folder' && kind !== undefined) continue
    const text = pathKey(name)
    const path = below(above.path, text)
    if (!walk.excluded(path)) stack.push({ path, parent: above.watch, name: text, device: above.device })
  }
  return isAnything
}

export const below = (path: string, name: string): string => (path === '/' ? `/${name}` : `${path}/${name}`)

/** Deleted meanwhile, or no folder after all. */
function isGone(errno: number): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorName(errno))
}
