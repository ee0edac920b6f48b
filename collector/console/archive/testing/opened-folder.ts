/** A folder that a real agent backs up into memory, and its archive as a key holder opens it; for tests. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { keepNames } from '@backstay/agent/backup/names'
import { loadSystem } from '@backstay/agent/system/load'
import { quietFolder, temporaryFolder } from '@backstay/agent/system/testing/temporary-folder'
import { backUp, type MemoryVault, memoryVault, testKeys } from '@backstay/agent/testing/memory-vault'
import { laterClock } from '@backstay/agent/testing/stand-ins'
import { utf8 } from '@backstay/proto/bytes'
import { type OpenedArchive, openedArchive } from '@backstay/proto/content/archive/opened'
import type { SegmentOpener } from '@backstay/proto/content/archive/segments-ahead'
import type { Snapshot } from '@backstay/proto/content/archive/snapshots'
import type { Reference } from '@backstay/proto/content/entry'
import type { Path } from '@backstay/proto/content/map/key'
import { openObject } from '@backstay/proto/content/seal'
import { nodePrimitives as p } from '@backstay/proto/node'

export interface OpenedFolder extends Disposable {
  /** The folder on the disk. */
  readonly data: string
  readonly vault: MemoryVault
  /** Backs it up; returns the snapshot's number. A list of names is made at each, as if a day had gone by. */
  backUp(options?: { readonly withNames?: boolean }): Promise<number>
  archive(): OpenedArchive
  /** Of a name below the folder; the folder itself without one. */
  path(name?: string): Path
}

export const opener: SegmentOpener = {
  open: async (reference, stored) => (await openObject(p, reference, 'segment', stored)).bytes,
  giveBack: () => undefined,
}

const dayMs = 86_400_000

export async function openedFolder(): Promise<OpenedFolder> {
  const folder = await temporaryFolder(quietFolder('archive'))
  const beside = await temporaryFolder()
  const system = await loadSystem()
  const data = join(folder.path, 'data')
  mkdirSync(data)
  const vault = memoryVault()
  const snapshots: Snapshot[] = []
  let nowMs = laterClock.now()
  return {
    data,
    vault,
    async backUp({ withNames = true } = {}) {
      const sequence = snapshots.length + 1
      nowMs += dayMs
      const clock = { ...laterClock, now: () => nowMs }
      let names: Reference | undefined
      const { built } = await backUp({
        ...{
          roots: [data],
          memoryFile: join(beside.path, 'memory.sqlite'),
          vault,
          system,
          overrides: { clock },
        },
        ...(withNames && {
          names: (memory, change) => {
            const store = { primitives: p, clock, keys: testKeys, memory, change, store: vault }
            return keepNames({ ...store, sequence, isWhole: true, keptMs: Number.POSITIVE_INFINITY })
          },
          listed: index => {
            names = index
          },
        }),
      })
      const { root, entries, bytes, unread } = built
      // What a commit says; nothing here looks at its signature.
      const commit = {
        sequence,
        complete: true,
        entries,
        bytes,
        unread,
        startedAtMs: nowMs,
        endedAtMs: nowMs,
      }
      snapshots.unshift({
        id: root.id,
        commit,
        body: { roots: [utf8(data)] },
        root,
        names,
        receivedAtMs: nowMs,
      } as unknown as Snapshot)
      return sequence
    },
    archive: () =>
      openedArchive({ primitives: p, source: vault, keys: [testKeys], snapshots: [...snapshots] }),
    path: name =>
      ['/', ...data.split('/').slice(1), ...(name === undefined ? [] : name.split('/'))].map(utf8),
    [Symbol.dispose]() {
      folder[Symbol.dispose]()
      beside[Symbol.dispose]()
    },
  }
}
