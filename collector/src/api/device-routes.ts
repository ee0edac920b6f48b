/** Devices, their snapshots, settings and jobs. */
import { fromHex, hex } from '@backstay/proto/bytes'
import type { DeviceId } from '@backstay/proto/object/id'
import { addUp, layersOf } from '@backstay/proto/policy/effective'
import { parcelState } from '@backstay/proto/policy/parcels'
import { retain, type Verdict } from '@backstay/proto/policy/retention'
import { retentionText } from '@backstay/proto/policy/setting-text'
import { deviceRoutes, type JobItem, type ParcelItem, type SnapshotItem } from '@backstay/proto/rest/devices'
import { storageRoutes } from '@backstay/proto/rest/storage'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeGrant } from '@backstay/proto/trust/grant'
import { deviceById } from '../catalog/devices.ts'
import { type ParcelRow, parcelsOf } from '../catalog/parcels.ts'
import { listSnapshots, type SnapshotRow } from '../catalog/snapshots.ts'
import type { ViewedDevice } from '../fleet/fleet-view.ts'
import type { KnownJob } from '../fleet/jobs.ts'
import { retainedOf } from '../upkeep/collection/forget.ts'
import { readRules } from '../upkeep/collection/rules.ts'
import { type Answering, answering } from './answer.ts'
import { auditLines } from './audit-lines.ts'
import { type Caller, sees, unknownDevice } from './caller.ts'
import { csv } from './csv.ts'
import { chosen, policyOf } from './device-filter.ts'
import { deviceDetail, deviceItem, oldestChange, unreadOf } from './device-item.ts'
import { pageOfArray } from './paging.ts'
import type { ApiParts } from './parts.ts'
import { effectiveView } from './setting-view.ts'
import { requireFleet } from './sign-in/sessions.ts'

export function deviceRoutesOf(parts: ApiParts): Answering[] {
  const { sql, view, fleet, clock, audit } = parts
  const oldOf = (caller: Caller, { row }: ViewedDevice) => {
    const old = view.looksLike(row.device)
    return old !== undefined && sees(caller, old) ? old : undefined
  }
  const visible = (caller: Caller) => [...view.devices.values()].filter(device => sees(caller, device))

  return [
    answering(deviceRoutes.list, async ({ query, caller }) => {
      const all = chosen(visible(caller), query)
      const { items, nextCursor } = pageOfArray(all, query)
      return {
        ...{
          items: items.map(one => deviceItem(one, oldOf(caller, one))),
          total: all.length,
          asOfMs: view.asOfMs,
        },
        ...(nextCursor !== undefined && { nextCursor }),
      }
    }),

    answering(deviceRoutes.csv, async ({ query, caller, response }) => {
      response.setHeader('content-disposition', 'attachment; filename="devices.csv"')
      response.type('text/csv').send(csvOf(chosen(visible(caller), query)))
      return undefined
    }),

    answering(deviceRoutes.one, async ({ params, caller }) => {
      const device = required(parts, params.device)
      const row = await deviceById(sql, requireFleet(fleet), device.row.device)
      const label = row?.grant && decodeGrant(decodeEnvelope(row.grant).payload).label
      const rules = await readRules(parts, requireFleet(fleet))
      const { held } = rules.ruleFor(device.row, parts.retention.now())
      return deviceDetail(device, label, held, oldOf(caller, device))
    }),

    answering(deviceRoutes.notSame, async ({ params, body, caller }) => {
      const { device } = required(parts, params.device).row
      const other = required(parts, body.device)
      if (!sees(caller, other)) throw unknownDevice(body.device)
      await view.noteNotSame(device, other.row.device)
      await audit.note({ actor: caller.actor, action: 'not-same', device, target: other.row.device })
      return undefined
    }),

    answering(deviceRoutes.snapshots, async ({ params, query }) => {
      const { row } = required(parts, params.device)
      const rows = await listSnapshots(sql, requireFleet(fleet), row.device, {
        limit: query.limit,
        ...(query.before !== undefined && { beforeSequence: query.before }),
      })
      const items = await judged(parts, row, rows)
      const last = rows.at(-1)
      const isMore = rows.length === query.limit && last !== undefined && last.sequence > 1
      return { items, ...(isMore && { nextBefore: last.sequence }) }
    }),

    answering(storageRoutes.retention, async ({ params }) => {
      const { row } = required(parts, params.device)
      const rows = await listSnapshots(sql, requireFleet(fleet), row.device, { limit: 1_000_000 })
      const rule = (await readRules(parts, requireFleet(fleet))).ruleFor(row, parts.retention.now())
      const text = rule.wishes.length === 0 ? 'forever' : rule.wishes.map(retentionText).join('; or ')
      return { rule: text, held: rule.held, items: await judged(parts, row, rows) }
    }),

    answering(deviceRoutes.policy, async ({ params }) => {
      const { row, obeys } = required(parts, params.device)
      const { settings, layers } = addUp(layersOf(await fleet.standing(), row))
      return {
        settings: [...settings].map(([key, one]) => effectiveView(key, one)),
        layers: layers.map(layer => ({ ...layer })),
        ...(obeys !== undefined && { obeys }),
        ...(row.obeyed && { saidAtMs: row.obeyed.atMs }),
      }
    }),

    answering(deviceRoutes.jobs, async ({ params }) => {
      const device = required(parts, params.device).row.device
      const known = await fleet.jobs.of(device)
      return { items: known.map(one => jobItem(parts, device, one, clock.now())) }
    }),

    answering(deviceRoutes.parcels, async ({ params, caller }) => {
      const { device } = required(parts, params.device).row
      const rows = await parcelsOf(sql, requireFleet(fleet), device)
      return { items: await Promise.all(rows.map(row => parcelItem(parts, caller, device, row))) }
    }),

    answering(deviceRoutes.progress, async ({ params }) => {
      const device = required(parts, params.device).row.device
      const job = fromHex(params.job) ?? new Uint8Array()
      const { entries, bytes, heardAtMs = 0 } = fleet.jobs.progressOf(device, job)
      return { entries, bytes, ...(heardAtMs > 0 && { heardAtMs }) }
    }),

    answering(deviceRoutes.audit, async ({ params, query }) => {
      const device = required(parts, params.device).row.device
      const entries = await audit.entries({ device, limit: query.limit })
      return { items: await auditLines(parts, entries) }
    }),
  ]
}

