/** Which refusals of the system end a restore, and which only leave one entry out. */
import { Failure } from '@backstay/proto/failure'
import { errorName, SystemError } from '../system/system-error.ts'

const full: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

export const isFull = (code: string): boolean => full.has(code)

/** Throws `disk_full` for an error that says so; every further entry would meet it too. */
export function whenDiskFull(code: string, directory: string): void {
  if (!isFull(code)) return
  const what = code === 'EDQUOT' ? 'the quota of its owner is used up' : 'its disk is full'
  throw new Failure('disk_full', `cannot write to "${directory}": ${what}`, {
    remedy: 'repair',
    hint: 'free some space or choose another folder, then restore again; what was written so far is whole',
  })
}

/** The name of what a call refused with, given what it threw or its negative result; rethrows all else. */
export function refusal(error: unknown): string {
  if (typeof error === 'number') return errorName(-error)
  if (error instanceof SystemError) return error.code
  throw error
}
