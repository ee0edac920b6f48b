/** Remembers which jobs were done until they expire, so that a job sent twice is done once. */
import { type Bytes, hex } from '../bytes.ts'
import { Failure } from '../failure.ts'

/** Ten jobs a minute for all seven days that a job may live would be a hundred thousand; nobody means that many. */
export const doneJobsMax = 10_000

export interface DoneJob {
  readonly id: string
  readonly expiresAtMs: number
}

export class DoneJobs {
  readonly #expiries: Map<string, number>

  constructor(done: readonly DoneJob[] = []) {
    this.#expiries = new Map(done.map(job => [job.id, job.expiresAtMs]))
  }

  has(id: Bytes): boolean {
    return this.#expiries.has(hex(id))
  }

  /** Call, and save `list`, before the job is done. Throws `too_many_jobs` rather than forget one that could return. */
  add(id: Bytes, expiresAtMs: number, nowMs: number): void {
    for (const [key, expiry] of this.#expiries) if (expiry <= nowMs) this.#expiries.delete(key)
    if (this.#expiries.size >= doneJobsMax) {
      throw new Failure('too_many_jobs', `${doneJobsMax} jobs are remembered already`, { remedy: 'retry' })
    }
    this.#expiries.set(hex(id), expiresAtMs)
  }

  list(): readonly DoneJob[] {
    return [...this.#expiries].map(([id, expiresAtMs]) => ({ id, expiresAtMs }))
  }
}
