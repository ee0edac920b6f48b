/** Snapshots that a shorter retention lets go, told by the rule that the collector must follow, over what devices and admins signed. */
import { isFailure } from '@backstay/proto/failure'
import { retain } from '@backstay/proto/policy/retention'
import { type RetentionReader, retentionGround } from '../retention-facts.ts'
import { type Change, type ChangedDevice, keepsLess } from './change.ts'

export interface SnapshotsEffect {
  /** Some device keeps less than before, whether snapshots go today or not. */
  readonly keepsLess: boolean
  readonly snapshots: readonly LostSnapshots[]
  /** What cannot be said, and why. */
  readonly unknown: readonly string[]
}

export interface LostSnapshots {
  readonly device: string
  readonly count: number
  readonly oldestMs: number
}

/** Snapshots of so many devices are listed: more would take minutes, and say the same. */
const listedMax = 200

export async function snapshotsEffect(
  reader: RetentionReader,
  change: Change,
  nowMs: number,
): Promise<SnapshotsEffect> {
  const devices = change.classes.flatMap(one => one.devices)
  const shorter = devices.filter(({ before, after }) =>
    keepsLess(before.values.retention, after.values.retention),
  )
  const unknown: string[] = []
  const snapshots: LostSnapshots[] = []
  for (const device of shorter.slice(0, listedMax)) {
    try {
      snapshots.push(...(await lostSnapshots(reader, device, nowMs)))
    } catch (error) {
      if (!isFailure(error)) throw error
      unknown.push(`snapshots of ${device.viewed.certificate.name}: ${error.message}`)
    }
  }
  if (shorter.length > listedMax) {
    unknown.push(`snapshots were counted on ${listedMax} of ${shorter.length} devices`)
  }
  return { keepsLess: shorter.length > 0, snapshots, unknown }
}

async function lostSnapshots(
  reader: RetentionReader,
  { viewed, before, after }: ChangedDevice,
  nowMs: number,
): Promise<LostSnapshots[]> {
  const { snapshots, rule } = await retentionGround(reader, viewed.certificate, nowMs)
  const going = (wish: typeof after.values.retention) =>
    retain(snapshots, { ...rule, wishes: [wish] }, nowMs).filter(one => one.state === 'may_go')
  const today = new Set(going(before.values.retention).map(one => one.snapshot.id))
  const lost = going(after.values.retention).filter(one => !today.has(one.snapshot.id))
  const [oldest] = lost
  if (oldest === undefined) return []
  const device = viewed.certificate.name
  return [{ device, count: lost.length, oldestMs: oldest.snapshot.heldSinceMs }]
}
