import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { geteuid } from 'node:process'
import { test } from 'node:test'
import { loadSystem } from '@backstay/agent/system/load'
import { removeTree } from '@backstay/agent/system/remove-tree'
import { fromRoot } from '@backstay/agent/system/system'
import { utf8 } from '@backstay/proto/bytes'
import { makeAwkwardTree } from './awkward-tree.ts'
import { compareTrees } from './compare-trees.ts'
import { walkTree } from './walk-tree.ts'

const root = geteuid?.() === 0
const system = await loadSystem()

test('one seed makes one tree, whole and counted', async t => {
  const seed = Number(process.env.SEED ?? 1)
  t.diagnostic(`SEED=${seed}`)
  const parent = mkdtempSync(join(tmpdir(), 'backstay-test-'))
  t.after(() => removeTree(system, fromRoot, utf8(parent)))
  const options = { seed, entries: 3000, root }
  const summary = await makeAwkwardTree(join(parent, 'a'), options)
  assert.deepEqual(await makeAwkwardTree(join(parent, 'b'), options), summary)
  const differences = await compareTrees(join(parent, 'a'), join(parent, 'b'))
  // Without root, what lies in closed files cannot be compared.
  assert.deepEqual(
    differences.filter(difference => root || difference.kind !== 'unreadable'),
    [],
  )
  const top = system.openFolder(fromRoot, utf8(join(parent, 'a')))
  t.after(() => system.close(top))
  let entries = 0
  let pathBytes = 0
  for (const { components } of walkTree(system, top)) {
    entries++
    const length = components.reduce((sum, name) => sum + name.length + 1, 0)
    pathBytes = Math.max(pathBytes, length)
  }
  assert(entries === summary.entries, `${entries} entries are there, ${summary.entries} were counted`)
  assert(entries >= 3000)
  assert(pathBytes > 4096)
  for (const what of ['nested folder', 'sparse file', 'hard link', 'awkward symlink', 'time before 1970']) {
    assert((summary.made[what] ?? 0) > 0, what)
  }
  for (const { what, why } of summary.impossible) t.diagnostic(`could not make: ${what} (${why})`)
})

test('another seed makes another tree', async t => {
  const parent = mkdtempSync(join(tmpdir(), 'backstay-test-'))
  t.after(() => removeTree(system, fromRoot, utf8(parent)))
  for (const seed of [1, 2]) await makeAwkwardTree(join(parent, `${seed}`), { seed, entries: 2000, root })
  assert((await compareTrees(join(parent, '1'), join(parent, '2'))).length > 100)
})
