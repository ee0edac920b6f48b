/** Small files that are whole or absent, whatever happens while they are written, and that only their owner may read. */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Bytes, concat } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'

const chunkBytes = 64 * 1024

/**
 * When it resolves, the new content survives a loss of power; before, the old content does. Throws `file_unwritable`.
 */
export async function writeDurably(path: string, bytes: Bytes): Promise<void> {
  const folder = dirname(path)
  const part = `${path}.part`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // A part file left by a crash may have other permissions; never write a secret into one that exists.
    await rm(part, { force: true })
    await writeWhole(part, bytes)
    await rename(part, path)
    await syncFolder(folder)
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined)
    throw new Failure('file_unwritable', `"${path}" cannot be written (${reasonOf(cause)})`, {
      hint: 'check the permissions and the free space of its folder, then run it again',
      cause,
    })
  }
}

/** Undefined when there is no such file; throws `file_unreadable`, and `file_too_large` without reading all of it. */
export async function readSmall(path: string, bytesMax: number): Promise<Bytes | undefined> {
  try {
    await using file = await open(path, 'r')
    return await readUpTo(file, path, bytesMax)
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    if (reasonOf(cause) === 'ENOENT') return undefined
    throw new Failure('file_unreadable', `"${path}" cannot be read (${reasonOf(cause)})`, {
      hint: 'check that it is a file and that you may read it',
      cause,
    })
  }
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

async function writeWhole(path: string, bytes: Bytes): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(bytes)
  await file.sync()
}

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

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}

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
