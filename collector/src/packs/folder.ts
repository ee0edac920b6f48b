import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes the entries of a folder durable. Windows has no such call: NTFS journals them. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using handle = await open(path, 'r')
  await handle.sync()
}

/** Makes a folder that only its owner may read, with its parents, so that it survives a power cut. */
export async function makeDurableFolder(path: string): Promise<void> {
  if (await isFolder(path)) return
  const above = dirname(path)
  // Not mkdir's own recursive way, which never ends where a folder above is there and the system denies it, as /proc does.
  if (above !== path) await makeDurableFolder(above)
  try {
    await mkdir(path, 0o700)
  } catch (error) {
    if (!(await isFolder(path))) throw error
  }
  await syncFolder(above)
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
