/** What a process keeps of memory that it does not need at the moment. */
import { readFileSync } from 'node:fs'
import { execPath } from 'node:process'
import type { LinuxCalls } from './linux-calls.ts'

/** From include/uapi/asm-generic/mman-common.h. */
const dontNeed = 4
/** From malloc.h of glibc. */
const option = { trimThreshold: -1, mmapThreshold: -3 }
/** Larger than whatever is sealed or opened at once. */
const kept = { mmapThreshold: 32 * 1024 * 1024, trimThreshold: 256 * 1024 * 1024 }
/** As the units of the packages start the agent (scripts/frugal-memory.test.ts). */
export const frugal = { mmapThreshold: 512 * 1024, trimThreshold: 2 * 1024 * 1024 }

/**
 * From now on large buffers that are freed stay for the next of their kind. Taken from the system anew, each costs a fault and a
 * cleared page for every 4 KiB: a quarter of a restore's processor time.
 */
export function keepBuffers(calls: Pick<LinuxCalls, 'mallopt'>): void {
  setThresholds(calls, kept)
}

/** The opposite, and what is free now goes back. */
export function giveBuffersBack(calls: Pick<LinuxCalls, 'mallopt' | 'malloc_trim'>): void {
  setThresholds(calls, frugal)
  calls.malloc_trim(0)
}

function setThresholds(
  calls: Pick<LinuxCalls, 'mallopt'>,
  { mmapThreshold, trimThreshold }: typeof kept,
): void {
  calls.mallopt(option.mmapThreshold, mmapThreshold)
  calls.mallopt(option.trimThreshold, trimThreshold)
}

/**
 * The same, and pages of the program's own text, which are on the disk and in everybody's cache anyway, go back too;
 * they come again as they are touched. Never fails: what cannot be given back stays.
 */
export function trimMemory(calls: Pick<LinuxCalls, 'mallopt' | 'malloc_trim' | 'madvise'>): void {
  giveBuffersBack(calls)
  for (const { start, length } of textOf(readFileSync('/proc/self/maps', 'utf8'))) {
    calls.madvise(start, length, dontNeed)
  }
}

/** Executable, not writable, of the program's file: never written to, so nothing is lost. proc_pid_maps(5). */
function textOf(maps: string): { readonly start: bigint; readonly length: number }[] {
  return maps.split('\n').flatMap(line => {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) r-xp /.exec(line) ?? []
    if (from === undefined || to === undefined || !line.endsWith(execPath)) return []
    const start = BigInt(`0x${from}`)
    return [{ start, length: Number(BigInt(`0x${to}`) - start) }]
  })
}
