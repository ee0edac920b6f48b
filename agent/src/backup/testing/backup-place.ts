/** A folder of one's own that is backed up to a vault in memory. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { objectPages } from '@backstay/proto/content/archive/object-pages'
import type { Entry } from '@backstay/proto/content/entry'
import { pathOf, wholeMap } from '@backstay/proto/content/map/key'
import { scanMap } from '@backstay/proto/content/map/read'
import { nodePrimitives } from '@backstay/proto/node'
import { quietFolder, temporaryFolder } from '../../system/testing/temporary-folder.ts'
import { backUp, memoryVault, testKeys } from '../../testing/memory-vault.ts'
import { laterClock } from '../../testing/stand-ins.ts'

/** What was written lies so long ago that its times are believed. */
export const settled = { clock: laterClock }

/** `name`: of the quiet folder that is this file's of tests. */
export async function backupPlace(name: Parameters<typeof quietFolder>[0]) {
  const folder = await temporaryFolder(quietFolder(name))
  const beside = await temporaryFolder()
  const data = join(folder.path, 'data')
  mkdirSync(data)
  const vault = memoryVault()
  const memoryFile = join(beside.path, 'memory.sqlite')
  const { system } = folder
  return {
    ...{ data, vault, memoryFile, system },
    path: folder.path,
    out: join(beside.path, 'out'),
    run: (roots: readonly string[] = [data], overrides = {}) =>
      backUp({ roots, memoryFile, vault, system, overrides }),
    [Symbol.dispose]() {
      folder[Symbol.dispose]()
      beside[Symbol.dispose]()
    },
  }
}

/** All entries of a map by their paths. */
export async function entries(
  vault: ReturnType<typeof memoryVault>,
  root: Awaited<ReturnType<typeof backUp>>['built']['root'],
) {
  const found = new Map<string, Entry>()
  for await (const items of scanMap(objectPages(nodePrimitives, vault, [testKeys]), root, wholeMap)) {
    for (const { key, entry } of items)
      found.set(
        pathOf(key)
          .map(part => new TextDecoder().decode(part))
          .join('/')
          .slice(1),
        entry,
      )
  }
  return found
}