/** Throws `unknown_device`. Whether the caller sees it was asked before. */
export function required({ view }: Pick<ApiParts, 'view'>, id: string): ViewedDevice {
  const device = view.devices.get(id as DeviceId)
  if (device === undefined) throw unknownDevice(id)
  return device
}

/** Snapshots with what retention says of them, newest first. */
async function judged(
  parts: ApiParts,
  row: ViewedDevice['row'],
  rows: readonly SnapshotRow[],
): Promise<SnapshotItem[]> {
  const own = requireFleet(parts.fleet)
  const nowMs = parts.retention.now()
  const rule = (await readRules(parts, own)).ruleFor(row, nowMs)
  const verdicts = retain(await retainedOf(parts, own, row.device), rule, nowMs)
  const byId = new Map(verdicts.map(verdict => [verdict.snapshot.id, verdict]))
  return rows.map(one => ({
    ...{ sequence: one.sequence, id: one.id, startedAtMs: one.startedAtMs, endedAtMs: one.endedAtMs },
    ...{ receivedAtMs: one.receivedAtMs, complete: one.complete, entries: one.entries, bytes: one.bytes },
    ...{ unread: one.unread, damaged: one.damaged, pinned: rule.pinned.has(one.id), held: rule.held },
    reasons: reasonsOf(byId.get(one.id)),
  }))
}

function reasonsOf(verdict: Verdict | undefined): SnapshotItem['reasons'] {
  if (verdict === undefined || verdict.state === 'may_go') return []
  return verdict.reasons.map(reason => ({
    code: reason.code,
    ...('untilMs' in reason && { untilMs: Math.round(reason.untilMs) }),
    ...('bucket' in reason && { bucket: reason.bucket }),
  }))
}

function jobItem({ fleet }: ApiParts, device: DeviceId, { job, report }: KnownJob, nowMs: number): JobItem {
  const { order, kind, minutes } = job
  const { entries, bytes, heardAtMs = 0 } = fleet.jobs.progressOf(device, order.id)
  const isRunning = heardAtMs > 0
  const open = isRunning ? 'running' : order.expiresAtMs > nowMs ? 'waiting' : 'expired'
  return {
    ...{ job: hex(order.id), kind, state: report?.state ?? open },
    ...(minutes !== undefined && { minutes }),
    ...{ issuedAtMs: order.issuedAtMs, expiresAtMs: order.expiresAtMs },
    ...(report && { reportedAtMs: report.atMs, ...(report.code !== '' && { code: report.code }) }),
    ...(isRunning && { entries, bytes }),
  }
}

async function parcelItem(
  { fleet, view, clock }: ApiParts,
  caller: Caller,
  device: DeviceId,
  row: ParcelRow,
): Promise<ParcelItem> {
  const { id, source, receiver, entries, bytes, givenAtMs, untilMs } = row
  const other = source === device ? receiver : source
  const known = view.devices.get(other)
  const jobs = (await fleet.jobs.of(receiver))
    .filter(({ job }) => job.source === id)
    .map(({ job, report }) => ({ expiresAtMs: job.order.expiresAtMs, reported: report?.state }))
  return {
    ...{ parcel: id, direction: source === device ? 'given' : 'received', other },
    ...(known !== undefined && sees(caller, known) && { otherName: known.row.name }),
    ...{ entries, bytes, givenAtMs, untilMs, state: parcelState(row, jobs, clock.now()) },
    arrived: jobs.some(job => job.reported === 'done'),
  }
}

const header = [
  ...['device', 'name', 'state', 'since', 'why', 'group', 'policy', 'platform', 'agent', 'online'],
  ...['last_seen', 'last_complete', 'oldest_change', 'stored_bytes', 'unread', 'escrow_proven'],
] as const

function csvOf(devices: readonly ViewedDevice[]): string {
  const time = (atMs: number | undefined) => (atMs === undefined ? '' : new Date(atMs).toISOString())
  const rows = devices.map(device => {
    const item = deviceItem(device)
    const why = item.reasons.filter(one => one.grade !== 'note').map(one => one.code)
    return [
      ...[item.device, item.name, item.state, time(item.sinceMs), why.join(' '), item.groupName ?? ''],
      ...[policyOf(device), item.platform, item.agentVersion, item.online, time(item.lastSeenAtMs)],
      ...[time(item.lastCompleteAtMs), time(oldestChange(device)), item.storedBytes, unreadOf(device)],
      item.escrowProven,
    ]
  })
  return csv(header, rows)
}
