/** A folder into which somebody else writes: completed and closed when its maker has left it and all others let go. */
import { utf8 } from '@backstay/proto/bytes'
import type { Handle, System } from '../system/system.ts'

export interface HeldFolder {
  /** Its own, whatever becomes of the maker's. */
  readonly handle: Handle
  keep(): void
  letGo(): void
  /** Said once by the maker. */
  leave(complete: () => void): void
}

const itself = utf8('.')

export function heldFolder(system: Pick<System, 'openFolder' | 'close'>, folder: Handle): HeldFolder {
  const handle = system.openFolder(folder, itself)
  let keepers = 0
  let complete: (() => void) | undefined

  function endIfLeft(): void {
    if (complete === undefined || keepers > 0) return
    try {
      complete()
    } finally {
      system.close(handle)
    }
  }

  return {
    handle,
    keep: () => void keepers++,
    letGo() {
      keepers--
      endIfLeft()
    },
    leave(deed) {
      complete = deed
      endIfLeft()
    },
  }
}
