/** Packs as files, spread over 256 folders: `<root>/ab/ab12….pages`. */
import { type FileHandle, mkdir, open, readdir, stat, statfs, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { type DirectWriting, directWriting } from './direct-writing.ts'
import { syncFolder } from './folder.ts'
import { isPackName, packKindNamed, requirePackName } from './pack-name.ts'
import type { PackStore, PackWriter } from './pack-store.ts'
import { storeFailure, systemCode } from './store-failure.ts'
import { writeAll } from './write-all.ts'

/** `root` must exist. */
export function filesystemPackStore(root: string): PackStore {
  const folderOf = (name: string) => join(root, name.slice(0, 2))
  const pathOf = (name: string) => {
    requirePackName(name)
    return join(folderOf(name), name)
  }
  /** Pages are read again soon, by the next commit and by everybody who looks. */
  const direct = async (name: string) =>
    packKindNamed(name) === 'segments' ? directWriting(pathOf(name)) : undefined
  return {
    async create(name) {
      const path = pathOf(name)
      return attempt(name, 'create', async () => {
        const newFolder = await makeFolder(folderOf(name))
        const handle = await open(path, 'wx+', 0o600)
        // The root itself may be as new as its first folder.
        const above = newFolder ? [root, dirname(root)] : []
        return fileWriter(name, handle, await direct(name), 0, [folderOf(name), ...above])
      })
    },
    async reopen(name) {
      const path = pathOf(name)
      return attempt(name, 'open', async () => {
        const handle = await open(path, 'r+')
        return fileWriter(name, handle, await direct(name), (await handle.stat()).size, [])
      })
    },
    async read(name, offset, length) {
      const path = pathOf(name)
      return attempt(name, 'read', async () => {
        await using handle = await open(path, 'r')
        // Awaited here, or the file would be closed before it is read.
        return await readUpTo(handle, offset, length)
      })
    },
    async size(name) {
      try {
        return (await stat(pathOf(name))).size
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return undefined
        throw storeFailure(name, 'look at', error)
      }
    },
    async *list() {
      for (const folder of await foldersIn(root)) {
        for (const name of await readdir(join(root, folder))) {
          if (!isPackName(name) || !name.startsWith(folder)) continue
          yield { name, bytes: (await stat(join(root, folder, name))).size }
        }
      }
    },
    async delete(name) {
      const path = pathOf(name)
      try {
        await unlink(path)
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return
        throw storeFailure(name, 'delete', error)
      }
      await attempt(name, 'delete', () => syncFolder(folderOf(name)))
    },
    async freeBytes() {
      const { bavail, bsize } = await statfs(root)
      return bavail * bsize
    },
  }
}

/** `unsynced`: folders whose entries are not durable yet. */
function fileWriter(
  name: string,
  handle: FileHandle,
  direct: DirectWriting | undefined,
  begin: number,
  unsynced: readonly string[],
): PackWriter {
  const write = direct?.write ?? writeAll
  let bytes = begin
  let folders = unsynced
  return {
    name,
    get bytes() {
      return bytes
    },
    append: parts =>
      attempt(name, 'append to', async () => {
        const start = bytes
        try {
          bytes += await write(handle, parts, start)
        } catch (error) {
          // Half a frame must not stay behind the end; if this fails as well, the caller's own `truncate` says so.
          await handle.truncate(start).catch(() => undefined)
          throw error
        }
        return start
      }),
    sync: () =>
      attempt(name, 'sync', async () => {
        await handle.sync()
        for (const folder of folders) await syncFolder(folder)
        folders = []
      }),
    truncate: length =>
      attempt(name, 'cut', async () => {
        await handle.truncate(length)
        bytes = length
      }),
    close: () =>
      attempt(name, 'close', async () => {
        await using _ = handle
        await direct?.close()
      }),
  }
}

async function readUpTo(handle: FileHandle, offset: number, length: number): Promise<Bytes> {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

async function foldersIn(root: string): Promise<string[]> {
  try {
    return (await readdir(root)).filter(name => /^[0-9a-f]{2}$/.test(name))
  } catch (cause) {
    throw new Failure('store_missing', `the folder "${root}" with the packs cannot be read`, {
      remedy: 'repair',
      hint: 'is its disk mounted?',
      cause,
    })
  }
}

/** False when it was there already. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, 0o700)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

async function attempt<T>(name: string, deed: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storeFailure(name, deed, error)
  }
}
