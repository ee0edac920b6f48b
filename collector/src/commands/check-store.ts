import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { Command } from 'commander'
import { bytesText } from '../amounts.ts'
import { filesystemPackStore } from '../packs/filesystem.ts'
import { packStoreConformance } from '../packs/pack-store.conformance.ts'
import { openExistingFolder } from './existing-folder.ts'
import { type Flags, readSettings, withSettings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

interface Kept {
  readonly promise: string
  readonly kept: boolean
  readonly why?: string
}

export function checkStoreCommand(around: Surroundings): Command {
  const command = new Command('check-store')
    .description('try on the disk of the data folder what the collector relies on')
    .option('--json', 'print the results as JSON')
  return withSettings(command, ['data']).action((flags: Flags) => checkStore(flags, around))
}

async function checkStore(flags: Flags, around: Surroundings): Promise<void> {
  const { data } = readSettings(flags, around.environment)
  using folder = await openExistingFolder(data)
  // Beside the packs, on the same disk, where no start would take it for a pack.
  const scratch = join(folder.path, `check-store-${hex(p.random(8))}`)
  const results: Kept[] = []
  try {
    for (const [index, { name, run }] of packStoreConformance.entries()) {
      around.signal.throwIfAborted()
      let store = 0
      const make = async () => {
        const root = join(scratch, `${index}-${++store}`)
        await mkdir(root, { recursive: true, mode: 0o700 })
        return { store: filesystemPackStore(root) }
      }
      results.push(await attempt(name, () => run(make)))
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  const freeBytes = await filesystemPackStore(folder.packs).freeBytes()
  around.print(flags.json === true ? JSON.stringify({ results, freeBytes }) : reportText(results, freeBytes))
  const broken = results.filter(result => !result.kept)
  if (broken.length === 0) return
  throw new Failure('store_unfit', `this disk breaks ${broken.length} of ${results.length} promises`, {
    hint: 'keep the data folder on a local disk with a file system of its own',
  })
}

async function attempt(promise: string, run: () => Promise<void>): Promise<Kept> {
  try {
    await run()
    return { promise, kept: true }
  } catch (error) {
    return { promise, kept: false, why: error instanceof Error ? error.message : String(error) }
  }
}

function reportText(results: readonly Kept[], freeBytes: number): string {
  const lines = results.map(({ promise, kept, why }) =>
    kept ? `ok      ${promise}` : `broken  ${promise}: ${why}`,
  )
  return [...lines, `${bytesText(freeBytes)} are free`].join('\n')
}
