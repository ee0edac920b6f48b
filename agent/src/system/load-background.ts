/** Change notices and manners of this platform, for composition roots. */
import { Failure } from '@backstay/proto/failure'
import type { FolderNotices } from './folder-notices.ts'
import { loadLinuxCalls } from './linux-calls.ts'
import { linuxInotify } from './linux-inotify.ts'
import { trimMemory } from './linux-memory.ts'
import { giveWay } from './linux-priority.ts'
import { macosBackground } from './macos-background.ts'
import { windowsBackground } from './windows-background.ts'

export interface Background {
  /** Throws `no_notices`. */
  notices(): FolderNotices
  /** The platform tells of changes in whole trees, and not in folders one by one. */
  readonly hasTreeNotices: boolean
  /** From now on this process works at low priority. */
  giveWay(): void
  /** Gives back what is not needed while the process waits. */
  trimMemory(): void
}

/** Throws `no_system_calls`. */
export async function loadBackground(platform: string = process.platform): Promise<Background> {
  if (platform === 'win32') return windowsBackground
  if (platform === 'darwin') return macosBackground()
  if (platform !== 'linux') {
    throw new Failure('no_system_calls', `the agent does not run on "${platform}" yet`, {
      hint: 'run the agent on Linux, Windows or macOS',
    })
  }
  const calls = await loadLinuxCalls()
  return {
    notices: () => linuxInotify(calls),
    hasTreeNotices: false,
    giveWay: () => giveWay(calls),
    trimMemory: () => trimMemory(calls),
  }
}
