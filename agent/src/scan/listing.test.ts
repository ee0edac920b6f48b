import assert from 'node:assert/strict'
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { makeAwkwardTree } from '../../../scripts/testing/awkward-tree.ts'
import type { System } from '../system/system.ts'
import { quietFolder, temporaryFolder } from '../system/testing/temporary-folder.ts'
import { testKeys } from '../testing/memory-vault.ts'
import { backupThreads } from '../threads/backup-threads.ts'
import { type FolderLister, packListing } from './listing.ts'
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
      said.push(JSON.stringify(rest, (_, value) => (value instanceof Uint8Array ? value.toHex() : value)))
    }
  }
  return said
}

/** Lists here and now; `happens` before each answer. */
function listerHere(system: System, happens: () => void): FolderLister {
  return {
    async list(folder, names) {
      const listings = names.map(name => packListing(system, folder, name))
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
  await makeAwkwardTree(folder.path, { seed, entries: 3000, root: process.geteuid?.() === 0 })
  const alone = await told(folder.system, folder.path)
  await using threads = backupThreads(testKeys, 2)
  let listed = 0
  const lister: FolderLister = {
    async list(at, names) {
      const listings = await threads.lister.list(at, names)
      listed += listings.filter(listing => listing !== undefined).length
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
  using folder = await temporaryFolder()
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
  assert.equal(packListing(folder.system, at, utf8('many')), undefined)
  assert.equal(packListing(folder.system, at, utf8('none')), undefined)
  folder.system.close(at)
})
