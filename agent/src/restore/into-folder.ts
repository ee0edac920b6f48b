/** A restore into a folder by its path, with the threads that open and write. */
import { resolve } from 'node:path'
import { utf8 } from '@backstay/proto/bytes'
import type { System } from '../system/system.ts'
import { letHeapGrow } from '../threads/heap.ts'
import { restoreThreads } from '../threads/restore-threads.ts'
import { type RestoreOptions, type RestoreResult, restore } from './restore.ts'
import { openTarget } from './target.ts'

export interface IntoFolderOptions extends Omit<RestoreOptions, 'opener' | 'target'> {
  /** Made when it is not there; nothing in it is replaced. */
  readonly to: string
  /** As in TargetOptions. */
  readonly asRoot: boolean
}

export async function restoreIntoFolder(system: System, options: IntoFolderOptions): Promise<RestoreResult> {
  const { to, asRoot, ...rest } = options
  const ownership = system.effectiveUser() === 0
  using _ = letHeapGrow()
  await using threads = restoreThreads()
  const { opener, files } = threads
  const into = { asRoot, ownership, conflict: 'suffix', files } as const
  using target = openTarget(system, utf8(resolve(to)), into)
  return await restore({ ...rest, opener, target })
}
