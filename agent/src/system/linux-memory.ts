/**
 * Memory that a process keeps after hard work and does not need while it waits: what malloc holds free, and pages of the
 * program's own text, which are on the disk and in everybody's cache anyway. They come back as they are touched.
 */
import { readFileSync } from 'node:fs'
import { execPath } from 'node:process'
import type { LinuxCalls } from './linux-calls.ts'

/** From include/uapi/asm-generic/mman-common.h. */
const dontNeed = 4

type Calls = Pick<LinuxCalls, 'malloc_trim' | 'madvise'>

/** Never fails: what cannot be given back stays. */
export function trimMemory(calls: Calls): void {
  calls.malloc_trim(0)
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
