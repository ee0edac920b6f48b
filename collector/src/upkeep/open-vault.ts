/** A vault ready for work: its catalog agrees with its packs, objects can come in and go out. */
import type { Clock } from '@backstay/proto/clock'
import type { Primitives } from '@backstay/proto/primitives'
import { openCatalog } from '../catalog/catalog.ts'
import { oneAtATime } from '../catalog/one-at-a-time.ts'
import type { Sql } from '../catalog/sql.ts'
import { firstVault } from '../catalog/vaults.ts'
import { type Ingest, openIngest } from '../ingest/ingest.ts'
import { type IngestLimits, ingestLimits } from '../ingest/limits.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { openRetrieve, type Retrieve } from '../retrieve/retrieve.ts'
import { healRecords } from './heal-records.ts'
import { recordedClock } from './recorded-clock.ts'
import { type Replayed, replay } from './replay.ts'
import { openRetentionClock, type RetentionClock, readClock } from './retention-clock.ts'
import { settle } from './settle.ts'

export interface VaultOptions {
  readonly p: Primitives
  readonly store: PackStore
  /** Stays the caller's: `close` does not close it. */
  readonly sql: Sql
  readonly clock: Clock
  readonly vault?: number
  readonly limits?: Partial<IngestLimits>
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
  /** Nothing is lost, but somebody should look. */
  readonly onTrouble?: (error: unknown, pack?: string) => void
}

export interface Vault {
  readonly ingest: Ingest
  readonly retrieve: Retrieve
  readonly retention: RetentionClock
  /** Works that read or move whole packs, as a scrub or a collection, one at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  /** What the packs told that the catalog did not know. */
  readonly replayed: Replayed
  close(): Promise<void>
}

export async function openVault(options: VaultOptions): Promise<Vault> {
  const vault = options.vault ?? firstVault
  const limits = { ...ingestLimits, ...options.limits }
  const onTrouble = options.onTrouble ?? (() => undefined)
  await openCatalog(options.sql)
  const before = await readClock(options.sql, vault)
  const replayed = await replay({ ...options, vault, bornMs: before?.ms })
  const retention = await openRetentionClock({
    ...options,
    vault,
    recordedMs: before === undefined ? await recordedClock(options.sql, vault) : undefined,
    onTrouble,
  })
  const ingest = openIngest({
    ...options,
    vault,
    limits,
    retention,
    onTrouble,
    async afterPublish(device) {
      const { published } = await settle({ ...options, vault }, device)
      return published.map(snapshot => snapshot.device)
    },
  })
  // Without them a rebuild would miss devices; a full disk or catalog is no reason not to start.
  await healRecords(options.sql, vault, ingest).catch(onTrouble)
  const retrieve = openRetrieve({ ...options, vault, index: ingest })
  return {
    ingest,
    retrieve,
    retention,
    inTurn: oneAtATime(),
    replayed,
    async close() {
      await ingest.close()
      await retention.save().catch(onTrouble)
    },
  }
}
