/** Whoever works on a simulated laptop: writes, renames and removes files, and the kernel tells of it, or misses it. */
import type { ScriptedWatcher } from '@backstay/agent/watch/scripted-watcher'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import type { Random } from '../testing/random.ts'
import type { FileHistory } from './file-history.ts'
import type { MemoryDisk } from './memory-system.ts'

/** Whose home it is, and what of it is backed up. */
export const home = '/simulated/home'
export const documents = `${home}/documents`

export interface UserFiles {
  /** Some files at once. */
  change(): void
  /** Somewhere below what is backed up; perhaps nothing is there. */
  somePath(): string
}

export function userFiles(options: {
  readonly random: Random
  readonly disk: MemoryDisk
  readonly history: FileHistory
  readonly watcher: () => ScriptedWatcher | undefined
  /** True: the kernel's queue of notices is full. */
  readonly overflows: () => boolean
}): UserFiles {
  const { random, disk, history, watcher } = options

  const pathOfFile = () => `${documents}/folder-${random.below(4)}/file-${random.below(12)}`

  /** As a kernel tells of it: in which folder something changed, and of a new folder in the one above it. */
  function told(path: string, isFolderNew: boolean): void {
    // Its queue may overflow: then it says so, and not what it was.
    if (options.overflows()) {
      watcher()?.miss('overflow')
      return
    }
    watcher()?.change(utf8(path.slice(0, path.lastIndexOf('/'))))
    if (isFolderNew) watcher()?.change(utf8(documents))
  }

  function put(path: string, content: Bytes | undefined): void {
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    const isFolderNew = ![...disk.files().keys()].some(known => known.startsWith(folder))
    if (content === undefined) disk.remove(path)
    else disk.write(path, content)
    history.note(path, content)
    told(path, isFolderNew)
  }

  return {
    change() {
      for (let count = 1 + random.below(6); count > 0; count--) {
        const path = pathOfFile()
        if (random.below(5) === 0 && disk.files().has(path)) {
          put(path, undefined)
          continue
        }
        const size = random.pick([0, 50, 900, 5000, 40_000])
        put(path, random.bytes(random.below(size + 1)))
      }
      if (random.below(12) === 0)
        put(`${documents}/large-${random.below(2)}`, random.bytes(300_000 + random.below(500_000)))
    },
    somePath: () => random.pick([documents, `${documents}/folder-${random.below(4)}`, pathOfFile()]),
  }
}
