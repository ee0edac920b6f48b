/**
 * The collector's log: everything that changed what is protected, who may read it or who said so, in one order that nobody
 * can change afterwards without a witness seeing it (proto/log/witness.ts). Its entries are
 *
 *     commits and signed records   taken from the catalog a moment after they are durable, each exactly once: a crash
 *                                  leaves no gap (`run`)
 *     what people did              noted by whoever let them (`note`)
 *
 * Many at once are one transaction. A checkpoint is signed when somebody asks, over what would survive a power cut.
 */
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure, isFailure } from '@backstay/proto/failure'
import { type Checkpoint, signCheckpoint, verifyCheckpoint } from '@backstay/proto/log/checkpoint'
import type { LogEntry } from '@backstay/proto/log/entry'
import { rootOf } from '@backstay/proto/log/merkle'
import { consistencyProof, type HashAt, inclusionProof } from '@backstay/proto/log/proof'
import type { ForkKind, ShownLog } from '@backstay/proto/log/witness'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import {
  type LogQuery,
  logEntries,
  markRecordsLogged,
  markSnapshotsLogged,
  type NumberedEntry,
  unloggedRecords,
  unloggedSnapshots,
} from '../catalog/log-entries.ts'
import { oneAtATime } from '../catalog/one-at-a-time.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Log } from '../log.ts'
import type { Audit } from './audit.ts'
import { logTree } from './log-tree.ts'
import { commitEntry, recordEntry } from './stored-entries.ts'

export interface CollectorLog extends Audit {
  readonly name: string
  /** Enters what became durable, until it is aborted. */
  run(signal: AbortSignal): Promise<void>
  /** Enters what is durable now; returns how much that was. */
  follow(): Promise<number>
  /** Told of entries when they are in the log. A listener must not throw. */
  heard(listener: (entries: readonly LogEntry[]) => void): Disposable
  /** For a witness that holds `held`. Undefined: no fleet was founded. */
  shown(held: Bytes | undefined): Promise<ShownLog | undefined>
  /** Throws `not_founded`. */
  checkpoint(): Promise<Checkpoint>
  /** Both throw `bad_range` when the log has no such entries. */
  consistency(from: number, to: number): Promise<Bytes[]>
  inclusion(number: number, size: number): Promise<Bytes[]>
  /** Newest first. */
  entries(query: LogQuery): Promise<NumberedEntry[]>
  /** A witness held our own signature under a log that this is not: this collector was put back, or another has its key. */
  readonly fork: SeenFork | undefined
}

export interface SeenFork {
  readonly kind: ForkKind
  readonly sinceMs: number
}

export interface CollectorLogOptions {
  readonly p: Primitives
  readonly sql: Sql
  readonly clock: Clock
  /** The collector's own. */
  readonly key: SigningKey
  /** Undefined until it was founded. */
  readonly fleet: () => FleetId | undefined
  readonly log: Log
}

/** A commit is in the log so much later at most. */
const followMs = 2_000
/** Of one transaction. */
const batchRows = 500
/** A thousand devices that come back together share a few signatures and syncs. */
const checkpointAgeMs = 5_000
/** Notes before a fleet was founded; nobody can do more than try the set-up code then. */
const waitingMax = 1_000

interface Waiting {
  readonly entry: LogEntry
  settle(error?: unknown): void
}

