/** Packs in memory, for tests and simulation. `capacityBytes` makes it run full like a disk. */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { requirePackName } from './pack-name.ts'
import type { PackStore, PackWriter } from './pack-store.ts'
import { storeFull } from './store-failure.ts'

export interface MemoryPackStore extends PackStore {
  /** The bytes themselves, for tests that damage them. */
  readonly packs: Map<string, Bytes>
  capacityBytes: number
}

export function memoryPackStore(capacityBytes = 2 ** 40): MemoryPackStore {
  const packs = new Map<string, Bytes>()
  const used = () => [...packs.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  const present = (name: string): Bytes => {
    requirePackName(name)
    const bytes = packs.get(name)
    if (bytes !== undefined) return bytes
    throw new Failure('pack_missing', `pack "${name}" is not in the store`, { remedy: 'repair' })
  }
  const writer = (name: string): PackWriter => ({
    name,
    get bytes() {
      return present(name).length
    },
    async append(parts) {
      const before = present(name)
      const added = parts.reduce((sum, part) => sum + part.length, 0)
      if (used() + added > store.capacityBytes) throw storeFull()
      const after = new Uint8Array(before.length + added)
      after.set(before)
      let at = before.length
      for (const part of parts) {
        after.set(part, at)
        at += part.length
      }
      packs.set(name, after)
      return before.length
    },
    async sync() {
      present(name)
    },
    async truncate(bytes) {
      packs.set(name, present(name).slice(0, bytes))
    },
    async close() {},
  })
  const store: MemoryPackStore = {
    packs,
    capacityBytes,
    async create(name) {
      requirePackName(name)
      if (packs.has(name)) throw new Failure('pack_exists', `pack "${name}" exists already`)
      packs.set(name, new Uint8Array())
      return writer(name)
    },
    async reopen(name) {
      present(name)
      return writer(name)
    },
    async read(name, offset, length) {
      return present(name).slice(offset, offset + length)
    },
    async size(name) {
      return packs.get(name)?.length
    },
    async *list() {
      for (const [name, bytes] of packs) yield { name, bytes: bytes.length }
    },
    async delete(name) {
      packs.delete(name)
    },
    async freeBytes() {
      return Math.max(0, store.capacityBytes - used())
    },
  }
  return store
}
