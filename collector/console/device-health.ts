/** Each device of the fleet with its health, judged here from what its own signatures prove. */
import { type DeviceFacts, danger, type Health, judge } from '@backstay/proto/health/health'
import { rulesFor } from '@backstay/proto/health/rules'
import { effectivePolicy } from '@backstay/proto/policy/effective'
import type { EscrowWay } from '@backstay/proto/trust/proof'
import type { AdminSession } from './admin.ts'
import { checkRow, type ListedDevice } from './known-device.ts'
import { readStanding } from './policy/fleet-view.ts'
import { readProofs } from './proofs.ts'

export type VerifiedDevice = Extract<ListedDevice, { state: 'verified' }>

export interface JudgedDevice extends VerifiedDevice {
  readonly facts: DeviceFacts
  readonly health: Health
  /** Ways in which the escrow of its newest epoch was opened. */
  readonly proven: readonly EscrowWay[]
}

export interface FleetHealth {
  /** What needs somebody first: the gravest, then the oldest; the rest by name. */
  readonly devices: readonly JudgedDevice[]
  /** Let in by no admin, whatever the collector lists. */
  readonly unverified: readonly Extract<ListedDevice, { state: 'unverified' }>[]
}

export async function readFleetHealth(session: AdminSession, nowMs: number): Promise<FleetHealth> {
  const proofs = await readProofs(session, nowMs)
  const standing = await readStanding(session)
  const devices: JudgedDevice[] = []
  const unverified: Extract<ListedDevice, { state: 'unverified' }>[] = []
  for await (const row of session.link.listDevices()) {
    const listed = await checkRow(session.primitives, session.history, row)
    if (listed.state === 'unverified') {
      unverified.push(listed)
      continue
    }
    const proven = proofs.waysOf(listed.certificate.device, listed.head?.epoch)
    const facts = factsOf(listed, proven.length > 0)
    const { objective } = effectivePolicy(standing, listed.certificate).values
    devices.push({ ...listed, facts, proven, health: judge(facts, rulesFor(objective), nowMs) })
  }
  return { devices: devices.toSorted(byNeed), unverified }
}

function factsOf({ row, head, heartbeat }: VerifiedDevice, isProven: boolean): DeviceFacts {
  const isHeard = heartbeat !== undefined && heartbeat !== 'forged'
  const some = (ms: number) => (ms === 0 ? undefined : ms)
  return {
    enrolledAtMs: row.enrolledAtMs,
    revokedAtMs: row.revoked ? row.revokedAtMs : undefined,
    heard: isHeard ? { heartbeat, atMs: row.heardAtMs } : undefined,
    onlineSinceMs: row.online ? row.onlineSinceMs : undefined,
    lastSeenMs: some(row.lastSeenMs),
    headSequence: head?.sequence ?? 0,
    headReceivedAtMs: some(row.headReceivedAtMs),
    lastCompleteAtMs: some(row.lastCompleteAtMs),
    clonedSinceMs: some(row.clonedSinceMs),
    unprovenSinceMs: isProven ? undefined : (some(row.escrowedAtMs) ?? row.enrolledAtMs),
  }
}

function byNeed(a: JudgedDevice, b: JudgedDevice): number {
  const [left, right] = [danger(a.health.state), danger(b.health.state)]
  if (left !== right) return right - left
  if (left > 0 && a.health.sinceMs !== b.health.sinceMs) return a.health.sinceMs - b.health.sinceMs
  return a.certificate.name < b.certificate.name ? -1 : 1
}
