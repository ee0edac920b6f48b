/** Walks a tree by handles in the order of a snapshot map: all entries of a folder, then its subfolders one by one. */
import { folderChain } from '@backstay/agent/system/folder-chain'
import type { Handle, Stat, System } from '@backstay/agent/system/system'
import { isSystemError } from '@backstay/agent/system/system-error'
import { type Bytes, compareBytes } from '@backstay/proto/bytes'

export interface Visit {
  /** From the top down to and with the entry. */
  readonly components: readonly Bytes[]
  /** The folder that the entry is in; valid until the next visit. */
  readonly folder: Handle
  readonly name: Bytes
  readonly stat: Stat
}

/** Folders that may not be opened are visited but not entered. */
export function* walkTree(system: System, top: Handle): Generator<Visit> {
  using chain = folderChain(system, top)
  const path: Bytes[] = []
  const pending: Bytes[][] = []

  function* visits(): Generator<Visit> {
    const folders: Bytes[] = []
    for (const name of sortedNames(system, chain.handle)) {
      const stat = system.statAt(chain.handle, name)
      if (stat.kind === 'folder') folders.push(name)
      yield { components: [...path, name], folder: chain.handle, name, stat }
    }
    pending.push(folders.reverse())
  }

  yield* visits()
  while (true) {
    const name = pending.at(-1)?.pop()
    if (name !== undefined) {
      if (!entered(() => chain.enter(name))) continue
      path.push(name)
      yield* visits()
      continue
    }
    pending.pop()
    if (pending.length === 0) return
    path.pop()
    chain.leave()
  }
}

export function sortedNames(system: System, folder: Handle): Bytes[] {
  return Array.from(system.listFolder(folder), entry => entry.name).sort(compareBytes)
}

function entered(enter: () => void): boolean {
  try {
    enter()
    return true
  } catch (error) {
    if (isSystemError(error, 'EACCES')) return false
    throw error
  }
}
