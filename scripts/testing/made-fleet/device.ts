/** One device of a made fleet: its keys, and what it signs. */

import { readEnrolment } from '@backstay/collector/fleet/enrolment'
import type { Fleet } from '@backstay/collector/fleet/fleet'
import { type Bytes, concat } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { encodeHeader, encodeRecord, tagBytes } from '@backstay/proto/object/header'
import { type DeviceId, idToBytes, type ObjectId, objectId, type Sealed } from '@backstay/proto/object/id'
import type { SigningKey } from '@backstay/proto/primitives'
import { deviceIdOf, signCertificate } from '@backstay/proto/trust/certificate'
import { signCommit } from '@backstay/proto/trust/commit'
import { signEscrow } from '@backstay/proto/trust/escrow-record'
import type { Grant } from '@backstay/proto/trust/grant'
import { type Heartbeat, signHeartbeat } from '@backstay/proto/trust/heartbeat'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import { departmentOf, departments } from './departments.ts'
import type { Fate } from './fates.ts'

export interface MadeDevice {
  readonly device: DeviceId
  readonly name: string
  readonly key: SigningKey
  readonly platform: string
  /** Index into `departments`. */
  readonly department: number
  readonly fate: Fate
  /** A number of its own, 0 to 1, that makes it larger or smaller than others. */
  readonly size: number
}

export interface SignedGrant extends Grant {
  readonly key: SigningKey
  readonly envelope: Bytes
}

