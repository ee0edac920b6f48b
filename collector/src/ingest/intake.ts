/** From an admitted object to a durable one that the catalog knows. */
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { ObjectId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { clearDamage } from '../catalog/damage.ts'
import { addObjects, markWhole, type ObjectRow } from '../catalog/objects.ts'
import { savePack } from '../catalog/packs.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Domain } from '../catalog/vaults.ts'
import { groupCommit, type Placement, type Written } from '../packs/group-commit.ts'
import type { Frame } from '../packs/open-pack.ts'
import type { PackStore } from '../packs/pack-store.ts'
import type { RetentionClock } from '../upkeep/retention-clock.ts'
import { catalogWriter } from './catalog-writer.ts'
import type { IngestLimits } from './limits.ts'
import { type Note, writeNote } from './note.ts'
import { type Pending, pending } from './pending.ts'

export interface IntakeOptions {
  readonly p: Primitives
  readonly store: PackStore
  readonly sql: Sql
  readonly clock: Clock
  readonly vault: number
  readonly limits: IngestLimits
  readonly retention: Pick<RetentionClock, 'now'>
  /** Nothing is lost, but somebody should look. */
  readonly onTrouble: (error: unknown, pack?: string) => void
}

export interface Intake {
  readonly pending: Pending
  /** Throws `catalog_unavailable` when the catalog has failed for too long. */
  place(frame: Frame, after: readonly Placement[], note?: Note): Placement
  /** An object that lies in a pack already, and everything below it is durable now. */
  complete(domain: Domain, id: ObjectId, row: ObjectRow, note?: Note): void
  /** Resolves when all that this domain has on its way is durable or failed, and the catalog knows it. */
  quiet(domain: Domain): Promise<void>
  /** Resolves when the catalog knows everything durable; rejects when it fails now. */
  written(): Promise<void>
  /** Seals packs that nothing was added to for long. */
  sealOld(): Promise<void>
  /** Waits for what is on its way, seals the packs. */
  close(): Promise<void>
}

interface Mark {
  readonly forget: () => void
  readonly note: Note | undefined
}

export function intake(options: IntakeOptions): Intake {
  const { sql, clock, vault, limits, retention, onTrouble } = options
  const known = pending(sql, vault)
  const marks = new Map<string, Mark>()
  const flying = new Map<Domain, Set<Placement>>()
  const writer = catalogWriter(sql, clock, onTrouble)
  const commit = groupCommit({ ...options, onDurable, onSealed })

  const now = () => ({ receivedAtMs: clock.now(), heldSinceMs: retention.now() })

  /** Of what a domain has on its way. */
  function track(domain: Domain, placement: Placement): void {
    const own = flying.get(domain) ?? new Set()
    flying.set(domain, own.add(placement))
    const landed = () => {
      own.delete(placement)
      if (own.size === 0 && flying.get(domain) === own) flying.delete(domain)
    }
    placement.durable.then(landed, landed)
  }

  function onDurable({ name, bytes, objects }: Written): void {
    const when = now()
    const own = objects.map(({ domain, id }) => marks.get(domain + id))
    for (const { domain, id } of objects) marks.delete(domain + id)
    writer.add({
      rows: objects.length,
      async apply(tx) {
        const row = { name, bytes, indexedBytes: bytes, state: 'open' } as const
        const pack = await savePack(tx, vault, row, when.heldSinceMs)
        await clearDamage(tx, vault, objects)
        await addObjects(
          tx,
          vault,
          pack,
          objects.map(object => ({ ...object, whole: true, bornMs: when.heldSinceMs })),
        )
        for (const mark of own) if (mark?.note) await writeNote(tx, vault, mark.note, when)
      },
      done: () => {
        for (const mark of own) mark?.forget()
      },
    })
  }

  function onSealed({ name, bytes }: { readonly name: string; readonly bytes: number }): void {
    writer.add({
      rows: 1,
      apply: async tx =>
        void (await savePack(tx, vault, { name, bytes, indexedBytes: bytes, state: 'sealed' })),
      done: () => undefined,
    })
  }

  return {
    pending: known,
    place(frame, after, note) {
      if (writer.backlog >= limits.backlogMax) {
        throw new Failure('catalog_unavailable', 'the catalog has failed for too long', { remedy: 'retry' })
      }
      const key = frame.domain + frame.id
      const placement = commit.add(frame, after)
      track(frame.domain, placement)
      const mark = { note, forget: known.put(frame.domain, frame.id, { state: 'coming', placement }) }
      marks.set(key, mark)
      placement.durable.catch(() => {
        mark.forget()
        if (marks.get(key) === mark) marks.delete(key)
      })
      return placement
    },
    complete(domain, id, row, note) {
      const when = now()
      const forget = known.put(domain, id, { state: 'stored', row: { ...row, whole: true } })
      writer.add({
        rows: 1,
        async apply(tx) {
          await markWhole(tx, vault, domain, [id])
          if (note !== undefined) await writeNote(tx, vault, note, when)
        },
        done: forget,
      })
    },
    async quiet(domain) {
      await Promise.allSettled([...(flying.get(domain) ?? [])].map(one => one.durable))
      await writer.written()
    },
    written: () => writer.written(),
    sealOld: () => commit.sealOld(),
    async close() {
      await commit.close()
      await writer.close()
    },
  }
}
