/** A vault whose laptop has snapshots that are old enough to go. */
import type { ObjectId } from '@backstay/proto/object/id'
import { listSnapshots } from '../catalog/snapshots.ts'
import type { SeededRandom } from '../packs/seeded-random.ts'
import { backUpNext, dayMs, putPolicy, shortRetention } from './collecting.ts'
import { type SampleTree, sampleTree } from './sample-objects.ts'
import {
  countReadable,
  enrol,
  laptop,
  type SampleVault,
  sampleFleet,
  sampleVault,
  server,
} from './sample-vault.ts'

export interface OldVault {
  readonly vault: SampleVault
  readonly trees: readonly SampleTree[]
  readonly commits: readonly ObjectId[]
}

/** Six daily snapshots of the laptop and one of the server, a hundred days ago. */
export async function oldVault(random: SeededRandom, retention = shortRetention): Promise<OldVault> {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop, server)
  await putPolicy(vault.ingest, retention)
  const trees: SampleTree[] = []
  const commits: ObjectId[] = []
  for (let day = 0; day < 6; day++) {
    const tree = await sampleTree(random, { bodyBytes: 1000 })
    trees.push(tree)
    commits.push(await backUpNext(vault.ingest, vault.sql, laptop, tree))
    vault.clock.nowMs += dayMs
  }
  await backUpNext(vault.ingest, vault.sql, server, await sampleTree(random))
  vault.clock.nowMs += 100 * dayMs
  return { vault, trees, commits }
}

/** Snapshots of the laptop, the oldest first. */
export const listed = async (sql: SampleVault['sql']) =>
  (await listSnapshots(sql, sampleFleet.trust.fleet, laptop.id)).map(row => row.id).toReversed()

/** How many of the objects of each tree can be read. */
export async function readable({ vault, trees }: OldVault): Promise<number[]> {
  const counts: number[] = []
  for (const tree of trees) counts.push(await countReadable(vault.retrieve, laptop, tree.objects))
  return counts
}
