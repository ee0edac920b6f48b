// SLOW=1: an awkward tree of three thousand entries instead of two.
import assert from 'node:assert/strict'
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { excludesOf } from '@backstay/proto/policy/excludes'
import { makeAwkwardTree } from '../../../scripts/testing/awkward-tree.ts'
import type { System } from '../system/system.ts'
import { quietFolder, temporaryFolder } from '../system/testing/temporary-folder.ts'
import { testKeys } from '../testing/memory-vault.ts'
import { backupThreads } from '../threads/backup-threads.ts'
import { type FolderLister, type PackedListing, packListings } from './listing.ts'
import { rootTree } from './roots.ts'
import { walk } from './walk.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)

/** Everything that a walk says, in words. */
async function told(system: System, path: string, lister?: FolderLister): Promise<string[]> {
  const said: string[] = []
  const roots = rootTree([{ path: utf8(path), excludes: undefined }])
  for (const step of walk({ system, roots, ...(lister && { lister }) })) {
    if (step.kind === 'wait') await step.until
    else if (step.kind === 'left') system.close(step.handle)
    else {
      const { folder: _, ...rest } = { folder: 0, ...step }
      said.push(JSON.stringify(rest, inWords))
    }
  }
  return said
}

/** Without who has listed what. */
function inWords(name: string, value: unknown): unknown {
  if (name === 'listing') return undefined
  return value instanceof Uint8Array ? value.toHex() : value
}

/** Lists here and now; `happens` before each answer. */
function listerHere(system: System, happens: () => void): FolderLister {
  return {
    async list(folder, names, along) {
      const listings = packListings(system, folder, names, along)
      happens()
      return listings
    },
  }
}

function manyFolders(path: string, count: number): void {
  for (let index = 0; index < count; index++) {
    const folder = join(path, `${1000 + index}`)
    mkdirSync(join(folder, 'deep'), { recursive: true })
    writeFileSync(join(folder, 'deep', 'file'), `${index}`)
    symlinkSync('nowhere', join(folder, 'link'))
  }
}

test('a walk says the same, word for word, when threads list ahead of it', async () => {
  using folder = await temporaryFolder(quietFolder('listing'))
  await makeAwkwardTree(folder.path, {
    seed,
    entries: process.env.SLOW === '1' ? 3000 : 2000,
    root: process.geteuid?.() === 0,
  })
  const alone = await told(folder.system, folder.path)
  await using threads = backupThreads(testKeys, 2)
  let listed = 0
  const lister: FolderLister = {
    async list(at, names, along) {
      const listings = await threads.lister.list(at, names, along)
      for (const listing of listings) listed += listing === undefined ? 0 : 1 + listing.below.size
      return listings
    },
  }
  assert.deepEqual(await told(folder.system, folder.path, lister), alone)
  assert.ok(listed > 20, `${listed} folders were listed by threads`)
})

test('a folder that was replaced after it was listed is listed again', async () => {
  using folder = await temporaryFolder()
  manyFolders(folder.path, 200)
  let replaced = false
  const lister = listerHere(folder.system, () => {
    if (replaced) return
    replaced = true
    for (let index = 0; index < 200; index++) {
      renameSync(join(folder.path, `${1000 + index}`), join(folder.path, `old${index}`))
    }
    for (let index = 0; index < 200; index++) {
      mkdirSync(join(folder.path, `${1000 + index}`))
      writeFileSync(join(folder.path, `${1000 + index}`, 'new'), '')
    }
  })
  const said = await told(folder.system, folder.path, lister)
  const name = utf8('new').toHex()
  assert.ok(said.filter(step => step.includes(`"name":"${name}"`)).length > 150)
})

test('a lister that knows nothing is no harm, and one that dies ends the walk with its reason', async () => {
  using folder = await temporaryFolder(quietFolder('listing'))
  manyFolders(folder.path, 100)
  const alone = await told(folder.system, folder.path)
  const ignorant: FolderLister = { list: async (_, names) => names.map(() => undefined) }
  assert.deepEqual(await told(folder.system, folder.path, ignorant), alone)
  const dying: FolderLister = { list: async () => Promise.reject(new Error('out of memory')) }
  await assert.rejects(told(folder.system, folder.path, dying), /out of memory/)
})

test('a folder of very many files is not packed', async () => {
  using folder = await temporaryFolder()
  mkdirSync(join(folder.path, 'many'))
  for (let index = 0; index < 1100; index++) writeFileSync(join(folder.path, 'many', `${index}`), '')
  const at = folder.system.openFolder(-100, utf8(folder.path))
  const along = { excludes: undefined, path: '' }
  assert.deepEqual(packListings(folder.system, at, [utf8('many'), utf8('none')], along), [
    undefined,
    undefined,
  ])
  folder.system.close(at)
})

test('what lies in a folder is listed along, but what is excluded', async () => {
  using folder = await temporaryFolder()
  for (const name of ['a/deep/deeper', 'b/kept/build', 'b/build/objects'])
    mkdirSync(join(folder.path, name), { recursive: true })
  const at = folder.system.openFolder(-100, utf8(folder.path))
  const excludes = excludesOf(['/all/b/build'])
  const [a, b] = packListings(folder.system, at, [utf8('a'), utf8('b')], { excludes, path: 'all/' })
  const below = (listing: PackedListing | undefined): unknown =>
    listing && [...listing.below].map(([index, one]) => [index, below(one)])
  assert.deepEqual(below(a), [[0, [[0, []]]]])
  assert.deepEqual(below(b), [[1, [[0, []]]]])
  const [alone] = packListings(folder.system, at, [utf8('a')], undefined)
  assert.equal(alone?.below.size, 0)
  folder.system.close(at)
})

test('what is mounted in a folder is not listed along, whether the kernel tells mounts or devices alone', async () => {
  using folder = await temporaryFolder()
  for (const name of ['top/disk', 'top/plain', 'top/share'])
    mkdirSync(join(folder.path, name), { recursive: true })
  const system: System = {
    ...folder.system,
    tryStatAt(at, name, into) {
      const failed = folder.system.tryStatAt(at, name, into)
      if (Buffer.from(name).toString() === 'disk') into.deviceMinor++
      if (Buffer.from(name).toString() === 'share') into.mount++
      return failed
    },
  }
  const at = system.openFolder(-100, utf8(folder.path))
  const [top] = packListings(system, at, [utf8('top')], { excludes: undefined, path: '' })
  assert.deepEqual([...(top?.below.keys() ?? [])], [1])
  system.close(at)
})

test('so much is listed along as one answer may have', async () => {
  using folder = await temporaryFolder()
  for (let index = 0; index < 120; index++) {
    mkdirSync(join(folder.path, 'top', `${100 + index}`), { recursive: true })
    for (let file = 0; file < 50; file++)
      writeFileSync(join(folder.path, 'top', `${100 + index}`, `${file}`), '')
  }
  const at = folder.system.openFolder(-100, utf8(folder.path))
  const [top] = packListings(folder.system, at, [utf8('top')], { excludes: undefined, path: '' })
  assert.ok(top !== undefined && top.below.size >= 30 && top.below.size < 60, `${top?.below.size}`)
  folder.system.close(at)
})
