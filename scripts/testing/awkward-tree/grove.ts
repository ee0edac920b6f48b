/** What the parts of an awkward tree are made with: counts what was made, and lists what could not be. */
import type { Handle, System } from '@backstay/agent/system/system'
import { isSystemError } from '@backstay/agent/system/system-error'
import type { Bytes } from '@backstay/proto/bytes'
import type { Random } from '../random.ts'

export interface Summary {
  readonly entries: number
  /** How many there are of each class. */
  readonly made: Readonly<Record<string, number>>
  /** What the file system, or our rights, refused. */
  readonly impossible: readonly { readonly what: string; readonly why: string }[]
}

export interface Grove {
  readonly system: System
  readonly random: Random
  /** Whether to make what only root can. */
  readonly asRoot: boolean
  readonly summary: Summary
  /** Runs a deed that may be refused and counts it as `what`, or lists it. */
  attempt(what: string, deed: () => void): void
  /** Counts entries made by system calls of one's own. */
  grew(entries: number): void
  folder(at: Handle, name: Bytes, fill?: (folder: Handle) => void): void
  file(at: Handle, name: Bytes, content?: Bytes, mode?: number): void
}

export function grove(system: System, random: Random, asRoot: boolean): Grove {
  const made: Record<string, number> = {}
  const impossible: { what: string; why: string }[] = []
  let entries = 0
  return {
    system,
    random,
    asRoot,
    get summary() {
      return { entries, made, impossible }
    },
    attempt(what, deed) {
      try {
        deed()
        made[what] = (made[what] ?? 0) + 1
      } catch (error) {
        if (!isSystemError(error)) throw error
        impossible.push({ what, why: error.message })
      }
    },
    grew(count) {
      entries += count
    },
    folder(at, name, fill) {
      system.makeFolder(at, name, 0o755)
      entries++
      if (fill === undefined) return
      const folder = system.openFolder(at, name)
      try {
        fill(folder)
      } finally {
        system.close(folder)
      }
    },
    file(at, name, content, mode = 0o644) {
      const file = system.createFile(at, name, mode)
      entries++
      try {
        if (content !== undefined) system.write(file, content)
      } finally {
        system.close(file)
      }
    },
  }
}
