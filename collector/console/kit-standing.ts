/**
 * Which devices have their keys under the recovery kit of today. A device seals them for a new kit when it connects next; until then,
 * and for ever where it never does, only the kit of before opens them, and the desk. By the devices' signed word: `prove` opens them.
 */
import type { Primitives } from '@backstay/proto/primitives'
import { isSealedForKit, kitSince } from '@backstay/proto/trust/kit-since'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { DeviceRow } from '@backstay/proto/wire/frame'
import type { AdminLink, DeviceLister } from './connecting.ts'
import { checkRow } from './known-device.ts'
import { linkRecords } from './record-source.ts'
import { genuineEscrows } from './unlock.ts'

export interface KitStanding {
  /** Version of Trust that named this kit first; 1: it was never replaced. */
  readonly since: number
  readonly sinceMs: number
  /** Devices that are wholly under it. */
  readonly sealed: number
  /** Not yet, or never. */
  readonly waiting: readonly WaitingDevice[]
}

export interface WaitingDevice {
  readonly name: string
  readonly device: string
  /** It comes back no more: the kit of before stays of use for it. */
  readonly isRetired: boolean
  /** By the collector's clock. */
  readonly lastSeenMs: number
}

export async function kitStanding(
  p: Primitives,
  link: Pick<AdminLink, 'listRecords'> & DeviceLister,
  history: readonly VerifiedTrust[],
): Promise<KitStanding> {
  const since = kitSince(history)
  const records = linkRecords(link)
  const waiting: WaitingDevice[] = []
  let sealed = 0
  for await (const row of link.leanDevices?.() ?? link.listDevices()) {
    const listed = await checkRow(p, history, row)
    if (listed.state !== 'verified') continue
    const { certificate } = listed
    const { device, name } = certificate
    const escrows = await genuineEscrows(p, records.escrows(device), certificate)
    const epochs = new Set(escrows.map(({ record }) => record.epoch))
    const under = escrows.filter(({ record }) => isSealedForKit(record, since))
    if (epochs.size > 0 && new Set(under.map(({ record }) => record.epoch)).size === epochs.size) sealed++
    else waiting.push({ name, device, isRetired: row.revoked, lastSeenMs: lastContactMs(row) })
  }
  const sinceMs = history.find(({ document }) => document.version === since)?.document.issuedAtMs ?? 0
  return { since, sinceMs, sealed, waiting }
}

/** Times of sessions are written in batches: what came in a session may be newer. */
export function lastContactMs({ lastSeenMs, heardAtMs, headReceivedAtMs, enrolledAtMs }: DeviceRow): number {
  return Math.max(lastSeenMs, heardAtMs, headReceivedAtMs, enrolledAtMs)
}
