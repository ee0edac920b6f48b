/**
 * Makes a tree that backup programs stumble over; the same for the same seed.
 *
 *     node scripts/testing/awkward-tree.ts DIR --seed 7 --entries 10000
 */
import { mkdirSync } from 'node:fs'
import { argv, geteuid } from 'node:process'
import { parseArgs } from 'node:util'
import { loadSystem } from '@backstay/agent/system/load'
import { fromRoot, type Handle } from '@backstay/agent/system/system'
import { utf8 } from '@backstay/proto/bytes'
import { awkwardContents, sparseContents } from './awkward-tree/content.ts'
import { type Grove, grove as newGrove, type Summary } from './awkward-tree/grove.ts'
import { awkwardSymlinks, hardLinks, specialFiles } from './awkward-tree/links.ts'
import { awkwardNames } from './awkward-tree/names.ts'
import { awkwardAcls, awkwardAttributes, awkwardModes, awkwardOwners } from './awkward-tree/rights.ts'
import { deepFolders, emptyFolders, forest, manyChildren } from './awkward-tree/shapes.ts'
import { awkwardTimes } from './awkward-tree/times.ts'
import { seededRandom } from './random.ts'

export interface AwkwardTreeOptions {
  readonly seed: number
  /** About how many entries; at least some 1,800, which the fixed parts have. */
  readonly entries: number
  /** Whether to make what only root can: owners, devices, trusted and security attributes. */
  readonly root: boolean
}

/** Half of all entries, up to this many, stand in one folder. */
const childrenMax = 5_000

/** Makes the tree in a new or empty folder. What could not be made is listed in the summary. */
export async function makeAwkwardTree(path: string, options: AwkwardTreeOptions): Promise<Summary> {
  mkdirSync(path, { recursive: true })
  const system = await loadSystem()
  const top = system.openFolder(fromRoot, utf8(path))
  try {
    const grove = newGrove(system, seededRandom(options.seed), options.root)
    plant(grove, top, options.entries)
    awkwardTimes(grove, top)
    return grove.summary
  } finally {
    system.close(top)
  }
}

function plant(grove: Grove, top: Handle, entries: number): void {
  const parts: Readonly<Record<string, (grove: Grove, at: Handle) => void>> = {
    names: awkwardNames,
    contents: awkwardContents,
    sparse: sparseContents,
    modes: awkwardModes,
    attributes: awkwardAttributes,
    acls: awkwardAcls,
    symlinks: awkwardSymlinks,
    links: hardLinks,
    special: specialFiles,
    deep: deepFolders,
    empty: emptyFolders,
    ...(grove.asRoot ? { owners: awkwardOwners } : {}),
    wide: (grove, at) => manyChildren(grove, at, Math.min(childrenMax, Math.floor(entries / 2))),
  }
  for (const [name, part] of Object.entries(parts))
    grove.folder(top, utf8(name), folder => part(grove, folder))
  const missing = entries - grove.summary.entries
  if (missing > 0) grove.folder(top, utf8('forest'), folder => forest(grove, folder, missing - 1))
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: '1' }, entries: { type: 'string', default: '10000' } },
  })
  const [path] = positionals
  if (path === undefined) {
    console.error('usage: node scripts/testing/awkward-tree.ts DIR [--seed N] [--entries N]')
    process.exitCode = 2
    return
  }
  const options = { seed: Number(values.seed), entries: Number(values.entries), root: geteuid?.() === 0 }
  console.log(JSON.stringify(await makeAwkwardTree(path, options), undefined, 2))
}

if (import.meta.filename === argv[1]) await main()
