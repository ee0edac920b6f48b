/** Remembers which jobs were done until they expire, so that a job sent twice is done once. */
import { type Bytes, hex } from '../bytes.ts'
import { Failure } from '../failure.ts'

/** Ten jobs a minute for all seven days that a job may live would be a hundred thousand; nobody means that many. */
export const doneJobsMax = 10_000

export interface DoneJob {
  readonly id: string
  readonly expiresAtMs: number
}

export interface RememberedJobs {
  readonly done: readonly DoneJob[]
  /** What ends by then may have been done and forgotten, whatever the clock says now. */
  readonly forgottenUntilMs: number
}

export const noJobs: RememberedJobs = { done: [], forgottenUntilMs: 0 }

export class DoneJobs {
  readonly #expiries: Map<string, number>
  #forgottenUntilMs: number

  constructor({ done, forgottenUntilMs }: RememberedJobs = noJobs) {
    this.#expiries = new Map(done.map(job => [job.id, job.expiresAtMs]))
    this.#forgottenUntilMs = forgottenUntilMs
  }

  has(id: Bytes): boolean {
    return this.#expiries.has(hex(id))
  }

  /** A clock that ran ahead for a while, or is set back, makes a job young again that was forgotten. */
  isForgotten(expiresAtMs: number): boolean {
    return expiresAtMs <= this.#forgottenUntilMs
  }

  /** Call, and save `remembered`, before the job is done. Throws `too_many_jobs` rather than forget one that could return. */
  add(id: Bytes, expiresAtMs: number, nowMs: number): void {
    for (const [key, expiry] of this.#expiries) {
      if (expiry > nowMs) continue
      this.#expiries.delete(key)
      this.#forgottenUntilMs = Math.max(this.#forgottenUntilMs, expiry)
    }
    if (this.#expiries.size >= doneJobsMax) {
      throw new Failure('too_many_jobs', `${doneJobsMax} jobs are remembered already`, { remedy: 'retry' })
    }
    this.#expiries.set(hex(id), expiresAtMs)
  }

  remembered(): RememberedJobs {
    const done = [...this.#expiries].map(([id, expiresAtMs]) => ({ id, expiresAtMs }))
    return { done, forgottenUntilMs: this.#forgottenUntilMs }
  }
}
