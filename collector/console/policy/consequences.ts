/** What a change costs: snapshots that a shorter retention lets go, and files that leave the backup. */
import { bytesText, shownText, timeText } from '@backstay/agent/commands/text'
import { componentsOf } from '@backstay/agent/scan/roots'
import { objectPages } from '@backstay/proto/content/archive/object-pages'
import { chooseSnapshot, snapshotsOf } from '@backstay/proto/content/archive/snapshots'
import { subtreeRange } from '@backstay/proto/content/map/key'
import { type Measure, measureRange } from '@backstay/proto/content/map/measure'
import { isFailure } from '@backstay/proto/failure'
import { visible } from '@backstay/proto/policy/places'
import { retain } from '@backstay/proto/policy/retention'
import type { AdminSession } from '../admin.ts'
import { openArchive } from '../device-archive.ts'
import { retentionGround } from '../retention-facts.ts'
import { type Change, type ChangedDevice, keepsLess, rootsChange } from './change.ts'

export interface LostSnapshots {
  readonly device: string
  readonly count: number
  readonly oldestMs: number
}

export interface LeavingFiles extends Measure {
  readonly device: string
  readonly root: string
}

export interface Consequences {
  /** Some device keeps less than before, whether snapshots go today or not. */
  readonly keepsLess: boolean
  readonly snapshots: readonly LostSnapshots[]
  readonly leaving: readonly LeavingFiles[]
  /** What cannot be said, and why. */
  readonly unknown: readonly string[]
}

/** Snapshots of so many devices are listed, and of so many opened: more would take minutes, and say the same. */
const listedMax = 200
const openedMax = 10

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
  const leaving = await leavingFiles(session, devices, unknown)
  return { keepsLess: shorter.length > 0, snapshots, leaving, unknown }
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

async function leavingFiles(
  session: AdminSession,
  devices: readonly ChangedDevice[],
  unknown: string[],
): Promise<LeavingFiles[]> {
  const found: LeavingFiles[] = []
  const others = devices.filter(({ before, after }) => rootsChange(before.values, after.values).isOther)
  const losing = others.filter(
    ({ before, after }) => rootsChange(before.values, after.values).gone.length > 0,
  )
  for (const one of losing.slice(0, openedMax)) {
    try {
      found.push(...(await measured(session, one)))
    } catch (error) {
      if (!isFailure(error)) throw error
      unknown.push(
        `files that leave the backup of ${one.viewed.certificate.name} cannot be counted with this key: ${error.message}`,
      )
    }
  }
  if (losing.length > openedMax) {
    unknown.push(`files that leave were counted on ${openedMax} of ${losing.length} devices`)
  }
  if (others.length > 0) {
    unknown.push('what newly comes in, and what other excludes or presets change, only the devices find out')
  }
  return found
}

/** Of folders that were named outright and lie in no folder that stays. */
async function measured(
  session: AdminSession,
  { viewed, before, after }: ChangedDevice,
): Promise<LeavingFiles[]> {
  const roots = rootsChange(before.values, after.values).gone.filter(root => root[0] === 0x2f)
  const kept = after.values.backupSets.flatMap(set => set.roots).map(root => `${visible(root)}/`)
  const leaving = roots.filter(root => !kept.some(one => `${visible(root)}/`.startsWith(one)))
  if (leaving.length === 0) return []
  const archive = await openArchive(session, viewed.place.device)
  const snapshot = await chooseSnapshot({ kind: 'newest' }, snapshotsOf(archive.reader, archive.records()))
  const pages = objectPages(archive.primitives, archive.source, archive.keys)
  const found: LeavingFiles[] = []
  for (const root of leaving) {
    const measure = await measureRange(pages, snapshot.root, subtreeRange(componentsOf(root)))
    found.push({ device: viewed.certificate.name, root: visible(root), ...measure })
  }
  return found
}

export function consequenceLines({ snapshots, leaving, unknown, keepsLess }: Consequences): string[] {
  const lines = snapshots.map(
    ({ device, count, oldestMs }) =>
      `${shownText(device)}: ${count} snapshot(s) would go, the oldest of ${timeText(oldestMs)}`,
  )
  if (keepsLess && snapshots.length === 0) lines.push('no snapshot would go today; later ones go sooner')
  if (keepsLess) lines.push('a shorter retention takes effect a week after it was signed')
  for (const { device, root, entries, bytes } of leaving) {
    lines.push(
      `${shownText(device)}: ${entries} entries (${bytesText(bytes)}) below ${shownText(root)} leave the backup; older snapshots keep them`,
    )
  }
  return [...lines, ...unknown.map(one => `not known: ${one}`)]
}
