/** The system seam on Linux: libc through koffi, synchronous, a microsecond a call. */
import { linuxAttributes } from './linux-attributes.ts'
import { type LinuxCalls, loadLinuxCalls } from './linux-calls.ts'
import { linuxDescribing } from './linux-describing.ts'
import { linuxOpening } from './linux-opening.ts'
import { linuxReading } from './linux-reading.ts'
import { linuxWriting } from './linux-writing.ts'
import { posixGuard } from './posix-guard.ts'
import { posixOwners } from './posix-owners.ts'
import type { System } from './system.ts'

/** Throws `no_system_calls`: without them the agent does not start, rather than back up with less precision. */
export async function loadLinux(): Promise<System> {
  return linuxSystem(await loadLinuxCalls())
}

export function linuxSystem(calls: LinuxCalls): System {
  const reading = linuxReading(calls)
  return {
    ...linuxOpening(calls),
    ...reading,
    ...linuxAttributes(calls),
    ...linuxWriting(calls),
    ...linuxDescribing(calls, reading),
    ...posixOwners(calls),
    ...posixGuard(reading),
  }
}
