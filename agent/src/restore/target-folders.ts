/**
 * Where the writer stands in the target: the chain of folders, those still to be entered, and completing those left.
 * Held in memory: the subfolders, not yet entered, of the folders on the way down to where the writer stands.
 */
import { constants } from 'node:os'
import type { Bytes } from '@backstay/proto/bytes'
import { equalBytes, hex } from '@backstay/proto/bytes'
import type { Entry } from '@backstay/proto/content/entry'
import { folderChain } from '../system/folder-chain.ts'
import type { Handle, System } from '../system/system.ts'
import { type HeldFolder, heldFolder } from './held-folder.ts'

export interface TargetFolders {
  /** Of the folder where the writer stands. */
  readonly handle: Handle
  /** Its names as written, from the top down; not to be kept, it changes. */
  readonly path: readonly Bytes[]
  /** Goes to the folder that an entry is in; false when that folder was left out. */
  goTo(components: readonly Bytes[]): boolean
  /** A folder was made here as `written`, or left out; it is completed when all below it has passed. */
  expect(name: Bytes, written: Bytes | undefined, entry: Entry | undefined): void
  /** The folder where the writer stands, for somebody who writes into it later: it is not completed before. */
  held(): HeldFolder
  /** Completes all folders, up to the top. */
  leaveAll(): void
  close(): void
}

export interface FolderDeeds {
  /** Makes a folder that no entry announced; returns the name that it got, or undefined when it is left out. */
  make(at: Handle, name: Bytes): Bytes | undefined
  complete(folder: Handle, entry: Entry, path: readonly Bytes[]): void
  /** Judges a folder that was just opened: somebody may have put another in its place. */
  mayEnter(folder: Handle): boolean
  /** A folder that we made cannot be opened: somebody moved it. */
  lost(path: readonly Bytes[], code: number): void
}

interface Level {
  /** As in the snapshot. */
  readonly name: Bytes
  readonly entry: Entry | undefined
  /** Subfolders that were not entered yet, by name. */
  readonly waiting: Map<string, Waiting>
  held: HeldFolder | undefined
}

interface Waiting {
  readonly name: Bytes
  readonly written: Bytes | undefined
  readonly entry: Entry | undefined
}

export function targetFolders(system: System, top: Handle, deeds: FolderDeeds): TargetFolders {
  const chain = folderChain(system, top)
  const topLevel: Level = { name: new Uint8Array(), entry: undefined, waiting: new Map(), held: undefined }
  const levels: Level[] = [topLevel]
  const path: Bytes[] = []

  const here = (): Level => levels.at(-1) ?? topLevel
  const pathTo = (name: Bytes): Bytes[] => [...levels.slice(1).map(level => level.name), name]

  function expect(name: Bytes, written: Bytes | undefined, entry: Entry | undefined): void {
    here().waiting.set(hex(name), { name, written, entry })
  }

  function enter(name: Bytes): boolean {
    const key = hex(name)
    const found = here().waiting.get(key)
    const written = found === undefined ? deeds.make(chain.handle, name) : found.written
    const handle = written === undefined ? undefined : openBelow(written)
    if (written === undefined || handle === undefined || handle < 0) {
      if (handle !== undefined) deeds.lost(pathTo(name), handle)
      expect(name, undefined, undefined)
      return false
    }
    here().waiting.delete(key)
    chain.enterOpened(handle)
    levels.push({ name, entry: found?.entry, waiting: new Map(), held: undefined })
    path.push(written)
    return true
  }

  function openBelow(written: Bytes): Handle {
    const handle = system.tryOpenFolder(chain.handle, written)
    if (handle < 0 || deeds.mayEnter(handle)) return handle
    system.close(handle)
    return -constants.errno.EPERM
  }

  function completeWaiting(): void {
    for (const { name, written, entry } of here().waiting.values()) {
      if (written === undefined || entry === undefined) continue
      const handle = openBelow(written)
      if (handle < 0) {
        deeds.lost(pathTo(name), handle)
        continue
      }
      try {
        deeds.complete(handle, entry, pathTo(name))
      } finally {
        system.close(handle)
      }
    }
    here().waiting.clear()
  }

  function leave(): void {
    completeWaiting()
    const level = levels.pop()
    path.pop()
    chain.leave(left => {
      if (level === undefined) return
      const { entry, held } = level
      const path = pathTo(level.name)
      const complete = (folder: Handle) => {
        if (entry !== undefined) deeds.complete(folder, entry, path)
      }
      if (held === undefined) complete(left)
      else held.leave(() => complete(held.handle))
    })
  }

  return {
    get handle() {
      return chain.handle
    },
    path,
    goTo(components) {
      const depth = components.length - 1
      let same = 0
      while (same < depth && isNamed(levels[same + 1], components[same])) same++
      while (levels.length > same + 1) leave()
      for (const name of components.slice(same, depth)) if (!enter(name)) return false
      return true
    },
    expect,
    held() {
      const level = here()
      level.held ??= heldFolder(system, chain.handle)
      return level.held
    },
    leaveAll() {
      while (levels.length > 1) leave()
      completeWaiting()
    },
    close() {
      chain[Symbol.dispose]()
      for (const { held } of levels) held?.leave(() => undefined)
    },
  }
}

/** The caller mostly gives the same bytes again for the same folder, so that nothing is compared. */
function isNamed(level: Level | undefined, name: Bytes | undefined): boolean {
  if (level === undefined || name === undefined) return false
  return level.name === name || equalBytes(level.name, name)
}
