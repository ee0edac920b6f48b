/**
 * Who fetched what opens backups: sealed objects, escrows, keyrings. One line for each session, kind and device, durable
 * before the first byte goes out: a stolen session that takes everything along leaves its trace first.
 */
import type { DeviceId } from '@backstay/proto/object/id'
import type { Audit } from './audit.ts'

export type ReadKind = 'objects' | 'escrow' | 'keyring'

/** Resolves when it is in the log. Without a device: of all. Throws what the log throws, and then nothing is handed out. */
export type TellRead = (what: ReadKind, device?: DeviceId) => Promise<void>

/** Of one session. */
export function readsOf(audit: Audit, actor: string): TellRead {
  const told = new Map<string, Promise<void>>()
  return async (what, device) => {
    const key = `${what} ${device ?? ''}`
    const noted =
      told.get(key) ?? audit.note({ actor, action: `${what}-read`, ...(device !== undefined && { device }) })
    told.set(key, noted)
    noted.catch(() => told.delete(key))
    await noted
  }
}

/** Sessions that are remembered; one that is forgotten costs a second line. */
const sessionsMax = 10_000

/** Of sessions that have a name and no end that is heard of here. */
export function readsByName(audit: Audit): (session: string, actor: string) => TellRead {
  const sessions = new Map<string, TellRead>()
  return (session, actor) => {
    const known = sessions.get(session) ?? readsOf(audit, actor)
    sessions.set(session, known)
    const [oldest] = sessions.keys()
    if (sessions.size > sessionsMax && oldest !== undefined) sessions.delete(oldest)
    return known
  }
}
