/** What a record means for the catalog, kept beside its frame until the frame is durable. */
import type { Bytes } from '@backstay/proto/bytes'
import type { FleetId, ObjectId } from '@backstay/proto/object/id'
import type { Commit } from '@backstay/proto/trust/commit'
import { writeFacts } from '../catalog/facts.ts'
import { addRecord, type NewRecord } from '../catalog/records.ts'
import { addSnapshot } from '../catalog/snapshots.ts'
import type { Sql } from '../catalog/sql.ts'
import { foundVault } from '../catalog/vaults.ts'

export type Note =
  | { readonly kind: 'commit'; readonly id: ObjectId; readonly commit: Commit }
  | {
      readonly kind: 'record'
      readonly fleet: FleetId
      readonly record: Omit<NewRecord, 'receivedAtMs'>
      /** SHA-256 of the key in a certificate. */
      readonly keyId: Bytes | undefined
    }

/** When it came in, by the system's clock and by the retention clock. */
export interface Receival {
  readonly receivedAtMs: number
  readonly heldSinceMs: number
}

export async function writeNote(sql: Sql, vault: number, note: Note, when: Receival): Promise<void> {
  const { receivedAtMs, heldSinceMs } = when
  if (note.kind === 'commit')
    return addSnapshot(sql, vault, note.id, note.commit, receivedAtMs, true, heldSinceMs)
  const record = { ...note.record, receivedAtMs, heldSinceMs }
  if (record.kind === 'trust') await foundVault(sql, vault, note.fleet)
  await addRecord(sql, note.fleet, record)
  await writeFacts(sql, { fleet: note.fleet, vault }, record, note.keyId)
}
