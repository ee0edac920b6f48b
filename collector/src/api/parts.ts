/** What the answers are made of; the composition root puts it together. */
import type { Clock } from '@backstay/proto/clock'
import type { Primitives } from '@backstay/proto/primitives'
import type { Audit } from '../audit/audit.ts'
import type { LogQuery, NumberedEntry } from '../catalog/log-entries.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Fleet, Kept } from '../fleet/fleet.ts'
import type { FleetView } from '../fleet/fleet-view.ts'
import type { Log } from '../log.ts'
import type { Retrieve } from '../retrieve/retrieve.ts'
import type { RetentionClock } from '../upkeep/retention-clock.ts'
import type { SignInRoom } from './sign-in/sign-in.ts'

export interface ApiParts {
  readonly p: Primitives
  readonly sql: Sql
  readonly clock: Clock
  readonly vault: number
  readonly fleet: Fleet
  readonly view: FleetView
  readonly retrieve: Retrieve
  readonly retention: RetentionClock
  readonly audit: Audit & { entries(query: LogQuery): Promise<NumberedEntry[]> }
  readonly signIn: SignInRoom
  readonly gateway: { kept(record: Kept): void; readonly sessions: number }
  readonly store: { freeBytes(): Promise<number> }
  readonly log: Log
  readonly version: string
  /** As the collector was started. */
  readonly schedule: {
    readonly reserveBytes: number
    readonly collectEveryMs: number
    readonly scrubPeriodMs: number
  }
}
