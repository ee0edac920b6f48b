/** Makes an awkward tree, restores it beside itself without rights, and prints what differs and what was listed. */
import { argv } from 'node:process'
import { utf8 } from '@backstay/proto/bytes'
import { makeAwkwardTree } from '../../../../scripts/testing/awkward-tree.ts'
import { compareTrees, printable } from '../../../../scripts/testing/compare-trees.ts'
import { copyTree } from '../../../../scripts/testing/copy-tree.ts'
import { loadSystem } from '../../system/load.ts'
import { openTarget } from '../target.ts'

const [, , parent, seed] = argv
const [from, to] = [`${parent}/from`, `${parent}/to`]
await makeAwkwardTree(from, { seed: Number(seed), entries: 3000, root: false })
const system = await loadSystem()
using target = openTarget(system, utf8(to), { asRoot: false, ownership: true, conflict: 'suffix' })
await copyTree(system, from, target)
const report = target.finish()
const differences = await compareTrees(from, to)
console.log(
  JSON.stringify({
    differences: differences.map(({ path, kind }) => [path, kind]),
    listed: report.issues.map(issue => issue.path.map(printable).join('/')),
    counts: report.counts,
  }),
)
