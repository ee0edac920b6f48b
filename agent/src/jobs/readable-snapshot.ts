/** The snapshot that a restore reads: one of this device, or of one that it replaces. */
import { type ObjectSource, objectPages } from '@backstay/proto/content/archive/object-pages'
import { chooseSnapshot, snapshotsOf } from '@backstay/proto/content/archive/snapshots'
import type { Reference } from '@backstay/proto/content/entry'
import type { PageSource } from '@backstay/proto/content/map/read'
import type { Job } from '@backstay/proto/trust/job'
import type { RestoreWish, SnapshotChoice } from '@backstay/proto/trust/restore-wish'
import type { Agent } from '../agent.ts'
import { ownArchive } from '../commands/archive.ts'
import type { Session } from '../link/session.ts'

export interface ReadableSnapshot {
  readonly source: ObjectSource
  readonly pages: PageSource
  readonly snapshot: RestorableSnapshot
}

export interface RestorableSnapshot {
  readonly sequence: number
  readonly root: Reference
}

export async function ownSnapshot(
  agent: Agent,
  session: Session,
  choice: SnapshotChoice,
): Promise<ReadableSnapshot> {
  const { primitives, reader, source, keys, records } = await ownArchive(agent, session)
  const { commit, root } = await chooseSnapshot(choice, snapshotsOf(reader, records()))
  return {
    source,
    pages: objectPages(primitives, source, keys),
    snapshot: { sequence: commit.sequence, root },
  }
}

/** Of a device that this one replaces. Its signer opened the snapshot and gave the key of its root; the collector lends the objects. */
export function lentSnapshot(
  { primitives }: Agent,
  session: Session,
  { source: device }: Job,
  { root, snapshot }: RestoreWish,
): ReadableSnapshot {
  if (root === undefined || device === undefined || snapshot.kind !== 'number')
    throw new Error('assertion failed: a wish with a root has a number and a device')
  const source: ObjectSource = { get: ids => session.get(ids, device) }
  return { source, pages: objectPages(primitives, source), snapshot: { sequence: snapshot.sequence, root } }
}
