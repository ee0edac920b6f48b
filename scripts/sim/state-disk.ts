/**
 * The disk under an agent's state folder: it keeps what was synced and forgets the rest as disks do when the power goes. A file
 * that was not synced is torn; of names that were made or changed after the last sync of their folder, the first ones survive.
 */
import { dirname } from 'node:path'
import { type FileDisk, type SmallFiles, smallFiles } from '@backstay/agent/keys/small-files'
import type { Bytes } from '@backstay/proto/bytes'
import type { Random } from '../testing/random.ts'

export interface StateDiskFaults {
  /** Asked before each write: the code of the error that it meets, such as ENOSPC. */
  writeError(): string | undefined
  /** Asked before each step: true, and the power goes at this step. */
  powerGoes(): boolean
  /** Told when it has gone. */
  onPowerCut(): void
}

export interface StateDisk {
  /** For a process that begins now; one of before the last cut works on nothing. */
  begin(): SmallFiles
  /** The power goes: what was not synced is anything. */
  cut(): void
  /** The process ends at once, and nothing that it did is lost. */
  kill(): void
}

interface File {
  bytes: Bytes
  /** Undefined: none of it was synced. */
  synced: Bytes | undefined
}

interface Renaming {
  readonly path: string
  /** Undefined: the name goes. */
  readonly file: File | undefined
}

class DiskError extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

export function stateDisk(random: Random, faults: StateDiskFaults): StateDisk {
  let names = new Map<string, File>()
  const durable = new Map<string, File>()
  /** By folder, in the order in which they were done since its last sync. */
  let pending = new Map<string, Renaming[]>()
  let life = 0

  function name(path: string, file: File | undefined): void {
    apply(names, { path, file })
    const folder = dirname(path)
    pending.set(folder, [...(pending.get(folder) ?? []), { path, file }])
  }

  function cut(): void {
    life++
    for (const renamings of pending.values()) {
      for (const one of renamings.slice(0, random.below(renamings.length + 1))) apply(durable, one)
    }
    pending = new Map()
    for (const file of new Set(durable.values())) {
      if (file.synced !== file.bytes) file.bytes = torn(file)
      file.synced = file.bytes
    }
    names = new Map(durable)
  }

  /** What was written since, to its end, in part, or with something else in it: all three happen. */
  function torn({ bytes, synced }: File): Bytes {
    switch (random.below(4)) {
      case 0:
        return bytes
      case 1:
        return synced ?? new Uint8Array()
      case 2:
        return bytes.slice(0, random.below(bytes.length + 1))
      default: {
        const kept = random.below(bytes.length + 1)
        return new Uint8Array([...bytes.subarray(0, kept), ...new Uint8Array(bytes.length - kept)])
      }
    }
  }

  function diskOf(own: number): FileDisk {
    /** Before anything is done, and at each step anew. */
    const step = async () => {
      if (own === life && faults.powerGoes()) {
        cut()
        faults.onPowerCut()
      }
      if (own !== life) throw new DiskError('EDEAD')
    }
    const writing = async () => {
      await step()
      const code = faults.writeError()
      if (code !== undefined) throw new DiskError(code)
    }
    return {
      makeFolder: step,
      async create(path) {
        await writing()
        if (names.has(path)) throw new DiskError('EEXIST')
        const file: File = { bytes: new Uint8Array(), synced: undefined }
        name(path, file)
        return {
          async write(bytes) {
            await writing()
            file.bytes = bytes.slice()
          },
          async sync() {
            await writing()
            file.synced = file.bytes
          },
          [Symbol.asyncDispose]: async () => undefined,
        }
      },
      async read(path) {
        await step()
        return names.get(path)?.bytes.slice()
      },
      async rename(from, to) {
        await writing()
        const file = names.get(from)
        if (file === undefined) throw new DiskError('ENOENT')
        // One step of the journal: never one half of it.
        name(to, file)
        apply(names, { path: from, file: undefined })
      },
      async remove(path) {
        await step()
        if (!names.has(path)) return false
        name(path, undefined)
        return true
      },
      async syncFolder(path) {
        await writing()
        for (const one of pending.get(path) ?? []) apply(durable, one)
        pending.delete(path)
        // The old name of what was renamed.
        for (const known of durable.keys())
          if (dirname(known) === path && !names.has(known)) durable.delete(known)
      },
    }
  }

  return {
    begin: () => smallFiles(diskOf(life)),
    cut,
    kill() {
      life++
    },
  }
}

function apply(to: Map<string, File>, { path, file }: Renaming): void {
  if (file === undefined) to.delete(path)
  else to.set(path, file)
}
