/** Removes a tree by handles: paths of any length, never through a symlink. */
import type { Bytes } from '@backstay/proto/bytes'
import { type FolderChain, folderChain } from './folder-chain.ts'
import type { Handle, System } from './system.ts'

const ownerAll = 0o700

/** Removes what `name` names in a folder, with everything below; throws SystemError. */
export function removeTree(system: System, at: Handle, name: Bytes): void {
  if (system.statAt(at, name).kind !== 'folder') {
    system.remove(at, name)
    return
  }
  const top = openWritable(system, at, name)
  try {
    using chain = folderChain(system, top)
    empty(system, chain)
  } finally {
    system.close(top)
  }
  system.removeFolder(at, name)
}

/** Depth first, with the names still to remove of each folder on the way down. */
function empty(system: System, chain: FolderChain): void {
  const pending: Bytes[][] = [removeFiles(system, chain.handle)]
  while (true) {
    const folder = pending.at(-1)?.at(-1)
    if (folder !== undefined) {
      chain.enterOpened(openWritable(system, chain.handle, folder))
      pending.push(removeFiles(system, chain.handle))
      continue
    }
    pending.pop()
    const emptied = pending.at(-1)?.pop()
    if (emptied === undefined) return
    chain.leave()
    system.removeFolder(chain.handle, emptied)
  }
}

/** Returns the names of the folders that remain. */
function removeFiles(system: System, folder: Handle): Bytes[] {
  const folders: Bytes[] = []
  // Listed whole first: names may be passed over when a folder changes under its listing.
  for (const { name, kind } of [...system.listFolder(folder)]) {
    const isFolder = (kind ?? system.statAt(folder, name).kind) === 'folder'
    if (isFolder) folders.push(name)
    else system.remove(folder, name)
  }
  return folders
}

/** Who owns a folder without permissions may still remove what is in it. */
function openWritable(system: System, at: Handle, name: Bytes): Handle {
  if ((system.statAt(at, name).mode & ownerAll) !== ownerAll) system.setModeAt(at, name, ownerAll)
  return system.openFolder(at, name)
}
