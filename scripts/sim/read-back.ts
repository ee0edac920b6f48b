/** Reads a snapshot back through a session, all of it, and says what is wrong with it. */
import type { Agent } from '@backstay/agent/agent'
import { ownArchive } from '@backstay/agent/commands/archive'
import type { Session } from '@backstay/agent/link/session'
import { verifySnapshot } from '@backstay/agent/restore/verify'
import { noRestoreThreads } from '@backstay/agent/threads/no-threads'
import { hex } from '@backstay/proto/bytes'
import { objectPages } from '@backstay/proto/content/archive/object-pages'
import { openSnapshot } from '@backstay/proto/content/archive/snapshots'
import { pathOf, wholeMap } from '@backstay/proto/content/map/key'
import { scanMap } from '@backstay/proto/content/map/read'
import type { ObjectId } from '@backstay/proto/object/id'
import type { FileHistory, Span } from './file-history.ts'

export interface Acknowledged extends Span {
  readonly sequence: number
  readonly id: ObjectId
  /** Entries of which it has the name only. */
  readonly unread: number
}

/** `exactly`: also that all of it was read. */
export async function wrongInSnapshot(
  open: Session,
  reader: Agent,
  snapshot: Acknowledged,
  history: FileHistory,
  exactly = false,
): Promise<string[]> {
  const { sequence, id } = snapshot
  const { primitives: p, system } = reader
  const archive = await ownArchive(reader, open)
  for await (const { stored, receivedAtMs } of archive.records()) {
    const { id: found, root } = await openSnapshot(archive.reader, stored, receivedAtMs)
    if (found !== id) continue
    const { keys, source } = archive
    await using threads = noRestoreThreads(system, p)()
    const { opener } = threads
    const verified = await verifySnapshot({ primitives: p, keys, source, opener, root })
    const wrong = verified.damaged.map(({ code, path }) => `${textOf(path)} ${code}`)
    if (verified.lostPages > 0) wrong.push(`${verified.lostPages} pages are lost`)
    const read = new Map<string, string | undefined>()
    for await (const items of scanMap(objectPages(p, source, keys), root, wholeMap, () => undefined)) {
      for (const { key, entry } of items) {
        const path = textOf(pathOf(key))
        if (entry.kind === 'unread' && exactly) wrong.push(`${path} is unread`)
        read.set(path, entry.kind === 'file' && entry.sha256 ? hex(entry.sha256) : undefined)
      }
    }
    return [...wrong, ...history.wrongIn(read, snapshot)].map(one => `#${sequence}: ${one}`)
  }
  return [`#${sequence} is not listed`]
}

function textOf(path: readonly Uint8Array[]): string {
  return path
    .map(part => Buffer.from(part).toString())
    .join('/')
    .replace(/^\/+/, '/')
}
