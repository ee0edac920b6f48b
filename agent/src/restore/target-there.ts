/**
 * What of a snapshot is there before it is fetched. The walk is its own, apart from where the writer stands, which is
 * some steps behind; no symlink is followed.
 */
import { constants } from 'node:os'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import type { Entry } from '@backstay/proto/content/entry'
import { emptyStat, type Handle, type System } from '../system/system.ts'
import { isSameFile } from './same-entry.ts'
import { claim, nameTrouble } from './target-name.ts'

export interface There extends Disposable {
  /** The name under which a file is there, the same; undefined: it is not. */
  find(components: readonly Bytes[], entry: Entry, signal?: AbortSignal): Promise<Bytes | undefined>
}

export function thereBelow(system: System, top: Handle, conflict: 'suffix' | 'refuse'): There {
  let at: { readonly path: readonly Bytes[]; readonly handle: Handle | undefined } | undefined
  const stat = emptyStat()

  /** Entries of one folder follow one another. */
  function folderOf(path: readonly Bytes[]): Handle | undefined {
    if (path.length === 0) return top
    if (at !== undefined && samePath(at.path, path)) return at.handle
    close()
    at = { path, handle: open(path) }
    return at.handle
  }

  function open(path: readonly Bytes[]): Handle | undefined {
    let handle = top
    for (const name of path) {
      const below = nameTrouble(name) === undefined ? system.tryOpenFolder(handle, name) : -1
      if (handle !== top) system.close(handle)
      if (below < 0) return undefined
      handle = below
    }
    return handle
  }

  function close(): void {
    if (at?.handle !== undefined) system.close(at.handle)
    at = undefined
  }

  return {
    async find(components, entry, signal) {
      const name = components.at(-1)
      if (name === undefined || nameTrouble(name) !== undefined) return undefined
      const folder = folderOf(components.slice(0, -1))
      if (folder === undefined) return undefined
      const taken: Bytes[] = []
      // The names that a write would try, up to the first that is free.
      claim(name, conflict, free => {
        if (system.tryStatAt(folder, free, stat) < 0) return 0
        if (stat.kind === 'file' && stat.size === entry.size) taken.push(free)
        return -constants.errno.EEXIST
      })
      for (const one of taken) if (await isSameFile(system, folder, one, entry, signal)) return one
      return undefined
    },
    [Symbol.dispose]: close,
  }
}

function samePath(a: readonly Bytes[], b: readonly Bytes[]): boolean {
  return a.length === b.length && a.every((name, index) => equalBytes(name, b[index] as Bytes))
}
