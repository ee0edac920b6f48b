/** A collector in a few lines: keeps objects in memory and admits one only when all its children are there. */

import { after } from 'node:test'
import { type ObjectSource, objectPages } from '@backstay/proto/content/archive/object-pages'
import type { Reference } from '@backstay/proto/content/entry'
import { epochKeys } from '@backstay/proto/content/keys'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import type { Built } from '@backstay/proto/content/map/build'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives } from '@backstay/proto/node'
import { childIds, decodeWhole } from '@backstay/proto/object/header'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import { objectId } from '@backstay/proto/object/id'
import { excludesOf } from '@backstay/proto/policy/excludes'
import { systemClock } from '@backstay/proto/system-clock'
import { type BackupOptions, type BackupResult, backup } from '../backup/backup.ts'
import type { Names } from '../backup/names.ts'
import type { ObjectSink } from '../backup/outgoing.ts'
import { type Memory, type MemoryChange, openMemory } from '../memory/memory.ts'
import { findMissing } from '../memory/rebuild.ts'
import { type RestoreResult, restore } from '../restore/restore.ts'
import { openTarget } from '../restore/target.ts'
import { rootTree } from '../scan/roots.ts'
import type { System } from '../system/system.ts'
import { type BackupThreads, backupThreads } from '../threads/backup-threads.ts'
import { type RestoreThreads, restoreThreads } from '../threads/restore-threads.ts'

export interface MemoryVault extends ObjectSink, ObjectSource {
  readonly objects: Map<ObjectId, Sealed>
  /** Of objects sent since `reset`, by type. */
  readonly sent: { segments: number; pages: number; bytes: number }
  reset(): void
}

export function memoryVault(): MemoryVault {
  const objects = new Map<ObjectId, Sealed>()
  const sent = { segments: 0, pages: 0, bytes: 0 }
  return {
    objects,
    sent,
    reset: () => void Object.assign(sent, { segments: 0, pages: 0, bytes: 0 }),
    async missing(ids) {
      return new Set(ids.filter(id => !objects.has(id)))
    },
    async put(id, stored) {
      const { header } = decodeWhole(stored)
      for (const child of childIds(header)) {
        if (!objects.has(child)) throw new Failure('unknown_child', `a child of ${id} was not put before it`)
      }
      if (objectId(await nodePrimitives.sha256(stored)) !== id)
        throw new Failure('wrong_id', `${id} is not its hash`)
      if (header.type === 'segment') sent.segments++
      else sent.pages++
      sent.bytes += stored.length
      objects.set(id, stored.slice() as Sealed)
      // As a link does with what is large: nobody has it after it was put.
      if (stored.buffer instanceof ArrayBuffer && stored.length === stored.buffer.byteLength)
        stored.buffer.transfer(0)
    },
    async flush() {},
    async publish(record) {
      return { id: objectId(await nodePrimitives.sha256(record)), receivedAtMs: 0 }
    },
    async *get(ids) {
      for (const id of ids) yield { id, stored: objects.get(id)?.slice() as Sealed | undefined }
    },
  }
}

export const testKeys = await epochKeys(
  nodePrimitives,
  new Uint8Array(32).fill(1),
  new Uint8Array(32).fill(2),
  1,
)

export interface TestBackup {
  readonly roots: readonly (string | Uint8Array)[]
  readonly excludes?: readonly string[]
  readonly memoryFile: string
  readonly vault: MemoryVault
  readonly system: System
  readonly overrides?: Partial<BackupOptions>
  /** Keeps lists of names beside it, and is told the index. */
  readonly names?: (memory: Memory, change: MemoryChange) => Names
  readonly listed?: (index: Reference | undefined) => void
}

let commits = 0

/** To start threads takes longer than most backups of a test: those of one file share them. */
let shared: { readonly backup: BackupThreads; readonly restore: RestoreThreads } | undefined
const sharedThreads = () => {
  shared ??= { backup: backupThreads(testKeys, 2), restore: restoreThreads(2) }
  return shared
}
after(async () => {
  await shared?.backup[Symbol.asyncDispose]()
  await shared?.restore[Symbol.asyncDispose]()
})

/** One backup as the agent runs it, without a link; the memory is finished as if the commit had been acknowledged. */
export async function backUp(options: TestBackup): Promise<BackupResult & { readonly built: Built }> {
  const { vault, system } = options
  const memory = openMemory(options.memoryFile)
  try {
    memory.forget(await findMissing(memory, vault.missing))
    const change = memory.change()
    const { sealer, reader, lister } = sharedThreads().backup
    const patterns = excludesOf(options.excludes ?? [])
    const roots = options.roots.map(root => {
      return { path: typeof root === 'string' ? new TextEncoder().encode(root) : root, excludes: patterns }
    })
    const names = options.names?.(memory, change)
    try {
      const result = await backup({
        ...{ system, primitives: nodePrimitives, clock: systemClock, keys: testKeys, memory, change, sealer },
        // A system that a test meddles with is asked by the main thread.
        ...(options.overrides?.system === undefined && { reader, lister }),
        roots: rootTree(roots),
        sink: vault,
        ...(names && { names }),
        pages: objectPages(nodePrimitives, vault, [testKeys]),
        ...options.overrides,
      })
      options.listed?.(await names?.finish())
      commits++
      change.finish(commits.toString(16).padStart(64, '0') as ObjectId)
      return result
    } catch (error) {
      change.abandon()
      throw error
    }
  } finally {
    memory.close()
  }
}

/** Restores a path of what was backed up into a new folder. */
export async function restoreTo(
  vault: ObjectSource,
  system: System,
  built: Built,
  path: string,
  to: string,
  asRoot = true,
): Promise<RestoreResult> {
  const ownership = system.effectiveUser() === 0
  const { opener, files } = sharedThreads().restore
  using target = openTarget(system, new TextEncoder().encode(to), {
    asRoot: asRoot && ownership,
    ownership,
    conflict: 'suffix',
    files,
  })
  const components = componentsOf(new TextEncoder().encode(path))
  const pages = objectPages(nodePrimitives, vault, [testKeys])
  return await restore({
    source: vault,
    pages,
    opener,
    root: built.root,
    path: components.length > 1 ? components : undefined,
    target,
  })
}
