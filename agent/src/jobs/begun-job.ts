/**
 * The job that is under way, as it lies on the disk until its report has been brought: a restore that is cut off goes on
 * from it, into the folder and of the snapshot that were chosen when it began. A device does one job at a time.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Base } from './restored-place.ts'

export interface BegunJob {
  readonly envelope: Bytes
  /** Undefined before anything was made. */
  readonly chosen: Chosen | undefined
  /** The report's envelope when it has ended: brought until it is taken, always the same. */
  readonly report: Bytes | undefined
}

export interface Chosen {
  /** Of the snapshot: the newest one of now may be newer than that of the beginning. */
  readonly sequence: number
  /** The new folder; undefined: the original place. */
  readonly folder: { readonly base: Base; readonly name: string } | undefined
}
