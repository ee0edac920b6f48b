/** How what came in and is stored stands in the log. */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { LogEntry } from '@backstay/proto/log/entry'
import { deviceId, deviceIdBytes } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { decodeEnvelope, type PayloadKind } from '@backstay/proto/trust/envelope'
import { decodeJob } from '@backstay/proto/trust/job'
import { decodeParcel, receiverOf } from '@backstay/proto/trust/parcel'
import type { UnloggedRecord, UnloggedSnapshot } from '../catalog/log-entries.ts'
import { fleetDomain } from '../catalog/vaults.ts'

export function commitEntry({ device, id, sequence, complete, receivedAtMs }: UnloggedSnapshot): LogEntry {
  const about = { actor: `device:${device}`, action: 'commit', device, target: id }
  return { ...about, atMs: receivedAtMs, detail: { complete, sequence } }
}

/** Undefined: it is none of anybody's business. */
export async function recordEntry(
  p: Pick<Primitives, 'sha256'>,
  record: UnloggedRecord,
): Promise<LogEntry | undefined> {
  const { kind, domain, id, receivedAtMs, envelope } = record
  if (notesForItself.includes(kind)) return undefined
  if (kind === 'parcel') return parcelEntry(p, record)
  const device = domain === fleetDomain ? {} : { device: domain }
  const about = { atMs: receivedAtMs, actor: signerOf(kind, domain, envelope), action: kind, target: id }
  return { ...about, ...device, ...(kind === 'job' && jobWords(envelope)) }
}

/** What is public of it: what it asks for, and of whom when that is one. */
function jobWords(envelope: Bytes): Pick<LogEntry, 'detail' | 'device'> {
  const { kind, minutes, order } = decodeJob(decodeEnvelope(envelope).payload)
  const [one, another] = order.audience
  const device = one === undefined || another !== undefined ? {} : { device: deviceId(one) }
  return { ...device, detail: { job: kind, ...(minutes !== undefined && { minutes }) } }
}

/** Who gave what of whom to whom, and until when; what it is called, nobody here knows. */
async function parcelEntry(
  p: Pick<Primitives, 'sha256'>,
  { kind, domain, id, receivedAtMs, envelope }: UnloggedRecord,
): Promise<LogEntry> {
  const word = decodeParcel(decodeEnvelope(envelope).payload)
  const about = { atMs: receivedAtMs, actor: signerOf(kind, domain, envelope), target: id }
  if ('ends' in word) return { ...about, action: 'parcel-end', detail: { parcel: word.ends } }
  const { source, entries, bytes, order } = word
  const parcel = deviceId((await p.sha256(word.key)).subarray(0, deviceIdBytes))
  const detail = { parcel, receiver: receiverOf(word), entries, bytes, untilMs: order.expiresAtMs }
  return { ...about, action: 'parcel', device: source, detail }
}

const notesForItself: readonly PayloadKind[] = ['receipt', 'catalog']
const collectorsWord: readonly PayloadKind[] = ['forget']
const devicesWord: readonly PayloadKind[] = ['escrow', 'certificate', 'report']

/** By key id, which whoever holds Trust puts a name to. */
function signerOf(kind: PayloadKind, domain: string, envelope: Bytes): string {
  if (collectorsWord.includes(kind)) return 'collector'
  if (devicesWord.includes(kind)) return `device:${domain}`
  const [first] = decodeEnvelope(envelope).signatures
  return `admin:${first === undefined ? 'unknown' : hex(first.keyId)}`
}