interface Birth {
  readonly fate: Fate
  readonly number: number
  readonly nowMs: number
  readonly random: () => number
  readonly isMarkup: boolean
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
/** A name that a browser must show as it is. */
export const markupName = '<img src=x onerror=alert(1)>'

export async function enrolled(
  { fleet, trust }: { readonly fleet: Fleet; readonly trust: VerifiedTrust },
  grant: SignedGrant,
  { fate, number, nowMs, random, isMarkup }: Birth,
): Promise<MadeDevice> {
  const key = await p.signingKey(p.random(32))
  const device = await deviceIdOf(p, key.publicKey)
  const department = departmentOf(number)
  const short = departments[department]?.short ?? 'pc'
  const name = isMarkup ? markupName : `${short}-${String(number).padStart(4, '0')}`
  const platform =
    short === 'srv'
      ? 'linux x64'
      : (['win32 x64', 'darwin arm64', 'linux x64'][Math.floor(random() * 3)] ?? '')
  const issuedAtMs = nowMs - 59 * dayMs
  const certificate = {
    ...{ fleet: trust.fleet, device, deviceKey: key.publicKey, name, platform },
    ...{ recipient: trust.document.deskRecipient, grantId: grant.order.id, issuedAtMs },
    machine: [],
  }
  const envelope = await signCertificate(p, certificate, grant.key, key)
  const envelopes = { grant: grant.envelope, certificate: envelope }
  const { enrolledAtMs } = fleet
  await fleet.enrol(await readEnrolment(p, { trust, nowMs: issuedAtMs, enrolledAtMs }, envelopes))
  return { device, name, key, platform, department, fate, size: random() }
}

export async function escrowOf(
  trust: VerifiedTrust,
  { device, key }: MadeDevice,
  issuedAtMs: number,
): Promise<Bytes> {
  // Files that open to nothing, which no collector can know.
  const file = p.random(512)
  const escrow = { fleet: trust.fleet, device, epoch: 1, check: p.random(32), kitFile: file, deskFile: file }
  return signEscrow(p, { ...escrow, trustVersion: trust.document.version, issuedAtMs }, key)
}

export async function commitOf(
  trust: VerifiedTrust,
  { device, key, fate, size }: MadeDevice,
  head: { readonly sequence: number; readonly id: ObjectId } | undefined,
  endedAtMs: number,
  segmentBytes: number,
) {
  const first = 256 + Math.floor(size * size * segmentBytes)
  const leaf = await object('segment', [], head === undefined ? first : Math.ceil(first / 10))
  const root = await object('page', [leaf.id], 256)
  const sequence = (head?.sequence ?? 0) + 1
  const envelope = await signCommit(
    p,
    {
      ...{ fleet: trust.fleet, device, epoch: 1, sequence, previous: head?.id, root: root.id },
      ...{ startedAtMs: endedAtMs - 2 * minuteMs, endedAtMs, complete: true },
      entries: 4_000 + Math.floor(size * 180_000) + sequence * 13,
      // Compressed to a half.
      bytes: 2 * Math.floor(first * (1 + sequence / 10)),
      unread: fate.kind === 'unread' ? 12 : 0,
      ...{ sealed: p.random(300), seenTrust: 1, seenPolicy: 1, branch: undefined },
    },
    key,
  )
  return {
    objects: [leaf.stored, root.stored],
    commit: { sequence, stored: encodeRecord(envelope, [idToBytes(root.id)]) as Sealed },
  }
}

async function object(type: 'segment' | 'page', children: readonly ObjectId[], bodyBytes: number) {
  const header = { type, alg: 1, domain: 0, epoch: 1, bodyBytes, children: children.map(idToBytes) } as const
  const stored = concat(encodeHeader(header), p.random(bodyBytes + tagBytes)) as Sealed
  return { id: objectId(await p.sha256(stored)), stored }
}

const systems: Readonly<Record<string, string>> = {
  win32: 'Windows 11 Pro 24H2',
  darwin: 'macOS 15.3',
  linux: 'Debian GNU/Linux 13',
}

export async function heartbeatOf(
  trust: VerifiedTrust,
  { device, name, key, fate, platform, size }: MadeDevice,
  headSequence: number,
  sentAtMs: number,
  number = 1,
): Promise<Bytes> {
  const troubles = (is: boolean, code: string, count: number, days: number) =>
    is ? [{ code, count, forMs: days * dayMs }] : []
  const system = platform.split(' ')[0] ?? ''
  const unreadCode = size < 0.5 ? 'denied' : 'io'
  const said: Heartbeat = {
    ...{ fleet: trust.fleet, device, number, sentAtMs, agentVersion: '0.1.0', platform },
    ...{ seenTrust: 1, standing: undefined, refused: [], headSequence, escrowEpoch: 1, leaving: false },
    sinceCompleteMs: fate.completeMs === undefined ? undefined : Math.max(0, fate.completeMs - fate.silentMs),
    unprotectedMs: fate.changeMs === undefined ? undefined : Math.max(0, fate.changeMs - fate.silentMs),
    paused: fate.kind === 'paused' ? { forMs: 40 * minuteMs, leftMs: 200 * minuteMs, by: '' } : undefined,
    waiting: fate.kind === 'unprotected' ? 'disk_full' : 'nothing_due',
    failure: fate.kind === 'failing' || fate.kind === 'unprotected' ? 'store_full' : '',
    unread: troubles(fate.kind === 'unread', unreadCode, 12, 4),
    roots: troubles(fate.kind === 'root', 'unmounted', 1, 2),
    alarms: [],
    watch: {
      roots: 2,
      native: 2,
      polled: 0,
      absent: 0,
      folders: 900 + Math.floor(size * 20_000),
      unwatched: 0,
      missed: 0,
    },
    queue: { everything: false, folders: 0, objects: 0, bytes: 0 },
    ...{ running: undefined, checkpoint: undefined, forkedFrom: undefined, access: [] },
    // Nobody sits at a server.
    ...{ user: name.startsWith('srv') ? '' : `user-${device.slice(0, 4)}`, keyProtection: 'file' },
    vitals: {
      ...{
        system: systems[system] ?? platform,
        model: '',
        memoryBytes: 2 ** 34,
        memoryFreeBytes: 2 ** 32 + Math.floor(size * 2 ** 33),
      },
      disks: [{ bytes: 2 ** 39, freeBytes: Math.floor((0.08 + size * 0.7) * 2 ** 39) }],
      ...(platform.startsWith('linux')
        ? { batteryPercent: undefined }
        : { batteryPercent: 30 + Math.floor(size * 70) }),
      ...{ charging: size > 0.4, uptimeMs: Math.floor(size * 20 * dayMs) },
      ...{ agentMemoryBytes: Math.floor((60 + size * 40) * 2 ** 20), agentCpuMs: 60_000 },
    },
  }
  return signHeartbeat(p, said, key)
}
