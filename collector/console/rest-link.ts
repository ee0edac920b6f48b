/**
 * What the key holder's code asks of a collector, over REST instead of the link: for pages, which cannot pin a key. Nothing
 * that comes is believed; envelopes and objects prove themselves.
 */
import { type Bytes, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId, ObjectId, Sealed } from '@backstay/proto/object/id'
import { decodeObjects, encodeIds } from '@backstay/proto/rest/object-stream'
import type { DeviceRecord, RecordItem } from '@backstay/proto/rest/records'
import type { DeviceRow } from '@backstay/proto/wire/frame'
import type { AdminLink, DeviceLister } from './connecting.ts'

/** `/api/v1`, with whatever proves who asks. Throws Failures with the codes of the answers. */
export interface Rest {
  get<T>(path: string, query?: Readonly<Record<string, string | number>>): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
  octets(path: string, body: Bytes, signal?: AbortSignal): AsyncIterable<Bytes>
}

export type RestLink = Pick<
  AdminLink,
  'listRecords' | 'listDevices' | 'listSnapshots' | 'get' | 'putRecord' | 'askProgress'
> &
  DeviceLister & { listTrust(): Promise<readonly Bytes[]> }

export interface RestLinkOptions {
  /** Resolves later; throws when `signal` is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Told when the collector is waited for, and when it is back. */
  readonly onWaiting?: (isWaiting: boolean) => void
}

const pageItems = 200
const commitsAtOnce = 100
/** Ids in one question: 16 MiB of answers, mostly. */
const idsAtOnce = 32
/** A collector that is started anew is back within seconds; a machine that is set up anew, within hours. */
const waitsMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000]
const patienceMs = 60 * 60_000

interface PageOf<T> {
  readonly items: readonly T[]
  readonly nextCursor?: string
}

