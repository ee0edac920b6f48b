import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '@backstay/proto/failure'
import { type DataFolder, openDataFolder } from '../data-folder.ts'

/** Locks a data folder that is there already: mending must not begin by making an empty one. Throws `no_data_folder`. */
export async function openExistingFolder(path: string): Promise<DataFolder> {
  try {
    await access(join(path, 'packs'))
  } catch (cause) {
    throw new Failure('no_data_folder', `"${path}" is not the data folder of a collector: it has no packs`, {
      hint: 'is its disk mounted?',
      cause,
    })
  }
  return openDataFolder(path)
}
