/** What a change costs: snapshots that a shorter retention lets go, and files that leave the backup. */
import { bytesText, shownText, timeText } from '@backstay/agent/commands/text'
import type { OpenedArchive } from '@backstay/proto/content/archive/opened'
import type { DeviceId } from '@backstay/proto/object/id'
import { retain } from '@backstay/proto/policy/retention'
import type { AdminSession } from '../admin.ts'
import { openDevice } from '../opened-device.ts'
import { retentionGround } from '../retention-facts.ts'
import { type Change, type ChangedDevice, keepsLess } from './change.ts'
import type { Amount } from './device-files.ts'
import { type FilesEffect, filesEffect } from './files-effect.ts'

export interface LostSnapshots {
  readonly device: string
  readonly count: number
  readonly oldestMs: number
}

export interface Consequences {
  /** Some device keeps less than before, whether snapshots go today or not. */
  readonly keepsLess: boolean
  readonly snapshots: readonly LostSnapshots[]
  readonly files: FilesEffect
  /** What cannot be said, and why. */
  readonly unknown: readonly string[]
}

/** Snapshots of so many devices are listed: more would take minutes, and say the same. */
const listedMax = 200

export async function consequencesOf(
  session: AdminSession,
  change: Change,
  nowMs: number,
): Promise<Consequences> {
  const devices = change.classes.flatMap(one => one.devices)
  const shorter = devices.filter(({ before, after }) =>
    keepsLess(before.values.retention, after.values.retention),
  )
  const unknown: string[] = []
  const snapshots: LostSnapshots[] = []
  for (const device of shorter.slice(0, listedMax))
    snapshots.push(...(await lostSnapshots(session, device, nowMs)))
  if (shorter.length > listedMax) {
    unknown.push(`snapshots were counted on ${listedMax} of ${shorter.length} devices`)
  }
  const files = await filesEffect(change, device => opened(session, device))
  return { keepsLess: shorter.length > 0, snapshots, files, unknown }
}

async function lostSnapshots(
  session: AdminSession,
  { viewed, before, after }: ChangedDevice,
  nowMs: number,
): Promise<LostSnapshots[]> {
  const { snapshots, rule } = await retentionGround(session, viewed.certificate, nowMs)
  const going = (wish: typeof after.values.retention) =>
    retain(snapshots, { ...rule, wishes: [wish] }, nowMs).filter(one => one.state === 'may_go')
  const today = new Set(going(before.values.retention).map(one => one.snapshot.id))
  const lost = going(after.values.retention).filter(one => !today.has(one.snapshot.id))
  const [oldest] = lost
  if (oldest === undefined) return []
  const device = viewed.certificate.name
  return [{ device, count: lost.length, oldestMs: oldest.snapshot.heldSinceMs }]
}

async function opened(session: AdminSession, device: DeviceId): Promise<OpenedArchive> {
  const { primitives, link, history, admin } = session
  return (await openDevice({ primitives, link, history, identity: admin.identity }, device)).archive
}

export function consequenceLines({ snapshots, files, unknown, keepsLess }: Consequences): string[] {
  const lines = snapshots.map(
    ({ device, count, oldestMs }) =>
      `${shownText(device)}: ${count} snapshot(s) would go, the oldest of ${timeText(oldestMs)}`,
  )
  if (keepsLess && snapshots.length === 0) lines.push('no snapshot would go today; later ones go sooner')
  if (keepsLess) lines.push('a shorter retention takes effect a week after it was signed')
  return [
    ...lines,
    ...filesLines(files),
    ...[...unknown, ...files.unknown].map(one => `not known: ${shownText(one)}`),
  ]
}

function filesLines({ opened: devices, leaving, folders, coming }: FilesEffect): string[] {
  if (devices === 0) return []
  const amount = (one: Amount) => `${one.files} file(s) (${bytesText(one.bytes)})`
  const lines =
    leaving.files === 0
      ? [`no file of the newest snapshots leaves the backup, of ${devices} device(s) opened`]
      : [
          `${amount(leaving)} would no longer be protected on ${leaving.devices} of ${devices} device(s) opened; snapshots that are there keep them. The largest folders are:`,
          ...folders.map(one => `  ${shownText(one.device)}: ${one.folder}, ${amount(one)}`),
        ]
  if (coming.files === 0) return lines
  return [
    ...lines,
    `${amount(coming)} that snapshots still know would be protected again on ${coming.devices} device(s)`,
  ]
}
