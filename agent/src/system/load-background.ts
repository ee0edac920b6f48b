/** Change notices and manners of this platform, for composition roots. */
import { Failure } from '@backstay/proto/failure'
import type { FolderNotices } from './folder-notices.ts'
import { loadLinuxCalls } from './linux-calls.ts'
import { linuxInotify } from './linux-inotify.ts'
import { giveWay } from './linux-priority.ts'

export interface Background {
  /** Throws `no_notices`. */
  notices(): FolderNotices
  /** From now on this process works at low priority. */
  giveWay(): void
  /** Gives memory that is free inside the process back to the system. */
  trimMemory(): void
}

/** Throws `no_system_calls`. */
export async function loadBackground(platform: string = process.platform): Promise<Background> {
  if (platform !== 'linux') {
    throw new Failure('no_system_calls', `the agent does not run on "${platform}" yet`, {
      hint: 'run the agent on Linux',
    })
  }
  const calls = await loadLinuxCalls()
  return {
    notices: () => linuxInotify(calls),
    giveWay: () => giveWay(calls),
    trimMemory: () => void calls.malloc_trim(0),
  }
}
