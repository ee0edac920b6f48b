/** Two devices enrol and back up: what crash and fault tests run, and what must be there afterwards. */
import { equal, ok } from 'node:assert/strict'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import type { TestDevice } from '@backstay/proto/trust/testing/fleet'
import { deviceById } from '../catalog/devices.ts'
import { listSnapshots } from '../catalog/snapshots.ts'
import type { Sql } from '../catalog/sql.ts'
import { readPackEnd } from '../packs/pack-index.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import type { Vault } from '../upkeep/open-vault.ts'
import { type SampleObject, sampleCommit, sampleEscrow, sampleTree } from './sample-objects.ts'
import { countReadable, laptop, sampleFleet, server } from './sample-vault.ts'

export interface Backup {
  readonly device: TestDevice
  readonly objects: readonly SampleObject[]
  readonly commit: SampleObject
}

const random = seededRandom(7)
const trees = [
  await sampleTree(random),
  await sampleTree(random, { leaves: 1 }),
  await sampleTree(random),
] as const
const first = await sampleCommit(sampleFleet, laptop, trees[0].root)
const second = { sequence: 2, previous: first.id }

const records: readonly (readonly ['fleet' | TestDevice, Uint8Array])[] = [
  ['fleet', sampleFleet.trust.envelope],
  ['fleet', laptop.grantEnvelope],
  ['fleet', server.grantEnvelope],
  [laptop, laptop.certificateEnvelope],
  [server, server.certificateEnvelope],
  [laptop, await sampleEscrow(sampleFleet, laptop)],
  [server, await sampleEscrow(sampleFleet, server)],
]

export const backups: readonly Backup[] = [
  { device: laptop, objects: trees[0].objects, commit: first },
  {
    device: server,
    objects: trees[1].objects,
    commit: await sampleCommit(sampleFleet, server, trees[1].root),
  },
  {
    device: laptop,
    objects: trees[2].objects,
    commit: await sampleCommit(sampleFleet, laptop, trees[2].root, second),
  },
]

/** What the collector has answered for. */
export interface Acknowledged {
  readonly objects: { readonly device: TestDevice; readonly id: ObjectId; readonly stored: Sealed }[]
  readonly commits: ObjectId[]
  readonly devices: Set<TestDevice>
}

export function nothingAcknowledged(): Acknowledged {
  return { objects: [], commits: [], devices: new Set() }
}

/** What was answered before an error is in `acknowledged`, whatever is thrown. */
export async function runBackups(
  { ingest }: Pick<Vault, 'ingest'>,
  acknowledged: Acknowledged,
  beforeEach = () => {},
): Promise<void> {
  for (const [owner, envelope] of records) {
    await ingest.putRecord(owner === 'fleet' ? owner : owner.id, envelope)
    if (owner !== 'fleet') acknowledged.devices.add(owner)
  }
  for (const { device, objects, commit } of backups) {
    beforeEach()
    const put = async ({ id, stored }: SampleObject) => {
      equal(await ingest.put(device.id, stored), id)
      acknowledged.objects.push({ device, id, stored })
    }
    const publish = async () => {
      const { id } = await ingest.publish(device.id, commit.stored)
      acknowledged.commits.push(id)
      acknowledged.objects.push({ device, id, stored: commit.stored })
    }
    // Everything at once and the segments twice: neither order nor haste may matter.
    const twice = objects.filter(object => object.children.length === 0)
    const answers = await Promise.allSettled([...[...objects, ...twice].map(put), publish()])
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  }
}

/** Everything acknowledged is there; every snapshot is there whole or not at all. */
export async function requireKept(vault: Vault, sql: Sql, acknowledged: Acknowledged): Promise<void> {
  const fleet = sampleFleet.trust.fleet
  for (const { device, objects, commit } of backups) {
    const mine = acknowledged.objects
      .filter(one => one.device === device)
      .map(one => ({ ...one, children: [] }))
    const distinct = new Set(mine.map(one => one.id)).size
    equal(await countReadable(vault.retrieve, device, mine), distinct, 'an acknowledged object is lost')
    const listed = (await listSnapshots(sql, fleet, device.id)).some(row => row.id === commit.id)
    if (acknowledged.commits.includes(commit.id)) ok(listed, 'an acknowledged commit is not listed')
    if (listed) equal(await countReadable(vault.retrieve, device, objects), objects.length, 'half a snapshot')
  }
  for (const device of acknowledged.devices)
    ok(await deviceById(sql, fleet, device.id), 'a device is forgotten')
}

/** Runs all backups again, which must succeed whatever happened before, and then everything is there. */
export async function requireGoesOn(vault: Vault, sql: Sql): Promise<void> {
  const acknowledged = nothingAcknowledged()
  await runBackups(vault, acknowledged)
  equal(acknowledged.commits.length, backups.length)
  await requireKept(vault, sql, acknowledged)
}

export async function requireAllSealed(store: PackStore): Promise<void> {
  for await (const { name, bytes } of store.list()) {
    equal((await readPackEnd(p, store, name, bytes)).state, 'sealed', `pack ${name} is not sealed`)
  }
}
