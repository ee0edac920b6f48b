import type { Clock } from '@backstay/proto/clock'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import type { Sql } from '../../catalog/sql.ts'
import type { Ingest } from '../../ingest/ingest.ts'
import type { PackStore } from '../../packs/pack-store.ts'
import type { RetentionClock } from '../retention-clock.ts'
import type { CollectionLimits } from './limits.ts'

export interface CollectionOptions {
  readonly p: Primitives
  readonly store: PackStore
  readonly sql: Sql
  readonly vault: number
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly retention: Pick<RetentionClock, 'now' | 'begunMs' | 'haltedUntilMs' | 'save'>
  readonly ingest: Pick<Ingest, 'putRecord' | 'whileQuiet'>
  /** The collector's own, which Trust names. */
  readonly key: SigningKey
  readonly limits?: Partial<CollectionLimits>
  readonly signal?: AbortSignal | undefined
}
