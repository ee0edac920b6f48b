/**
 * What agent and admin see of a collector: a session that was proved to both sides (connect.ts). Everything is
 * pipelined; who awaits is slowed down to what the other side takes. When the link dies, everything under way fails
 * with `link_cut` and the caller connects again (backoff.ts): a session is never mended.
 *
 *     await using session = await connectDevice(…)
 *     const missing = await session.missing(ids)
 *     for (const id of missing) await session.put(id, await stored(id))   // resolves when there is room, not when stored
 *     await session.publish(commit)                                       // after all of it is durable
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { ShownLog } from '@backstay/proto/log/witness'
import type { DeviceId, ObjectId, Sealed } from '@backstay/proto/object/id'
import type { PayloadKind } from '@backstay/proto/trust/envelope'
import { bitAt } from '@backstay/proto/wire/bits'
import type { DeviceRow, JobProgress, NextRatchet, ObeyedOrders } from '@backstay/proto/wire/frame'
import { haveIdsMax } from '@backstay/proto/wire/limits'
import type { Connection } from '@backstay/proto/wire/transport'
import { conversation, type SessionStats } from './conversation.ts'
import { getObjects } from './get-objects.ts'
import type { Greeted } from './greeting.ts'
import {
  listDevices,
  listRecords,
  listSnapshots,
  type RecordRow,
  type SnapshotOptions,
  type SnapshotRow,
} from './listing.ts'
import { type InFlight, putQueue } from './put-queue.ts'

export type { DeviceRow } from '@backstay/proto/wire/frame'
export type { SessionStats } from './conversation.ts'
export type { RecordRow, SnapshotOptions, SnapshotRow } from './listing.ts'

export interface Welcome {
  /** Envelopes of the Trust versions above ours, in order. Not verified yet. */
  readonly trust: readonly Bytes[]
  /** Envelopes of the orders about policy that concern this device. Not verified yet. */
  readonly orders: readonly Bytes[]
  /** What the collector holds as our newest commit; 0 = none. */
  readonly headSequence: number
  readonly head: ObjectId | undefined
  /** The collector's clock, unix milliseconds. */
  readonly nowMs: number
  /** To be kept and shown next time. */
  readonly nextRatchet: NextRatchet | undefined
  /** That the collector proved to hold. */
  readonly collectorKey: Bytes
  /** To a witness. Not verified yet. */
  readonly log: ShownLog | undefined
}

export interface GotObject {
  readonly id: ObjectId
  /** Undefined: not held, or damaged. Not compared with the id; opening it does that. */
  readonly stored: Sealed | undefined
}

/** The newest commit that the collector holds of this device. */
export interface NewestCommit {
  /** 0: none. */
  readonly sequence: number
  readonly id: ObjectId | undefined
}

export interface Session extends AsyncDisposable {
  readonly welcome: Welcome
  /** From the welcome on, with each commit that was published here. */
  readonly newest: NewestCommit
  /** Of these ids, those the collector does not hold for this device. Splits long lists. */
  missing(ids: readonly ObjectId[], signal?: AbortSignal): Promise<Set<ObjectId>>
  /**
   * Resolves as soon as the window has room; objects arrive in the order of the calls. A refusal rejects this or a later
   * call, until `flush` has reported it. `stored` is the session's from then on: its memory is freed when it was sent.
   */
  put(id: ObjectId, stored: Sealed, signal?: AbortSignal): Promise<void>
  /**
   * Resolves when everything put so far is durable at the collector. Throws the first refusal (`refusedId` in
   * proto/wire/refusal names the object), after which the session may go on.
   */
  flush(signal?: AbortSignal): Promise<void>
  /** In the order of `ids`, pipelined, within bounded memory. Of another device for admins with role restore, and for whom a signed job gives it back. */
  get(ids: Iterable<ObjectId>, device?: DeviceId, signal?: AbortSignal): AsyncIterable<GotObject>
  /** Flushes first. */
  publish(
    record: Sealed,
    signal?: AbortSignal,
  ): Promise<{ readonly id: ObjectId; readonly receivedAtMs: number }>
  putRecord(envelope: Bytes, signal?: AbortSignal): Promise<ObjectId>
  /** Returns when the collector received it, by its clock. */
  heartbeat(envelope: Bytes, signal?: AbortSignal): Promise<number>
  /** Resolves with `welcome.orders` anew whenever they changed; those of before that nobody took are gone. Not verified. */
  pushedOrders(signal?: AbortSignal): Promise<readonly Bytes[]>
  /** The same for jobs that this device has not reported on. */
  pushedJobs(signal?: AbortSignal): Promise<readonly Bytes[]>
  tellProgress(progress: Pick<JobProgress, 'job' | 'entries' | 'bytes'>, signal?: AbortSignal): Promise<void>
  /** What the collector last heard of a job that runs; not signed. */
  askProgress(device: DeviceId, job: Bytes, signal?: AbortSignal): Promise<JobProgress>
  /** That the log of `to` entries (0: the newest) grew from that of `from`. Throws `bad_range` when it has no such entries. */
  askLog(from: number, to: number, signal?: AbortSignal): Promise<ShownLog>
  /** Tells the collector which orders this device obeys. */
  obeyed(said: ObeyedOrders, signal?: AbortSignal): Promise<void>
  /** In the order they came in. Without a device: a device gets its own, an admin those of the fleet and of all devices. */
  listRecords(kind: PayloadKind, device?: DeviceId, signal?: AbortSignal): AsyncIterable<RecordRow>
  /** In order of device ids. */
  listDevices(signal?: AbortSignal): AsyncIterable<DeviceRow>
  /** Newest first: of one device by sequence, of all (at most 1,000) by the time they came in. */
  listSnapshots(
    device: DeviceId | undefined,
    options?: SnapshotOptions,
    signal?: AbortSignal,
  ): AsyncIterable<SnapshotRow>
  readonly stats: SessionStats
  readonly inFlight: InFlight
  /** Aborts when the session ends, with the failure that ended it. */
  readonly ended: AbortSignal
  close(): Promise<void>
}

