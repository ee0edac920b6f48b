/**
 * The folders from a top down to where a walk stands, each entered through the handle of the one above. A path of any
 * depth takes a bounded number of handles: those furthest up are closed, and on the way back opened again as `..` of the
 * folder below, which must then be the very inode that was left. So nobody can lead the walk elsewhere by moving folders.
 */

import type { Bytes } from '@backstay/proto/bytes'
import { errno } from './error-numbers.ts'
import { emptyStat, type Handle, type StatBuffer, type System } from './system.ts'
import { checked } from './system-error.ts'

export interface FolderChain extends Disposable {
  /** Folders below the top. */
  readonly depth: number
  /** Of the folder where the walk stands. */
  readonly handle: Handle
  /** Steps down; throws SystemError (ENOTDIR, ELOOP for a symlink) and then stands where it stood. */
  enter(name: Bytes): void
  /** Steps down into a folder that was opened already and now belongs to the chain. */
  enterOpened(handle: Handle): void
  /**
   * Steps up, then hands the folder that was left to `last` before closing it; throws ESTALE when the folder above is
   * not the one that was left.
   */
  leave(last?: (left: Handle) => void): void
}

interface Link {
  /** Undefined while closed. */
  handle: Handle | undefined
  device: number
  inode: number
}

/** Half of the 1,024 handles that a process may have everywhere would be 512; others need some too. */
const openMaxDefault = 256
const parentName = new Uint8Array([0x2e, 0x2e])

type Folders = Pick<System, 'openFolder' | 'close' | 'tryStat'>

/** The top's handle stays the caller's. */
export function folderChain(system: Folders, top: Handle, openMax = openMaxDefault): FolderChain {
  const links: Link[] = []
  let firstOpen = 0
  const stat = emptyStat()

  function current(): Handle {
    const link = links.at(-1)
    if (link === undefined) return top
    // Closed, and not found again on the way up.
    return link.handle ?? checked(-errno.ESTALE, 'folder')
  }

  function closeFurthest(): void {
    const link = links[firstOpen++]
    if (link?.handle === undefined) return
    checked(system.tryStat(link.handle, stat), 'stat')
    link.device = deviceOf(stat)
    link.inode = stat.inode
    system.close(link.handle)
    link.handle = undefined
  }

  function reopen(link: Link, below: Handle): void {
    const handle = system.openFolder(below, parentName)
    const known = system.tryStat(handle, stat)
    const isSame = known === 0 && stat.inode === link.inode && deviceOf(stat) === link.device
    if (!isSame) {
      system.close(handle)
      checked(-errno.ESTALE, 'leave folder')
    }
    link.handle = handle
    firstOpen--
  }

  const chain: FolderChain = {
    get depth() {
      return links.length
    },
    get handle() {
      return current()
    },
    enter(name) {
      chain.enterOpened(system.openFolder(current(), name))
    },
    enterOpened(handle) {
      links.push({ handle, device: 0, inode: 0 })
      if (links.length - firstOpen > openMax) closeFurthest()
    },
    leave(last) {
      const left = links.pop()
      const above = links.at(-1)
      if (left?.handle === undefined) return
      try {
        if (above !== undefined && above.handle === undefined) reopen(above, left.handle)
        last?.(left.handle)
      } finally {
        system.close(left.handle)
      }
    },
    [Symbol.dispose]() {
      for (const { handle } of links) if (handle !== undefined) system.close(handle)
      links.length = 0
      firstOpen = 0
    },
  }
  return chain
}

/** Minors have 20 bits. */
const deviceOf = (stat: StatBuffer): number => stat.deviceMajor * 0x10_0000 + stat.deviceMinor
