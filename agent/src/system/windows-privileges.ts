/** What this process may do beyond other people's permissions: switched on where it was given. */
import type { WindowsCalls } from './windows-calls.ts'
import { privilege } from './windows-numbers.ts'

export interface Held {
  /** Reads whatever its permissions say. */
  readonly backup: boolean
  /** Writes whatever its permissions say, and gives files to others. */
  readonly restore: boolean
  /** Sees and sets what is audited. */
  readonly security: boolean
}

const thisProcess = -1
/** TOKEN_ADJUST_PRIVILEGES, TOKEN_QUERY */
const adjusting = 0x28
const enabled = 2

/** Services of the system and elevated administrators hold them; anybody else backs up what is their own. */
export function takePrivileges(calls: WindowsCalls): Held {
  const opened = new Uint8Array(8)
  if (calls.NtOpenProcessToken(thisProcess, adjusting, opened) < 0)
    return { backup: false, restore: false, security: false }
  const token = Number(new DataView(opened.buffer).getBigUint64(0, true))
  /** One at a time: of several, one that is missing would not be told apart (STATUS_NOT_ALL_ASSIGNED is no failure). */
  const take = (luid: number): boolean => {
    const wish = new Uint8Array(16)
    const view = new DataView(wish.buffer)
    view.setUint32(0, 1, true)
    view.setUint32(4, luid, true)
    view.setUint32(12, enabled, true)
    return calls.NtAdjustPrivilegesToken(token, 0, wish, 0, null, null) === 0
  }
  try {
    return {
      backup: take(privilege.backup),
      restore: take(privilege.restore),
      security: take(privilege.security),
    }
  } finally {
    calls.NtClose(token)
  }
}
