/** Manners on macOS: below others in processor time and at the disk. */
import { constants, setPriority } from 'node:os'
import { Failure } from '@backstay/proto/failure'
import type { Background } from './load-background.ts'
import { loadMacosCalls } from './macos-calls.ts'
import { policies } from './macos-numbers.ts'

export async function macosBackground(): Promise<Background> {
  const calls = await loadMacosCalls()
  return {
    notices() {
      throw new Failure('no_notices', 'macOS tells of changes in whole trees only')
    },
    hasTreeNotices: true,
    giveWay() {
      try {
        setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
      } catch {
        // Then it works as before.
      }
      calls.setiopolicy(...policies.giveWay)
    },
    // The system compresses what idle processes hold.
    trimMemory: () => undefined,
  }
}
