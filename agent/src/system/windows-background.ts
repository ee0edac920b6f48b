/** Manners on Windows: below others in processor time. */
import { constants, setPriority } from 'node:os'
import { Failure } from '@backstay/proto/failure'
import type { Background } from './load-background.ts'

export const windowsBackground: Background = {
  notices() {
    throw new Failure('no_notices', 'Windows tells of changes in whole trees only')
  },
  hasTreeNotices: true,
  giveWay() {
    try {
      setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
    } catch {
      // Some sandboxes forbid it; then it works as before.
    }
  },
  // Windows takes pages of idle processes by itself.
  trimMemory: () => undefined,
}
