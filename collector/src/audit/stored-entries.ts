/** How what came in and is stored stands in the log. */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { LogEntry } from '@backstay/proto/log/entry'
import { decodeEnvelope, type PayloadKind } from '@backstay/proto/trust/envelope'
import type { UnloggedRecord, UnloggedSnapshot } from '../catalog/log-entries.ts'
import { fleetDomain } from '../catalog/vaults.ts'

export function commitEntry({ device, id, sequence, complete, receivedAtMs }: UnloggedSnapshot): LogEntry {
  const about = { actor: `device:${device}`, action: 'commit', device, target: id }
  return { ...about, atMs: receivedAtMs, detail: { complete, sequence } }
}

/** Undefined: it is none of anybody's business. */
export function recordEntry(record: UnloggedRecord): LogEntry | undefined {
  const { kind, domain, id, receivedAtMs, envelope } = record
  if (notesForItself.includes(kind)) return undefined
  const device = domain === fleetDomain ? {} : { device: domain }
  return { atMs: receivedAtMs, actor: signerOf(kind, domain, envelope), action: kind, target: id, ...device }
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
