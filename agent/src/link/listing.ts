/** Lists, asked for page by page, so that none fills memory and none holds up other answers. */
import type { Bytes } from '@backstay/proto/bytes'
import { decodeWhole } from '@backstay/proto/object/header'
import type { DeviceId, ObjectId, Sealed } from '@backstay/proto/object/id'
import { decodeCertificate } from '@backstay/proto/trust/certificate'
import { decodeCommit } from '@backstay/proto/trust/commit'
import { decodeEnvelope, type PayloadKind, payloadTypeOf } from '@backstay/proto/trust/envelope'
import type { DeviceRow, ListedDevice, ListedSnapshot } from '@backstay/proto/wire/frame'
import { listMax } from '@backstay/proto/wire/limits'
import type { Conversation } from './conversation.ts'

export interface RecordRow {
  readonly envelope: Bytes
  readonly id: ObjectId
  readonly receivedAtMs: number
}

export interface SnapshotRow {
  /** Of the commit record. */
  readonly id: ObjectId
  /** The commit record. */
  readonly stored: Sealed
  readonly receivedAtMs: number
}

export interface SnapshotOptions {
  readonly limit?: number
  /** Only with a device: those with a smaller sequence. */
  readonly beforeSequence?: number
}

export async function* listRecords(
  talk: Conversation,
  kind: PayloadKind,
  device: DeviceId | undefined,
  signal?: AbortSignal,
): AsyncGenerator<RecordRow, void> {
  const asked = { kind: 'listRecords', payloadType: payloadTypeOf(kind), device } as const
  for await (const { kind: _, ...row } of talk.stream(asked, 'record', signal)) yield row
}

export async function* listDevices(
  talk: Conversation,
  signal?: AbortSignal,
): AsyncGenerator<DeviceRow, void> {
  const asked = (after: DeviceId | undefined) => ({ kind: 'listDevices', after, limit: listMax }) as const
  const pages = inPages<ListedDevice>(last =>
    talk.stream(asked(last && deviceOf(last.row)), 'device', signal),
  )
  for await (const { row } of pages) yield row
}

/** Of all devices at once there is one page. */
export async function* listSnapshots(
  talk: Conversation,
  device: DeviceId | undefined,
  { limit = listMax, beforeSequence = 0 }: SnapshotOptions,
  signal?: AbortSignal,
): AsyncGenerator<SnapshotRow, void> {
  let left = limit
  const page = (beforeSequence: number) =>
    talk.stream(
      { kind: 'listSnapshots', device, limit: Math.min(left, listMax), beforeSequence },
      'snapshot',
      signal,
    )
  const rows =
    device === undefined
      ? page(0)
      : inPages<ListedSnapshot>(last => page(last ? sequenceOf(last) : beforeSequence))
  for await (const { kind: _, ...row } of rows) {
    yield row
    if (--left === 0) return
  }
}

/** Until one is empty: a page may lack rows that the collector could not read. */
async function* inPages<T>(page: (last: T | undefined) => AsyncIterable<T>): AsyncGenerator<T, void> {
  let last: T | undefined
  for (let count = 1; count > 0; ) {
    count = 0
    for await (const row of page(last)) {
      yield row
      last = row
      count++
    }
  }
}

function deviceOf(row: DeviceRow): DeviceId {
  return decodeCertificate(decodeEnvelope(row.certificate).payload).device
}

function sequenceOf({ stored }: { readonly stored: Sealed }): number {
  return decodeCommit(decodeEnvelope(decodeWhole(stored).body).payload).sequence
}
