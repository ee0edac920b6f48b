/**
 * What comes in. One object's way:
 *
 *     put → its hash is its id → children admitted in this domain? → group commit: append, fsync → resolve
 *                                                                      ↘ catalog, a little later
 *
 * What resolved is never lost. A put that is known resolves at once; one that the catalog lists as damaged or missing is
 * not known any more, so putting it again heals it.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId, FleetId, ObjectId, Sealed } from '@backstay/proto/object/id'
import { leaseObjects } from '../catalog/leases.ts'
import type { Location } from '../catalog/objects.ts'
import { type Domain, fleetDomain, fleetOfVault } from '../catalog/vaults.ts'
import { isAdmitted, readObject, requireChildren } from './admission.ts'
import { budget } from './budget.ts'
import type { CommitFlood } from './commit-bucket.ts'
import { inOrderOf } from './in-order.ts'
import { type IntakeOptions, intake } from './intake.ts'
import { type Published, publisher } from './publish.ts'
import { readRecord } from './record.ts'

export interface Ingest {
  /** For each id whether it must be put. Only the device's own objects count; what is still on its way must be put. */
  missing(device: DeviceId, ids: readonly ObjectId[]): Promise<boolean[]>
  /**
   * Resolves when the object and all below it are durable. The calls of one device are admitted in their order, so a
   * parent may follow its children at once. Throws `bad_object`, `wrong_type`, `unknown_child`, `store_full`,
   * `too_much_in_flight`, `catalog_unavailable`.
   */
  put(device: DeviceId, stored: Sealed): Promise<ObjectId>
  /**
   * Resolves when the commit is the device's newest snapshot; publishing it again answers the same. Throws `bad_commit`,
   * `stale_head`, `unknown_root`, `no_escrow`, `too_many_commits`, `unknown_device`, `wrong_fleet`, `store_full`.
   */
  publish(device: DeviceId, stored: Sealed): Promise<Published>
  /**
   * Resolves when the signed envelope is durable and the catalog knows it; put it again when that failed. The caller has
   * verified who signed it. The first Trust document founds the vault's fleet. Throws what `readRecord` throws,
   * `store_full`, `catalog_unavailable`.
   */
  putRecord(domain: DeviceId | 'fleet', envelope: Bytes): Promise<ObjectId>
  /** Resolves when there is room for more; read no further from a socket before. */
  room(signal?: AbortSignal): Promise<void>
  /** Put, but not durable yet: how hard backups press now. */
  readonly bytesInFlight: number
  /** Where objects can be read, also those that the catalog does not know yet. */
  locate(domain: Domain, ids: readonly ObjectId[]): Promise<(Location | undefined)[]>
  /**
   * Runs `work` while nothing of a domain is admitted, and after the catalog knows all that was. Rejects when the
   * catalog fails now.
   */
  whileQuiet<T>(domain: Domain, work: () => Promise<T>): Promise<T>
  /** Resolves when the catalog knows everything that is durable; rejects when it fails now. */
  settled(): Promise<void>
  /** Devices that commit without end, as far as this process saw. */
  floods(): readonly CommitFlood[]
  /** Older commits of these devices became complete: what follows them is to be asked of the catalog. */
  forgetHeads(devices: readonly DeviceId[]): void
  /** Seals packs that nothing was added to for long, so that they can be read again and collected. */
  sealOld(): Promise<void>
  /** Refuses more, waits for what is on its way, seals the packs. */
  close(): Promise<void>
}

export interface IngestOptions extends IntakeOptions {
  /** Called after a commit; see upkeep/settle.ts. Returns the devices of which older commits became complete. */
  readonly afterPublish?: (device: DeviceId) => Promise<readonly DeviceId[]>
}