/** Takes over a connection after the handshake. */
export function openSession(connection: Connection, { welcome: frame, collectorKey }: Greeted): Session {
  const talk = conversation(connection)
  const puts = putQueue(talk, frame)
  const { trust, orders, head, nowMs, nextRatchet, log } = frame
  const told = { trust, orders, nowMs, nextRatchet, collectorKey, log }
  let newest: NewestCommit = { sequence: head?.sequence ?? 0, id: head?.id }
  const close = async () => {
    connection.close('done')
    await talk.finished
  }
  return {
    welcome: { ...told, headSequence: head?.sequence ?? 0, head: head?.id },
    get newest() {
      return newest
    },
    stats: talk.stats,
    get inFlight() {
      return puts.inFlight
    },
    ended: talk.ended,
    async missing(ids, signal) {
      const parts: (readonly ObjectId[])[] = []
      for (let at = 0; at < ids.length; at += haveIdsMax) parts.push(ids.slice(at, at + haveIdsMax))
      const found = parts.map(async part => {
        const { bits } = await talk.ask({ kind: 'have', ids: part }, 'missing', signal)
        return part.filter((_, index) => bitAt(bits, index))
      })
      return new Set((await Promise.all(found)).flat())
    },
    put: puts.put,
    flush: puts.flush,
    get: (ids, device, signal) => getObjects(talk, ids, device, signal),
    async publish(stored, signal) {
      await puts.flush(signal)
      const { id, receivedAtMs } = await talk.ask({ kind: 'publish', stored }, 'published', signal)
      newest = { sequence: newest.sequence + 1, id }
      return { id, receivedAtMs }
    },
    async putRecord(envelope, signal) {
      return (await talk.ask({ kind: 'putRecord', envelope }, 'published', signal)).id
    },
    async heartbeat(envelope, signal) {
      return (await talk.ask({ kind: 'heartbeat', envelope }, 'heard', signal)).receivedAtMs
    },
    pushedOrders: signal => talk.pushed.orders.take(signal),
    pushedJobs: signal => talk.pushed.jobs.take(signal),
    async tellProgress(progress, signal) {
      await talk.ask({ kind: 'jobProgress', ...progress, heardAtMs: 0 }, 'done', signal)
    },
    askProgress: (device, job, signal) =>
      talk.ask({ kind: 'askProgress', device, job }, 'jobProgress', signal),
    askLog: (from, to, signal) => talk.ask({ kind: 'askLog', from, to }, 'logProof', signal),
    async obeyed(said, signal) {
      await talk.ask({ kind: 'obeyed', standing: said.standing, refused: said.refused }, 'done', signal)
    },
    listRecords: (kind, device, signal) => listRecords(talk, kind, device, signal),
    listDevices: signal => listDevices(talk, signal),
    listSnapshots: (device, options = {}, signal) => listSnapshots(talk, device, options, signal),
    close,
    [Symbol.asyncDispose]: close,
  }
}
