/** How a job goes, from what was begun before to what its signer is told. */
import type { Chosen } from './begun-job.ts'

export interface JobProgressNow {
  readonly entries: number
  readonly bytes: number
}

/** Of one that may have been begun before. */
export interface Course {
  readonly chosen: Chosen | undefined
  /** Resolves when it is on the disk; before that nothing is made. */
  keep(chosen: Chosen): Promise<void>
}

/** What its signer is to know, also of one that failed on its way. */
export interface JobEnd {
  readonly found: unknown
  readonly failure?: unknown
}
