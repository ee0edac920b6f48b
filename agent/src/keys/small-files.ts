/**
 * Small files that are whole or absent, whatever happens while they are written: the order of steps, on any disk. A part is
 * written and synced, takes the name, and the folder is synced; left out, one of them would be noticed only after a loss of power.
 */
import { dirname } from 'node:path'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'

export interface SmallFiles {
  /** When it resolves, the new content survives a loss of power; before, the old content does. Throws `file_unwritable`. */
  write(path: string, bytes: Bytes): Promise<void>
  /** Undefined when there is no such file; throws `file_unreadable`, and `file_too_large` without reading all of it. */
  read(path: string, bytesMax: number): Promise<Bytes | undefined>
  /** True when there was such a file; then it is gone for good. Throws `file_unwritable`: it may be there again after a loss of power. */
  remove(path: string): Promise<boolean>
}

/** What such files stand on. Errors carry the system's `code`. */
export interface FileDisk {
  /** With those above it, for their owner alone. */
  makeFolder(path: string): Promise<void>
  /** Throws when there is such a file; for its owner alone. */
  create(path: string): Promise<NewFile>
  read(path: string, bytesMax: number): Promise<Bytes | undefined>
  rename(from: string, to: string): Promise<void>
  /** False when there is none. */
  remove(path: string): Promise<boolean>
  /** What was made, renamed and removed in it survives a loss of power from then on. */
  syncFolder(path: string): Promise<void>
}

export interface NewFile extends AsyncDisposable {
  write(bytes: Bytes): Promise<void>
  /** What was written survives a loss of power from then on, if its name does. */
  sync(): Promise<void>
}

/** One writer at a time, unless each has a name of its own for the part (`partOf`). */
export function smallFiles(disk: FileDisk, partOf = (path: string) => `${path}.part`): SmallFiles {
  return {
    async write(path, bytes) {
      const folder = dirname(path)
      const part = partOf(path)
      try {
        await disk.makeFolder(folder)
        // A part file left by a crash may have other permissions; never write a secret into one that exists.
        await disk.remove(part)
        await writeWhole(disk, part, bytes)
        await disk.rename(part, path)
        await disk.syncFolder(folder)
      } catch (cause) {
        await disk.remove(part).catch(() => undefined)
        throw unwritable(path, 'written', cause)
      }
    },
    async read(path, bytesMax) {
      try {
        return await disk.read(path, bytesMax)
      } catch (cause) {
        if (cause instanceof Failure) throw cause
        throw new Failure('file_unreadable', `"${path}" cannot be read (${reasonOf(cause)})`, {
          hint: 'check that it is a file and that you may read it',
          cause,
        })
      }
    },
    async remove(path) {
      try {
        const gone = await disk.remove(path)
        if (gone) await disk.syncFolder(dirname(path))
        return gone
      } catch (cause) {
        throw unwritable(path, 'removed', cause)
      }
    },
  }
}

/** What a disk says that may take the same again soon. */
const passing: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO'])

function unwritable(path: string, deed: 'written' | 'removed', cause: unknown): Failure {
  return new Failure('file_unwritable', `"${path}" cannot be ${deed} (${reasonOf(cause)})`, {
    // A disk that is full for a moment must not keep a link down for as long as a right that somebody has to give.
    remedy: passing.has(reasonOf(cause)) ? 'retry' : 'stop',
    hint: 'check the permissions and the free space of its folder, then run it again',
    cause,
  })
}

async function writeWhole(disk: FileDisk, path: string, bytes: Bytes): Promise<void> {
  await using file = await disk.create(path)
  await file.write(bytes)
  await file.sync()
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}
