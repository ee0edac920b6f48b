/** What a change costs: snapshots that a shorter retention lets go, and files that leave the backup. */
import { bytesText, shownText, timeText } from '@backstay/agent/commands/text'
import type { OpenedArchive } from '@backstay/proto/content/archive/opened'
import type { DeviceId } from '@backstay/proto/object/id'
import type { AdminSession } from '../admin.ts'
import { openDevice } from '../opened-device.ts'
import type { Change } from './change.ts'
import type { Amount } from './device-files.ts'
import { type FilesEffect, filesEffect } from './files-effect.ts'
import { type SnapshotsEffect, snapshotsEffect } from './lost-snapshots.ts'

export interface Consequences extends SnapshotsEffect {
  readonly files: FilesEffect
}

export async function consequencesOf(
  session: AdminSession,
  change: Change,
  nowMs: number,
): Promise<Consequences> {
  const snapshots = await snapshotsEffect(session, change, nowMs)
  return { ...snapshots, files: await filesEffect(change, device => opened(session, device)) }
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
