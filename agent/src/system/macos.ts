/** The system seam on macOS: libSystem through koffi, synchronous. */
import { macosAttributes } from './macos-attributes.ts'
import { loadMacosCalls, type MacosCalls } from './macos-calls.ts'
import { macosDescribing } from './macos-describing.ts'
import { policies } from './macos-numbers.ts'
import { macosOpening } from './macos-opening.ts'
import { macosReading } from './macos-reading.ts'
import { macosStat } from './macos-stat.ts'
import { macosWriting } from './macos-writing.ts'
import { posixGuard } from './posix-guard.ts'
import { posixOwners } from './posix-owners.ts'
import type { System } from './system.ts'

/** Throws `no_system_calls`. */
export async function loadMacos(): Promise<System> {
  return macosSystem(await loadMacosCalls())
}

export function macosSystem(calls: MacosCalls): System {
  // For this process whatever is only in a cloud cannot be fetched by a slip.
  calls.setiopolicy(...policies.neverFetch)
  const stats = macosStat(calls)
  return {
    ...macosOpening(calls, stats),
    ...macosReading(calls, stats),
    ...macosAttributes(calls, stats),
    ...macosWriting(calls),
    ...macosDescribing(calls, stats),
    ...posixOwners(calls),
    ...posixGuard(stats),
  }
}
