/**
 * What the system of this machine keeps from the agent until somebody there lets it: Full Disk Access of a Mac, a folder
 * that may not be listed, snapshots of open files. Backups go on with the rest; the fleet manager must see it.
 */
import { open, opendir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import type { Trouble } from '@backstay/proto/trust/heartbeat'
import { askPlace } from './asked-places.ts'

export type AccessCode =
  /** macOS closes mail, messages, browsers' data and more to programs that nobody let in. */
  | 'full_disk_access'
  /** Roots of the policy that may not be listed. */
  | 'unreadable_root'
  /** Volumes of which Windows made no snapshot, so that open files are not read. */
  | 'vss_failed'

/** For who sits at this machine: what is missing, and what gives it. */
export const accessTexts: Readonly<Record<AccessCode, string>> = {
  full_disk_access:
    'macOS gives this agent no Full Disk Access: turn it on in System Settings, Privacy & Security, or by a profile of your MDM',
  unreadable_root:
    'folders of the policy may not be listed: run the agent as root, or take them out of the policy',
  vss_failed:
    'Windows makes no snapshot, so open files are not read: see vssadmin list writers, and free space on that volume',
}

export interface AccessLedger {
  /** How often it is so now; 0: no longer. */
  note(code: AccessCode, count: number): void
  troubles(): readonly (Trouble & { readonly code: AccessCode })[]
}

/** What the system is asked. True: it lets us. Undefined: nobody can tell. */
export interface AccessProbe {
  fullDisk(): Promise<boolean | undefined>
  list(folder: Bytes): Promise<boolean | undefined>
}

export function accessLedger({ now }: Pick<Clock, 'now'>): AccessLedger {
  const found = new Map<AccessCode, { readonly count: number; readonly sinceMs: number }>()
  return {
    note(code, count) {
      if (count === 0) found.delete(code)
      else found.set(code, { count, sinceMs: found.get(code)?.sinceMs ?? now() })
    },
    troubles: () =>
      [...found].map(([code, { count, sinceMs }]) => ({ code, count, forMs: Math.max(0, now() - sinceMs) })),
  }
}

/** A folder on a server that is gone is not waited for. */
const answerMs = 2000

/** Asks and notes. What nobody can tell changes nothing. */
export async function lookAtAccess(
  ledger: AccessLedger,
  roots: readonly Bytes[],
  clock: Pick<Clock, 'sleep'>,
  probe: AccessProbe = systemProbe,
): Promise<void> {
  const over = new AbortController()
  const late = clock.sleep(answerMs, over.signal).catch(() => undefined)
  const within = <T>(asked: Promise<T>) => Promise.race([asked, late.then(() => undefined)])
  const disk = await within(probe.fullDisk())
  if (disk !== undefined) ledger.note('full_disk_access', disk ? 0 : 1)
  const lists = await Promise.all(roots.map(root => within(askPlace(root, () => probe.list(root)))))
  over.abort()
  const closed = lists.filter(one => one === false).length
  // One that did not answer may be one that was closed before.
  if (closed > 0 || lists.every(one => one !== undefined)) ledger.note('unreadable_root', closed)
}

/** What only programs with Full Disk Access may read, on every Mac. */
const guarded = 'Library/Application Support/com.apple.TCC/TCC.db'

const systemProbe: AccessProbe = {
  async fullDisk() {
    if (process.platform !== 'darwin') return undefined
    const place = process.geteuid?.() === 0 ? join('/', guarded) : join(homedir(), guarded)
    return isLet(async () => (await open(place, 'r')).close())
  },
  list: folder => isLet(async () => (await opendir(Buffer.from(folder))).close()),
}

/** What is not there, or no folder, is somebody else's to name. */
async function isLet(deed: () => Promise<void>): Promise<boolean | undefined> {
  try {
    await deed()
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'EACCES' || code === 'EPERM' ? false : undefined
  }
}
