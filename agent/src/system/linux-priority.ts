/** Who works in the background gives way: to every other program, in processor time and at the disk. */
import { constants, setPriority } from 'node:os'
import type { LinuxCalls } from './linux-calls.ts'
import { callNumber } from './linux-numbers.ts'

/** From include/uapi/linux/ioprio.h: this process; best effort, the last of its eight levels. Idle could starve. */
const thisProcess = 1
const lastOfBestEffort = (2 << 13) | 7

/** Threads started later inherit it. Never fails: who may not lower itself works as before. */
export function giveWay(calls: Pick<LinuxCalls, 'ioprio_set'>): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Some sandboxes forbid it.
  }
  calls.ioprio_set(callNumber.ioprio_set, thisProcess, 0, lastOfBestEffort)
}
