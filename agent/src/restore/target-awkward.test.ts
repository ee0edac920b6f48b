// SLOW=1: twice as many entries.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { makeAwkwardTree } from '../../../scripts/testing/awkward-tree.ts'
import { compareTrees } from '../../../scripts/testing/compare-trees.ts'
import { copyTree } from '../../../scripts/testing/copy-tree.ts'
import { temporaryFolder } from '../system/testing/temporary-folder.ts'
import { runUnprivileged } from '../system/testing/unprivileged.ts'
import { openTarget } from './target.ts'

const seed = Number(process.env.SEED ?? 1)

test('an awkward tree comes back equal, as root with everything', async t => {
  t.diagnostic(`SEED=${seed}`)
  using parent = await temporaryFolder()
  const { system } = parent
  if (system.effectiveUser() !== 0) return t.skip('needs root')
  const [from, to] = ['from', 'to'].map(name => join(parent.path, name)) as [string, string]
  const { entries } = await makeAwkwardTree(from, {
    seed,
    entries: process.env.SLOW === '1' ? 4000 : 2000,
    root: true,
  })
  const options = { asRoot: true, ownership: true, conflict: 'suffix' } as const
  using target = openTarget(system, utf8(to), options)
  await copyTree(system, from, target)
  const report = target.finish()
  assert.deepEqual(report.issues, [])
  assert.equal(report.written, entries + 1)
  assert.deepEqual(await compareTrees(from, to), [])
})

interface Copied {
  /** Paths of entries that differ, with how. */
  readonly differences: readonly (readonly [string, string])[]
  /** Paths of entries that the target listed. */
  readonly listed: readonly string[]
  readonly counts: Readonly<Record<string, number>>
}

test('without rights an awkward tree comes back equal but for what is listed', async t => {
  using parent = await temporaryFolder()
  const open = join(parent.path, 'open')
  mkdirSync(open)
  chmodSync(parent.path, 0o755)
  chmodSync(open, 0o777)
  const script = new URL('./testing/copy-awkward-tree.ts', import.meta.url)
  const { differences, listed, counts } = runUnprivileged(script, open, `${seed}`) as Copied
  t.diagnostic(JSON.stringify(counts))
  for (const [path, kind] of differences) {
    // A closed folder cannot be compared either; it is there, with its mode.
    if (kind === 'unreadable') continue
    assert(kind === 'mode' || kind === 'missing', `${path}: ${kind}`)
    assert(listed.includes(path), `${path} differs and is not listed`)
  }
  assert.deepEqual(Object.keys(counts).sort(), ['set_id', 'unread'])
})