export function openCollectorLog({ p, sql, clock, key, fleet, log }: CollectorLogOptions): CollectorLog {
  const inTurn = oneAtATime()
  const tree = logTree(p, sql)
  const listeners = new Set<(entries: readonly LogEntry[]) => void>()
  const tell = (entries: readonly LogEntry[]) => {
    for (const listener of listeners) listener(entries)
  }
  let waiting: Waiting[] = []
  let signed: { readonly checkpoint: Checkpoint; readonly atMs: number } | undefined
  let fork: SeenFork | undefined

  function required(): FleetId {
    const own = fleet()
    if (own !== undefined) return own
    throw new Failure('not_founded', 'this collector serves no fleet yet', { hint: 'run: backstay init' })
  }

  const hashAt: HashAt = (level, place) => tree.hashAt(required(), level, place)

  async function writeWaiting(): Promise<void> {
    const own = fleet()
    const batch = waiting
    if (own === undefined || batch.length === 0) return
    waiting = []
    try {
      await tree.write(
        own,
        batch.map(({ entry }) => entry),
      )
      await sql.sync()
      for (const one of batch) one.settle()
      tell(batch.map(({ entry }) => entry))
    } catch (error) {
      for (const one of batch) one.settle(error)
    }
  }

  async function followBatch(own: FleetId): Promise<number> {
    const snapshots = await unloggedSnapshots(sql, own, batchRows)
    const records = await unloggedRecords(sql, own, batchRows)
    if (snapshots.length + records.length === 0) return 0
    const told = await Promise.all(records.map(record => recordEntry(p, record)))
    const entries = [...snapshots.map(commitEntry), ...told.flatMap(entry => entry ?? [])].sort(
      (a, b) => a.atMs - b.atMs,
    )
    await tree.write(own, entries, async tx => {
      await markSnapshotsLogged(tx, own, snapshots)
      await markRecordsLogged(tx, records)
    })
    tell(entries)
    return snapshots.length + records.length
  }

  async function follow(): Promise<number> {
    let count = 0
    for (;;) {
      const own = fleet()
      const more = own === undefined ? 0 : await inTurn(() => followBatch(own))
      count += more
      if (more === 0) break
    }
    await inTurn(writeWaiting)
    return count
  }

  async function makeCheckpoint(): Promise<Checkpoint> {
    const own = required()
    const frontier = await tree.frontier(own)
    const isFresh = signed !== undefined && clock.monotonic() - signed.atMs < checkpointAgeMs
    if (signed !== undefined && (isFresh || signed.checkpoint.size === frontier.size))
      return signed.checkpoint
    // What a witness saw must never be forgotten by a power cut.
    await sql.sync()
    const head = { size: frontier.size, root: await rootOf(p, frontier) }
    signed = { checkpoint: await signCheckpoint(p, own, head, key), atMs: clock.monotonic() }
    return signed.checkpoint
  }

  /** What a witness holds with our signature is what this log was. */
  async function compare(held: Checkpoint, now: Checkpoint): Promise<void> {
    const kind = held.size > now.size ? 'log_rolled_back' : 'log_rewritten'
    if (
      held.size <= now.size &&
      equalBytes(held.root, await rootOf(p, await tree.frontierAt(required(), held.size)))
    )
      return
    if (fork !== undefined) return
    fork = { kind, sinceMs: clock.now() }
    log.error(
      { kind, seen: held.size, held: now.size },
      'this log is not the one that a witness saw: the collector was put back from a copy, or another one has its key',
    )
    const detail = { kind, seen: held.size, held: now.size }
    await self.note({ actor: 'collector', action: 'log-fork-seen', detail }).catch(() => undefined)
  }

  /** Our own word only: what others signed binds nobody. */
  async function ours(note: Bytes, own: FleetId): Promise<Checkpoint | undefined> {
    try {
      return await verifyCheckpoint(p, note, { fleet: own, keys: [key.publicKey] })
    } catch (error) {
      if (isFailure(error)) return undefined
      throw error
    }
  }

  const self: CollectorLog = {
    name: 'log',
    follow,
    async run(signal) {
      for (;;) {
        await follow().catch(error => log.warn({ error }, 'log not written; it is tried again'))
        await clock.sleep(followMs, signal)
      }
    },
    async note(entry) {
      const settled = Promise.withResolvers<void>()
      const settle = (error?: unknown) => (error === undefined ? settled.resolve() : settled.reject(error))
      waiting.push({ entry: { ...entry, atMs: clock.now() }, settle })
      if (fleet() === undefined) {
        // There is no log yet; it begins with these.
        waiting = waiting.slice(-waitingMax)
        settle()
      } else await inTurn(writeWaiting)
      return settled.promise
    },
    heard(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    async shown(heldNote) {
      const own = fleet()
      if (own === undefined) return undefined
      const held = heldNote && (await ours(heldNote, own))
      const checkpoint = await inTurn(makeCheckpoint)
      if (held === undefined) return { checkpoint: checkpoint.note, proof: [] }
      await compare(held, checkpoint)
      const proof = held.size <= checkpoint.size ? await self.consistency(held.size, checkpoint.size) : []
      return { checkpoint: checkpoint.note, proof }
    },
    checkpoint: () => inTurn(makeCheckpoint),
    async consistency(from, to) {
      requireRange(Number.isSafeInteger(from) && Number.isSafeInteger(to) && 0 <= from && from <= to)
      return consistencyProof(p, hashAt, from, to)
    },
    async inclusion(number, size) {
      requireRange(Number.isSafeInteger(number) && Number.isSafeInteger(size) && 0 <= number && number < size)
      requireRange(size <= (await inTurn(() => tree.frontier(required()))).size)
      return inclusionProof(p, hashAt, number, size)
    },
    entries: query => logEntries(sql, required(), query),
    get fork() {
      return fork
    },
  }
  return self
}

function requireRange(holds: boolean): void {
  if (!holds) throw new Failure('bad_range', 'the log has no such entries')
}
