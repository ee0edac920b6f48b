/** A device of the view as the API shows it. */
import { hex } from '@backstay/proto/bytes'
import { type DeviceFacts, oldestChangeMs } from '@backstay/proto/health/facts'
import type { DeviceDetail, DeviceItem, DeviceReason } from '@backstay/proto/rest/devices'
import type { Trouble } from '@backstay/proto/trust/heartbeat'
import type { ViewedDevice } from '../fleet/fleet-view.ts'

/** `old`: what it looks like a new installation of. */
export function deviceItem(device: ViewedDevice, old?: ViewedDevice): DeviceItem {
  const { row, health, heard, onlineSinceMs, groups } = device
  const group = groups.at(-1)
  const lastSeenAtMs = row.lastSeenMs ?? heard?.heardAtMs
  const oldestChangeAtMs = oldestChange(device)
  return {
    ...{ device: row.device, name: row.name, state: health.state, sinceMs: health.sinceMs },
    reasons: health.reasons.map(reasonOf),
    ...{ platform: row.platform, agentVersion: heard?.heartbeat.agentVersion ?? '' },
    online: onlineSinceMs !== undefined,
    ...(lastSeenAtMs !== undefined && { lastSeenAtMs }),
    ...(row.lastCompleteAtMs !== undefined && { lastCompleteAtMs: row.lastCompleteAtMs }),
    ...(oldestChangeAtMs !== undefined && { oldestChangeAtMs }),
    storedBytes: row.storedBytes,
    ...(heard?.heartbeat.user && { user: heard.heartbeat.user }),
    unread: unreadOf(device),
    ...(group !== undefined && { groupId: hex(group.id), groupName: group.name }),
    ...(device.obeys !== undefined && { policyVersionOk: device.obeys }),
    escrowProven: device.unprovenSinceMs === undefined && row.escrowedAtMs !== undefined,
    ...(old && { looksLike: oldOf(old) }),
  }
}

function oldOf({ row, health }: ViewedDevice): NonNullable<DeviceItem['looksLike']> {
  const { device, name, lastSeenMs } = row
  return { device, name, state: health.state, ...(lastSeenMs !== undefined && { lastSeenAtMs: lastSeenMs }) }
}

export function unreadOf({ heard }: ViewedDevice): number {
  return heard?.heartbeat.unread.reduce((sum, one) => sum + one.count, 0) ?? 0
}

/** Since when a change waits that is on no collector. */
export function oldestChange({ row, heard }: ViewedDevice): number | undefined {
  const facts = {
    heard: heard && { heartbeat: heard.heartbeat, atMs: heard.heardAtMs },
    lastCompleteAtMs: row.lastCompleteAtMs,
  }
  const sinceMs = oldestChangeMs(facts as DeviceFacts)
  return sinceMs === undefined ? undefined : Math.max(0, Math.round(sinceMs))
}

export function deviceDetail(
  device: ViewedDevice,
  grantLabel: string | undefined,
  held: boolean,
  old: ViewedDevice | undefined,
): DeviceDetail {
  const { row, heard, onlineSinceMs, groups, refused } = device
  const said = heard?.heartbeat
  const heardAtMs = heard?.heardAtMs ?? 0
  const since = (forMs: number) => Math.max(0, heardAtMs - forMs)
  const troubles = (all: readonly Trouble[] = []) =>
    all.map(({ code, count, forMs }) => ({ code, count, sinceMs: since(forMs) }))
  const { paused, running, vitals, watch, queue } = said ?? {}
  return {
    ...deviceItem(device, old),
    enrolledAtMs: row.enrolledAtMs,
    ...(row.revokedAtMs !== undefined && { revokedAtMs: row.revokedAtMs }),
    ...(onlineSinceMs !== undefined && { onlineSinceMs }),
    ...(heard && { heardAtMs, clockSkewMs: heard.heartbeat.sentAtMs - heardAtMs }),
    grant: { id: hex(row.grantId), label: grantLabel ?? '' },
    groups: groups.map(({ id, name }) => ({ id: hex(id), name })),
    ...(vitals && { vitals: vitalsOf(vitals) }),
    ...(watch && { watch: { ...watch } }),
    ...(queue && { queue: { ...queue } }),
    unreadByReason: troubles(said?.unread),
    roots: troubles(said?.roots),
    alarms: troubles(said?.alarms),
    access: troubles(said?.access),
    ...(said?.keyProtection && { keyProtection: said.keyProtection }),
    ...(running && {
      running: {
        ...{ entries: running.entries, readBytes: running.readBytes, sentBytes: running.sentBytes },
        sinceMs: since(running.forMs),
      },
    }),
    ...(said?.waiting && { waiting: said.waiting }),
    ...(said?.failure && { failure: said.failure }),
    ...(paused && {
      paused: {
        ...{ sinceMs: since(paused.forMs), untilMs: heardAtMs + paused.leftMs },
        ...(paused.by !== '' && { by: paused.by }),
      },
    }),
    refusedOrders: refused.map(({ id, code }) => ({ ...(id && { id: hex(id) }), code })),
    headSequence: row.head?.sequence ?? 0,
    held,
  }
}

function vitalsOf({
  batteryPercent,
  disks,
  ...vitals
}: NonNullable<NonNullable<ViewedDevice['heard']>['heartbeat']['vitals']>) {
  return {
    ...vitals,
    disks: disks.map(disk => ({ ...disk })),
    ...(batteryPercent !== undefined && { batteryPercent }),
  }
}

function reasonOf(reason: ViewedDevice['health']['reasons'][number]): DeviceReason {
  const { code, grade, what, count, sinceMs, untilMs } = reason
  return {
    ...{ code, grade, what, count, sinceMs: Math.max(0, Math.round(sinceMs)) },
    ...(untilMs !== undefined && { untilMs: Math.round(untilMs) }),
  }
}
