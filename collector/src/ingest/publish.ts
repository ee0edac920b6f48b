/** Publishing: the commit record is durable in a pack, then one transaction makes it the device's newest snapshot. */

import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import { type DeviceId, type FleetId, type ObjectId, objectId, type Sealed } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { Commit } from '@backstay/proto/trust/commit'
import { hasEscrow } from '../catalog/records.ts'
import { latestSnapshot, snapshotById } from '../catalog/snapshots.ts'
import type { Sql } from '../catalog/sql.ts'
import { writerOf } from '../catalog/writers.ts'
import type { Placement } from '../packs/group-commit.ts'
import { isAdmitted } from './admission.ts'
import { type CommitFlood, commitBucket } from './commit-bucket.ts'
import { type Head, readCommit, requireNext, requireOnly } from './commit-rules.ts'
import type { Intake } from './intake.ts'
import type { IngestLimits } from './limits.ts'
import { requireFleet, unknownDevice } from './record.ts'

export interface Published {
  readonly id: ObjectId
  /** Milliseconds since 1970 by the collector's clock. */
  readonly receivedAtMs: number
}

export interface PublishOptions {
  readonly p: Primitives
  readonly sql: Sql
  readonly clock: Clock
  readonly limits: IngestLimits
  readonly intake: Intake
}

export interface Publisher {
  publish(fleet: FleetId, device: DeviceId, stored: Sealed): Promise<Published>
  /** The head is to be read from the catalog again. */
  forget(device: DeviceId): void
  /** Devices that commit without end. */
  floods(): readonly CommitFlood[]
}

/** One device's commits must not be published side by side. */
export function publisher({ p, sql, clock, limits, intake }: PublishOptions): Publisher {
  const bucket = commitBucket(limits, () => clock.monotonic())
  // Published here but perhaps not in the catalog yet, when that fails.
  const heads = new Map<DeviceId, Head & { readonly receivedAtMs: number }>()

  async function headOf(fleet: FleetId, device: DeviceId): Promise<Head | undefined> {
    return heads.get(device) ?? (await latestSnapshot(sql, fleet, device))
  }

  /** Of what the commit names: all of it was put, and some may still be on its way to the disk. */
  async function placementsOf(device: DeviceId, { root, names }: Commit): Promise<Placement[]> {
    const ids = names === undefined ? [root] : [root, names]
    const found = await intake.pending.find(device, ids)
    return found.flatMap((known, index) => {
      if (!isAdmitted(known))
        throw new Failure('unknown_root', `root "${ids[index]}" was not put`, { remedy: 'repair' })
      return known?.state === 'coming' ? [known.placement] : []
    })
  }

  async function earlier(fleet: FleetId, device: DeviceId, id: ObjectId): Promise<Published | undefined> {
    const head = heads.get(device)
    if (head?.id === id) return { id, receivedAtMs: head.receivedAtMs }
    const row = await snapshotById(sql, fleet, device, id)
    return row?.published === true ? { id, receivedAtMs: row.receivedAtMs } : undefined
  }

  async function requireEscrow(commit: Commit): Promise<void> {
    if (await hasEscrow(sql, commit.fleet, commit.device, commit.epoch)) return
    throw new Failure('no_escrow', `the keys of epoch ${commit.epoch} are not escrowed`, { remedy: 'repair' })
  }

  return {
    forget: device => void heads.delete(device),
    floods: bucket.floods,
    async publish(fleet, device, stored) {
      const writer = await writerOf(sql, fleet, device, clock.now())
      if (writer === undefined) throw unknownDevice(device)
      const commit = await readCommit(p, stored, writer.key)
      requireFleet(fleet, commit.fleet)
      if (writer.kind === 'parcel') requireOnly(commit)
      const id = objectId(await p.sha256(stored))
      const known = await earlier(fleet, device, id)
      const [record] = await intake.pending.find(device, [id])
      if (known !== undefined && record !== undefined) return known
      if (known === undefined) {
        bucket.take(device)
        requireNext(commit, await headOf(fleet, device))
      }
      const children = await placementsOf(device, commit)
      await requireEscrow(commit)
      const note = { kind: 'commit', id, commit } as const
      if (record?.state === 'stored') {
        // A rebuild found it, but not yet all that it reaches.
        await Promise.all(children.map(one => one.durable))
        intake.complete(device, id, record.row, note)
      } else {
        const frame = { domain: device, id, type: 'record', stored } as const
        await intake.place(frame, children, note).durable
      }
      const receivedAtMs = known?.receivedAtMs ?? clock.now()
      if (known === undefined) heads.set(device, { id, sequence: commit.sequence, receivedAtMs })
      // It counts from here on: the pack has it, and a restart would publish it. The catalog follows when it can.
      await intake.written().catch(() => undefined)
      return { id, receivedAtMs }
    },
  }
}
