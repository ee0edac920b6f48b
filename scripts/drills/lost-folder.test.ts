// A folder is lost together with its laptop, and IT gives it back: content, names, links, owners, times, attributes.
// SLOW=1: 10,000 entries, as root, instead of 2,500.
import assert from 'node:assert/strict'
import { existsSync, lstatSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeAwkwardTree } from '../testing/awkward-tree.ts'
import { compareTrees } from '../testing/compare-trees.ts'
import { makeFleet, need, type RestoreResult } from './fleet.ts'
import { jsonOf, start, wordsOf } from './processes.ts'

const isRoot = process.geteuid?.() === 0
/** Of each kind there is something in the smaller one, too. */
const entries = process.env.SLOW === '1' && isRoot ? 10_000 : 2_500
const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())
const tree = fleet.path('home')
const truth = fleet.path('truth')
const laptop = await fleet.enroll('laptop')
const made = await makeAwkwardTree(tree, { seed, entries, root: isRoot })

test('the whole awkward tree is backed up, and nothing is missing in the report', async t => {
  t.diagnostic(`SEED=${seed}, ${made.entries} entries`)
  for (const { what, why } of made.impossible) t.diagnostic(`could not be made here: ${what} (${why})`)
  const result = await laptop.backup(tree)
  // The tree and the folders above it.
  assert.equal(result.entries, made.entries + tree.split('/').length)
  if (isRoot) {
    assert.deepEqual(result.unread, {})
    assert(made.entries >= entries)
  }
})

test('an unchanged tree sends no file again', async () => {
  // What was touched within a second before it was read is read once more: its clock may not have ticked since.
  await laptop.backup(tree)
  const again = await laptop.backup(tree)
  assert.equal(again.readBytes, 0)
  // The time of the folder above changed when the fleet's own folders were made: one page of each level.
  assert(again.sentBytes < 64 * 1024, `${again.sentBytes} bytes were sent`)
})

test('what is not UTF-8 is taken as the shell gives it', async t => {
  if (process.platform !== 'linux') return t.skip('only Linux has such names')
  const listed = need(await fleet.admin('ls', laptop.id, tree, '--recursive')).out.split('\n')
  const shown = listed.map(line => line.slice(line.indexOf(tree)))
  const path = shown.find(path => /\\x[89a-f]/.test(path) && !/\\(?!x[89a-f])/.test(path))
  assert.ok(path !== undefined)
  const octal = path.replace(/\\x(..)/g, (_, digits) => `\\0${Number.parseInt(digits, 16).toString(8)}`)
  const shell = 'path=$(printf %b "$1"); shift; exec "$@" "$path"'
  const words = ['ls', '--state', laptop.state]
  const ran = await start(['sh', '-c', shell, 'sh', octal, ...wordsOf('agent')], words).ended
  // Whether it is a folder or a file, it is found.
  assert.equal(ran.code, 0, ran.err)
})

test('the folder and its laptop are lost, and IT gives it back: equal in everything', async () => {
  // The truth is moved away, which changes nothing in it; the device is gone with its keys.
  renameSync(tree, truth)
  renameSync(laptop.state, fleet.path('stolen'))
  const asRoot = isRoot ? ['--as-root'] : []
  const ran = await fleet.admin('restore', 'laptop', tree, '--to', tree, '--json', ...asRoot)
  const { leftOut, counts, damagedCount } = jsonOf<RestoreResult>(need(ran, ...(isRoot ? [0] : [0, 3])))
  if (isRoot) assert.deepEqual([leftOut, counts], [0, {}])
  assert.equal(damagedCount, 0)
  const differences = await compareTrees(truth, tree)
  // Without root, what lies in closed files can be neither backed up nor compared.
  assert.deepEqual(
    differences.filter(difference => isRoot || difference.kind !== 'unreadable'),
    [],
  )
})

test('what nobody can type is restored by the path that the list shows', async () => {
  const listed = need(await fleet.admin('ls', laptop.id, tree, '--recursive')).out.split('\n')
  const shown = listed.map(line => line.slice(line.indexOf(tree))).filter(path => /\\[xu][0-9a-f]/.test(path))
  assert.ok(shown.length > 10)
  for (const [index, path] of shown.slice(0, 6).entries()) {
    const to = fleet.path(`shown-${index}`)
    const ran = need(await fleet.admin('restore', laptop.id, path, '--to', to, '--json'), 0, 3)
    const { written, leftOut } = jsonOf<RestoreResult>(ran)
    assert.ok(written + leftOut > 0, path)
  }
})

test('a restore without --as-root leaves out what could harm, and lists it by name', async t => {
  if (!isRoot) return t.skip('the tree has such entries only when root made it')
  const to = fleet.path('harmless')
  const ran = need(await fleet.admin('restore', laptop.id, tree, '--to', to, '--json'))
  const { issues, counts, leftOut } = jsonOf<RestoreResult>(ran)
  const listed = (what: string) => issues.filter(issue => issue.what === what).map(issue => issue.path)
  assert(listed('set_id').includes('modes/file-4755'))
  assert.equal(lstatSync(join(to, 'modes/file-4755')).mode & 0o7777, 0o755)
  assert(listed('needs_root').includes('special/null'))
  assert(!existsSync(join(to, 'special/null')))
  const capable = issues.find(issue => issue.path === 'attributes/capable')
  assert.deepEqual([capable?.what, capable?.detail?.split(':')[0]], ['attribute', 'security.capability'])
  assert.equal(leftOut, counts.needs_root)
  // Everything that is not the same is in the list, and all else is the same.
  const paths = new Set(issues.map(issue => issue.path))
  const unlisted = (await compareTrees(truth, to, { top: false })).filter(
    ({ path }) => !paths.has(plain(path)),
  )
  assert.deepEqual(unlisted, [])
})

/** Paths of a comparison are written as in a URL. */
function plain(path: string): string {
  return path.replaceAll('%20', ' ')
}
