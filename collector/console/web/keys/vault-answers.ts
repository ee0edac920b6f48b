/** What the thread with the keys answers: plain values, which can go from one thread to another. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Path } from '@backstay/proto/content/map/key'
import type { EntryRow } from './rows.ts'

export interface SnapshotRow {
  readonly sequence: number
  readonly receivedAtMs: number
  readonly complete: boolean
  readonly entries: number
  readonly bytes: number
  readonly unread: number
  readonly label: string
}

export interface FolderRows {
  readonly rows: readonly EntryRow[]
  readonly isCut: boolean
  /** Parts of the map that are lost. */
  readonly lost: number
}

export interface VersionRow {
  readonly row: EntryRow
  readonly firstIn: number
  readonly lastIn: number
  readonly firstAtMs: number
  readonly lastAtMs: number
}

export interface ChangeRow {
  readonly path: Path
  /** Below the folder that was compared. */
  readonly shown: string
  readonly isFolder: boolean
  readonly change: 'came' | 'went' | 'changed'
  readonly before: number | undefined
  readonly after: number | undefined
}

export interface ChangeCounts {
  readonly came: number
  readonly changed: number
  readonly went: number
  /** There are more; counting ended. */
  readonly isCut: boolean
}

export interface FoundRow {
  readonly path: Path
  readonly shown: string
  readonly isThere: boolean
  /** The newest snapshot that has it. */
  readonly lastIn: number
  readonly times: number
}

export interface ZipOutput {
  /** The next bytes, in a few pieces that their taker may keep; none at the end. */
  pull(): Promise<readonly Bytes[]>
  cancel(): void
}
