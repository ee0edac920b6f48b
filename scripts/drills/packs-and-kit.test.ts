// The collector and its catalog are gone, the admin's laptop too: a copy of the packs and the printed kit are left.
import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { compareTrees } from '../testing/compare-trees.ts'
import { seededRandom } from '../testing/random.ts'
import { changingTree } from './changing-tree.ts'
import { makeFleet, need, type RestoreResult } from './fleet.ts'
import { jsonOf, run } from './processes.ts'

const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())
const size = { smallFiles: 200, largeFiles: 3, largeBytes: 900_000, imageBytes: 512 * 1024 }
const tree = changingTree(fleet.path('home'), seededRandom(11), size)
const laptop = await fleet.enroll('laptop')
await laptop.backup(tree.path)
tree.change()
await laptop.backup(tree.path)
// Killed, not stopped: its last packs were never sealed.
await fleet.collector.end('SIGKILL')
const packs = fleet.path('packs')
const kit = fleet.path('kit.html')
cpSync(join(fleet.data, 'packs'), packs, { recursive: true })
cpSync(fleet.path('admin/recovery-kit.html'), kit)
for (const lost of [fleet.data, fleet.path('admin'), laptop.state]) rmSync(lost, { recursive: true })

function recover(to: string, options: { readonly packs?: string; readonly kit?: string } = {}) {
  const words = ['--packs', options.packs ?? packs, '--kit', options.kit ?? kit, '--to', fleet.path(to)]
  return run('admin', ['recover', ...words, '--json'])
}

/** Where recover puts the tree: below a folder for the device, in its whole path. */
function recoveredTree(to: string): string {
  const [device = ''] = readdirSync(fleet.path(to))
  return join(fleet.path(to), device, tree.path)
}

test('packs and kit alone give every file back, byte for byte', async () => {
  const ran = need(await recover('recovered'))
  const { sequence, damagedCount } = jsonOf<RestoreResult>(ran)
  assert.deepEqual([sequence, damagedCount], [2, 0])
  assert.deepEqual(await compareTrees(tree.path, recoveredTree('recovered')), [])
})

test('one letter of the kit typed wrong is found by its checksum, and the line is named', async () => {
  const page = readFileSync(kit, 'utf8')
  const line = /(AGE-SECRET-KEY-PQ-1 <span>..)(.)/.exec(page)
  assert(line)
  const [before = '', start = '', letter = ''] = line
  const typo = page.replace(before, `${start}${letter === 'Q' ? 'P' : 'Q'}`)
  writeFileSync(fleet.path('typo.html'), typo)
  const ran = await recover('typo', { kit: fleet.path('typo.html') })
  assert.equal(ran.code, 1)
  assert.match(
    ran.err,
    /^error: line 3 of the kit \(recovery key\) is missing or mistyped\nhint: compare it with the paper/m,
  )
  assert.throws(() => readdirSync(fleet.path('typo')), 'nothing was written')
})

test('the command that is printed on the kit is one that there is', async () => {
  const [, command = ''] = /<code>backstay (recover .+?)<\/code>/.exec(readFileSync(kit, 'utf8')) ?? []
  const { code, err } = await run('admin', command.split(' '))
  assert.equal(code, 1)
  assert.match(err, /^error: there is no kit file "FILE"/m)
})

test("another fleet's kit is refused before anything is opened", async () => {
  await using other = await makeFleet()
  const ran = await recover('mismatch', { kit: other.path('admin/recovery-kit.html') })
  assert.equal(ran.code, 1)
  assert.match(ran.err, /^error: the kit is another fleet's than the packs\nhint: compare the fingerprint/m)
  assert.throws(() => readdirSync(fleet.path('mismatch')))
})

test('with a pack of file bytes missing, the gaps are listed and all else comes back', async () => {
  const some = fleet.path('some-packs')
  cpSync(packs, some, { recursive: true })
  const entries = readdirSync(some, { recursive: true, withFileTypes: true })
  const segments = entries.find(entry => entry.name.endsWith('.segments'))
  assert(segments)
  rmSync(join(segments.parentPath, segments.name))
  const ran = await recover('gaps', { packs: some })
  assert.equal(ran.code, 3, ran.err)
  const { damaged, damagedCount } = jsonOf<RestoreResult>(ran)
  assert.equal(damaged.length, damagedCount)
  assert(damagedCount > 0)
  const prefix = `${tree.path.slice(1)}/`
  const listed = damaged.map(({ path }) => path.slice(path.indexOf(prefix) + prefix.length)).sort()
  const differing = (await compareTrees(tree.path, recoveredTree('gaps'), { ignore: ['time'] })).map(
    ({ path }) => path,
  )
  assert.deepEqual(differing.sort(), listed)
})

test('with the pack of records missing, it says what is missing', async () => {
  const some = fleet.path('no-pages')
  cpSync(packs, some, { recursive: true })
  for (const entry of readdirSync(some, { recursive: true, withFileTypes: true })) {
    if (entry.name.endsWith('.pages')) rmSync(join(entry.parentPath, entry.name))
  }
  const ran = await recover('nothing', { packs: some })
  assert.equal(ran.code, 1)
  assert.match(ran.err, /^error: the packs hold no Trust document\nhint: check that all packs .* are there/m)
})
