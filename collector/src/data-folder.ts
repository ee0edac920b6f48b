/**
 * The folder that holds all of a collector: packs, catalog, keys. One process works in it at a time; the operating
 * system frees the lock however that process ends.
 */
import { access, constants, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Failure } from '@backstay/proto/failure'
import { isBusy, sqliteFailure } from './catalog/sqlite-failure.ts'
import { makeDurableFolder } from './packs/folder.ts'

export interface DataFolder extends Disposable {
  readonly path: string
  /** Root of the pack files. */
  readonly packs: string
  /** File of the catalog. */
  readonly catalog: string
  /** Folder of the collector's own keys. */
  readonly identity: string
}

/** Makes the folder when it is not there. Throws `folder_not_writable`, `folder_locked`. */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const root = resolve(path)
  const folder = { path: root, packs: join(root, 'packs'), catalog: join(root, 'catalog.sqlite') }
  try {
    await makeDurableFolder(root)
    await access(root, constants.W_OK | constants.X_OK)
    await mkdir(folder.packs, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new Failure(
      'folder_not_writable',
      `cannot write in the data folder "${root}" (${reasonOf(cause)})`,
      {
        hint: 'choose another with --data, or give this user the right to write there',
        cause,
      },
    )
  }
  const lock = takeLock(join(root, 'lock'), root)
  return { ...folder, identity: join(root, 'identity'), [Symbol.dispose]: () => lock.close() }
}

/**
 * An empty database with an open exclusive transaction: SQLite asks each system for its own kind of file lock, which no
 * crash leaves behind. There is nothing in it and nothing else is done with it; without a journal it takes no room, so that a
 * collector on a full disk can make some.
 */
function takeLock(file: string, root: string): DatabaseSync {
  const lock = openLock(file)
  try {
    lock.exec('pragma journal_mode = memory')
    lock.exec('begin exclusive')
    return lock
  } catch (cause) {
    lock.close()
    if (!isBusy(cause)) throw sqliteFailure(cause)
    throw new Failure('folder_locked', `another process works in the data folder "${root}"`, {
      hint: 'stop it first; is the collector running already?',
      cause,
    })
  }
}

function openLock(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file)
  } catch (cause) {
    throw sqliteFailure(cause)
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
