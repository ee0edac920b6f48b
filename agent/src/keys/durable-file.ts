/** Small files that are whole or absent, whatever happens while they are written, and that only their owner may read. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'

/** When it resolves, the new content survives a loss of power; before, the old content does. */
export async function writeDurably(path: string, bytes: Bytes): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const part = `${path}.part`
  // A part file left by a crash may have other permissions; never write a secret into one that exists.
  await rm(part, { force: true })
  const file = await open(part, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(part, path)
  await syncFolder(folder)
}

/** Undefined when there is no such file; throws `file_too_large`. */
export async function readSmall(path: string, bytesMax: number): Promise<Bytes | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new Failure('file_unreadable', `"${path}" cannot be read (${error.code ?? error.message})`, {
      cause: error,
    })
  })
  if (bytes === undefined) return undefined
  if (bytes.length > bytesMax) {
    throw new Failure('file_too_large', `"${path}" has ${bytes.length} bytes, more than such a file can have`)
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** True when there was such a file; then it is gone for good. */
export async function removeDurably(path: string): Promise<boolean> {
  const gone = await rm(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
  if (gone) await syncFolder(dirname(path))
  return gone
}

/** A rename is durable only when its folder is. Windows has no such call; NTFS journals renames by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
