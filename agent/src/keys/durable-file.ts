/** Small durable files (small-files.ts) on this machine's disk, that only their owner may read. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { type Bytes, concat } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { makeFolders } from '../system/make-folders.ts'
import { type FileDisk, type SmallFiles, smallFiles } from './small-files.ts'

const chunkBytes = 64 * 1024

const disk: FileDisk = {
  async makeFolder(path) {
    makeFolders(path, 0o700)
  },
  async create(path) {
    const file = await open(path, 'wx', 0o600)
    return {
      write: bytes => file.writeFile(bytes),
      sync: () => file.sync(),
      [Symbol.asyncDispose]: () => file.close(),
    }
  },
  async read(path, bytesMax) {
    try {
      await using file = await open(path, 'r')
      return await readUpTo(file, path, bytesMax)
    } catch (cause) {
      if (isMissing(cause)) return undefined
      throw cause
    }
  },
  rename,
  async remove(path) {
    try {
      await rm(path)
      return true
    } catch (cause) {
      if (isMissing(cause)) return false
      throw cause
    }
  },
  syncFolder,
}

export const durableFiles: SmallFiles = smallFiles(disk)

export const { write: writeDurably, read: readSmall, remove: removeDurably } = durableFiles

let parts = 0
/** For what several processes may write at once: the last one stays. A crash leaves a part, so it must be nothing secret. */
export const { write: writeShared } = smallFiles(disk, path => `${path}.${process.pid}-${parts++}.part`)

/** Does not trust the size that the system tells: pipes have none, and files grow. */
async function readUpTo(file: FileHandle, path: string, bytesMax: number): Promise<Bytes> {
  const parts: Bytes[] = []
  for (let left = bytesMax + 1; ; ) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(Math.min(left, chunkBytes)))
    if (bytesRead === 0) return concat(...parts)
    parts.push(buffer.subarray(0, bytesRead))
    left -= bytesRead
    if (left > 0) continue
    throw new Failure(
      'file_too_large',
      `"${path}" has more than the ${bytesMax} bytes that such a file can have`,
    )
  }
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** A rename is durable only when its folder is. Windows has no such call; NTFS journals renames by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