export function restLink(rest: Rest, options: RestLinkOptions): RestLink {
  return {
    async listTrust() {
      const { items } = await rest.get<{ readonly items: readonly RecordItem[] }>('/trust')
      return items.map(one => bytesOf(one.envelope))
    },
    async *listRecords(kind, device) {
      const query = { kind, ...(device && { device }) }
      for await (const { id, envelope, receivedAtMs } of pages<RecordItem>('/records', query))
        yield { id: id as ObjectId, envelope: bytesOf(envelope), receivedAtMs }
    },
    async *listDevices() {
      for await (const row of pages<DeviceRecord>('/device-records', {})) yield deviceRow(row)
    },
    async *leanDevices(device) {
      const query = { lean: 'true', ...(device && { device }) }
      for await (const row of pages<DeviceRecord>('/device-records', query)) yield deviceRow(row)
    },
    async *listSnapshots(device, { limit = Number.POSITIVE_INFINITY, beforeSequence = 0 } = {}) {
      if (device === undefined) throw new Failure('bad_request', 'say of which device')
      let [left, before] = [limit, beforeSequence]
      while (left > 0) {
        const { items, nextBefore } = await rest.get<CommitsPage>(`/devices/${device}/commits`, {
          limit: Math.min(left, commitsAtOnce),
          ...(before > 0 && { before }),
        })
        for (const { id, stored, receivedAtMs } of items)
          yield { id: id as ObjectId, stored: bytesOf(stored) as Sealed, receivedAtMs }
        left -= items.length
        if (nextBefore === undefined || items.length === 0) return
        before = nextBefore
      }
    },
    async *get(ids, device, signal) {
      if (device === undefined) throw new Failure('bad_request', 'say of which device')
      const all = [...ids]
      // One question ahead of the one whose answers are being read.
      let next = all.length > 0 ? ask(device, all.slice(0, idsAtOnce), signal) : undefined
      for (let start = 0; start < all.length; start += idsAtOnce) {
        const answers = await (next as Promise<readonly (Sealed | undefined)[]>)
        const following = all.slice(start + idsAtOnce, start + 2 * idsAtOnce)
        next = following.length > 0 ? ask(device, following, signal) : undefined
        next?.catch(() => undefined)
        for (const [index, stored] of answers.entries()) yield { id: all[start + index] as ObjectId, stored }
      }
    },
    async putRecord(envelope) {
      const { id } = await rest.post<{ readonly id: string }>('/records', { envelope: envelope.toBase64() })
      return id as ObjectId
    },
    async askProgress(device, job) {
      const path = `/devices/${device}/jobs/${hex(job)}/progress`
      const {
        entries,
        bytes,
        heardAtMs = 0,
      } = await rest.get<{
        entries: number
        bytes: number
        heardAtMs?: number
      }>(path)
      return { kind: 'jobProgress', job, entries, bytes, heardAtMs }
    },
  }

  async function* pages<T>(path: string, query: Readonly<Record<string, string>>): AsyncGenerator<T> {
    const pageAt = (cursor?: string) =>
      rest.get<PageOf<T>>(path, { ...query, limit: pageItems, ...(cursor && { cursor }) })
    for (let next: Promise<PageOf<T>> | undefined = pageAt(); next !== undefined; ) {
      const { items, nextCursor }: PageOf<T> = await next
      // The next one comes while the signatures of this one are looked at.
      next = nextCursor === undefined ? undefined : pageAt(nextCursor)
      next?.catch(() => undefined)
      yield* items
    }
  }

  /** In the order of the ids. A collector that is away for a while is waited for: what it sent before is not asked again. */
  async function ask(
    device: DeviceId,
    ids: readonly ObjectId[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (Sealed | undefined)[]> {
    const found = new Map<ObjectId, Sealed | undefined>()
    for (let tries = 0, waitedMs = 0; ; tries++) {
      const missing = ids.filter(id => !found.has(id))
      try {
        const answer = rest.octets(`/devices/${device}/objects`, encodeIds(missing), signal)
        for await (const { index, stored } of decodeObjects(answer)) {
          const id = missing[index]
          if (id === undefined) throw new Failure('bad_answer', 'an object that nobody asked for')
          found.set(id, stored as Sealed | undefined)
        }
        if (ids.some(id => !found.has(id))) throw cutShort()
        if (tries > 0) options.onWaiting?.(false)
        return ids.map(id => found.get(id))
      } catch (error) {
        signal?.throwIfAborted()
        if (!isPassing(error) || waitedMs > patienceMs) throw error
        options.onWaiting?.(true)
        const waitMs = waitsMs[Math.min(tries, waitsMs.length - 1)] as number
        waitedMs += waitMs
        await options.sleep(waitMs, signal)
      }
    }
  }
}

type CommitsPage = {
  readonly items: readonly { readonly id: string; readonly stored: string; readonly receivedAtMs: number }[]
  readonly nextBefore?: number
}

/** The same question may get another answer in a while. */
function isPassing(error: unknown): boolean {
  return error instanceof Failure && error.remedy === 'retry'
}

function cutShort(): Failure {
  return new Failure('bad_answer', "the collector's answer was cut short", { remedy: 'retry' })
}

function bytesOf(base64: string): Bytes {
  try {
    return Uint8Array.fromBase64(base64)
  } catch (cause) {
    throw new Failure('bad_answer', 'what should be bytes is none', { cause })
  }
}

function deviceRow(row: DeviceRecord): DeviceRow {
  const { certificate, grant, head, heartbeat, obeyed } = row
  return {
    certificate: bytesOf(certificate),
    grant: grant === undefined ? new Uint8Array() : bytesOf(grant),
    enrolledAtMs: row.enrolledAtMs,
    lastSeenMs: row.lastSeenAtMs ?? 0,
    head: head === undefined ? undefined : bytesOf(head),
    headReceivedAtMs: row.headReceivedAtMs ?? 0,
    revoked: row.revokedAtMs !== undefined,
    storedBytes: row.storedBytes,
    lastCompleteAtMs: row.lastCompleteAtMs ?? 0,
    heartbeat: heartbeat === undefined ? undefined : bytesOf(heartbeat),
    heardAtMs: row.heardAtMs ?? 0,
    online: row.onlineSinceMs !== undefined,
    onlineSinceMs: row.onlineSinceMs ?? 0,
    revokedAtMs: row.revokedAtMs ?? 0,
    escrowedAtMs: row.escrowedAtMs ?? 0,
    clonedSinceMs: row.clonedSinceMs ?? 0,
    obeyed: obeyed && {
      standing: hexBytes(obeyed.standing),
      refused: obeyed.refused.map(({ id, code }) => ({
        id: id === undefined ? undefined : hexBytes(id),
        code,
      })),
      atMs: obeyed.atMs,
    },
  }
}

function hexBytes(text: string): Bytes {
  try {
    return Uint8Array.fromHex(text)
  } catch (cause) {
    throw new Failure('bad_answer', 'what should be digits is none', { cause })
  }
}