/** The catalog must have been replayed before (upkeep/replay.ts). */
export function openIngest(options: IngestOptions): Ingest {
  const { p, sql, vault, limits, onTrouble } = options
  const inOrder = inOrderOf<Domain>()
  const inFlight = budget(limits)
  const taken = intake(options)
  const commits = publisher({ ...options, intake: taken })
  let fleet: FleetId | undefined
  const active = new Set<Promise<unknown>>()
  let closed = false
  let mending: Promise<unknown> = Promise.resolve()

  async function knownFleet(): Promise<FleetId> {
    fleet ??= await fleetOfVault(sql, vault)
    if (fleet !== undefined) return fleet
    throw new Failure('not_founded', 'this collector serves no fleet yet', { hint: 'run: backstay init' })
  }

  /** Counts the bytes until the work is done. */
  async function counted<T>(domain: Domain, bytes: number, work: () => Promise<T>): Promise<T> {
    if (closed) throw new Failure('closed', 'the collector is closing', { remedy: 'retry' })
    inFlight.take(domain, bytes)
    const running = work()
    active.add(running)
    try {
      return await running
    } finally {
      active.delete(running)
      inFlight.give(domain, bytes)
    }
  }

  /** What is answered for may be relied on for a while. Which of them are still here. */
  function lease(device: DeviceId, ids: readonly ObjectId[]): Promise<boolean[]> {
    return leaseObjects(sql, vault, device, ids, options.retention.now())
  }

  async function admit(device: DeviceId, stored: Sealed) {
    const { id, header } = await readObject(p, stored)
    const [known] = await taken.pending.find(device, [id])
    if (known?.state === 'coming') return { id, durable: known.placement.durable }
    if (known?.state === 'stored' && known.row.whole && (await lease(device, [id]))[0] === true) {
      return { id, durable: undefined }
    }
    const after = await requireChildren(taken.pending, device, header)
    if (known === undefined) {
      const frame = { domain: device, id, type: header.type, stored }
      return { id, durable: taken.place(frame, after).durable }
    }
    // It lies in a pack, but until now something below it was missing.
    await Promise.all(after.map(child => child.durable))
    taken.complete(device, id, known.row)
    return { id, durable: undefined }
  }

  async function admitRecord(domain: Domain, envelope: Bytes): Promise<ObjectId> {
    fleet ??= await fleetOfVault(sql, vault)
    const { frame, note } = await readRecord(p, sql, { vault, fleet }, domain, envelope, options.clock.now())
    const [known] = await taken.pending.find(domain, [frame.id])
    if (known?.state === 'coming') await known.placement.durable
    if (known === undefined) await taken.place(frame, [], note).durable
    fleet ??= note.fleet
    return frame.id
  }

  async function mend(device: DeviceId): Promise<void> {
    const healed = (await options.afterPublish?.(device)) ?? []
    for (const one of healed) commits.forget(one)
  }

  return {
    async missing(device, ids) {
      const known = await taken.pending.find(device, ids)
      const held = ids.filter((_, index) => known[index]?.state === 'stored' && isAdmitted(known[index]))
      // In turn, or a collection could condemn between the answer and the lease.
      const leased = (held.length === 0 ? [] : await inOrder(device, () => lease(device, held))).values()
      return known.map(one => {
        if (one?.state === 'coming') return one.placement.state !== 'durable'
        return !isAdmitted(one) || leased.next().value !== true
      })
    },
    put: (device, stored) =>
      counted(device, stored.length, async () => {
        const { id, durable } = await inOrder(device, () => admit(device, stored))
        await durable
        return id
      }),
    publish: (device, stored) =>
      counted(device, stored.length, async () => {
        const published = await inOrder(device, async () =>
          commits.publish(await knownFleet(), device, stored),
        )
        mending = mending.then(() => mend(device)).catch(onTrouble)
        return published
      }),
    putRecord(owner, envelope) {
      const domain = owner === 'fleet' ? fleetDomain : owner
      return counted(domain, envelope.length, async () => {
        const id = await inOrder(domain, () => admitRecord(domain, envelope))
        // Facts about devices are asked of the catalog at once.
        await taken.written()
        return id
      })
    },
    room: signal => inFlight.room(signal),
    get bytesInFlight() {
      return inFlight.bytes
    },
    locate: (domain, ids) => taken.pending.locate(domain, ids),
    whileQuiet: (domain, work) =>
      inOrder(domain, async () => {
        await taken.quiet(domain)
        return work()
      }),
    settled: () => taken.written(),
    floods: commits.floods,
    forgetHeads(devices) {
      for (const device of devices) commits.forget(device)
    },
    sealOld: () => taken.sealOld(),
    async close() {
      closed = true
      await Promise.allSettled(active)
      await taken.close()
      await mending
    },
  }
}
