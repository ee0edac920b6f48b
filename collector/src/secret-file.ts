/** Small files that are whole or absent and that only their owner may read. */
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '@backstay/proto/failure'
import { makeDurableFolder, syncFolder } from './packs/folder.ts'

/** Undefined when there is none. Throws `secret_exposed` when others may read it, `file_unreadable`. */
export async function readSecret(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw exposed(path)
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new Failure('file_unreadable', `"${path}" cannot be read (${codeOf(cause)})`, { cause })
  }
}

/** When it resolves, the file survives a loss of power. Throws `file_unwritable`. */
export async function writeSecret(path: string, text: string): Promise<void> {
  const part = `${path}.part`
  try {
    await makeDurableFolder(dirname(path))
    await rm(part, { force: true })
    {
      await using file = await open(part, 'wx', 0o600)
      await file.writeFile(text)
      await file.sync()
    }
    await rename(part, path)
    await syncFolder(dirname(path))
  } catch (cause) {
    throw new Failure('file_unwritable', `"${path}" cannot be written (${codeOf(cause)})`, { cause })
  }
}

/** The one takes the place of the other, at once; what was there is gone. Throws `file_unwritable`. */
export async function replaceSecret(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
    await syncFolder(dirname(to))
  } catch (cause) {
    throw new Failure('file_unwritable', `"${to}" cannot be replaced (${codeOf(cause)})`, { cause })
  }
}

export async function removeSecret(path: string): Promise<void> {
  await rm(path, { force: true })
  await syncFolder(dirname(path))
}

function exposed(path: string): Failure {
  return new Failure('secret_exposed', `others may read "${path}", which holds a secret`, {
    hint: `run: chmod 600 "${path}"`,
  })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
