/** Signed records in and out, and sealed objects. Nothing here is opened, and nothing is believed but signatures. */
import { once } from 'node:events'
import { type Bytes, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { decodeWhole } from '@backstay/proto/object/header'
import type { DeviceId } from '@backstay/proto/object/id'
import { deviceRoutes } from '@backstay/proto/rest/devices'
import { decodeIds, objectHead } from '@backstay/proto/rest/object-stream'
import { type DeviceRecord, recordRoutes } from '@backstay/proto/rest/records'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import { decodeJob } from '@backstay/proto/trust/job'
import { readsByName } from '../audit/reads.ts'
import { type DeviceRow, deviceById, listDevices } from '../catalog/devices.ts'
import { recordsOf } from '../catalog/records.ts'
import { listSnapshots } from '../catalog/snapshots.ts'
import type { HeardHeartbeat } from '../fleet/heartbeats.ts'
import { keepProposal, readProposal } from '../fleet/proposal.ts'
import { type Answering, type Ask, answering } from './answer.ts'
import { type Caller, mayBring, requireAll, sees, unknownDevice } from './caller.ts'
import { required } from './device-routes.ts'
import { decodeCursor, encodeCursor, pageOfArray } from './paging.ts'
import type { ApiParts } from './parts.ts'
import { requireFleet } from './sign-in/sessions.ts'

export function recordRoutesOf(parts: ApiParts): Answering[] {
  const { p, sql, clock, fleet, gateway, audit, view, retrieve } = parts
  const reads = readsByName(audit)
  const readsBy = ({ actor, session, bearer }: Caller) =>
    reads(session?.id ?? `${actor} ${bearer?.startedAtMs}`, actor)
  return [
    answering(recordRoutes.trust, async () => ({
      items: (await recordsOf(sql, requireFleet(fleet), 'trust')).map(item),
    })),

    answering(recordRoutes.proposal, async () => {
      const waiting = fleet.trust && (await readProposal(sql, fleet.trust))
      return waiting === undefined ? {} : { envelope: Buffer.from(waiting).toString('base64') }
    }),

    answering(recordRoutes.propose, async ({ body, caller }) => {
      requireFleet(fleet)
      if (fleet.trust === undefined) return undefined
      const envelope = new Uint8Array(Buffer.from(body.envelope, 'base64'))
      await keepProposal(p, sql, fleet.trust, envelope, clock.now())
      await audit.note({ actor: caller.actor, action: 'trust-proposed' })
      fleet.news.tell({ kind: 'fleet' })
      return undefined
    }),

    answering(recordRoutes.list, async ({ query, caller }) => {
      const { kind, device } = query
      if ((kind === 'escrow' || kind === 'keyring') && !opens(caller)) {
        throw new Failure('not_allowed', `a ${kind} is for those who restore`, {
          hint: 'ask an owner for the role',
        })
      }
      if (device !== undefined) requireSeen(parts, caller, device)
      else if (!isAboutAll.includes(kind)) requireAll(caller)
      const domain = device as DeviceId | undefined
      if (kind === 'escrow' || kind === 'keyring') await readsBy(caller)(kind, domain)
      const { items, nextCursor } = pageOfArray(
        await recordsOf(sql, requireFleet(fleet), kind, domain),
        query,
      )
      return { items: items.map(item), ...(nextCursor !== undefined && { nextCursor }) }
    }),

    answering(recordRoutes.put, async ({ body, caller }) => {
      const envelope = new Uint8Array(Buffer.from(body.envelope, 'base64'))
      const kind = kindOf(decodeEnvelope(envelope))
      requireOwnAudience(parts, caller, envelope)
      const kept = await fleet.putSigned(mayBring(caller), envelope)
      gateway.kept(kept)
      await audit.note({ actor: caller.actor, action: 'record-brought', target: kept.id, detail: { kind } })
      return { id: kept.id, receivedAtMs: kept.receivedAtMs }
    }),

    answering(recordRoutes.deviceRecords, async ({ query, caller }) => {
      const [after] = query.cursor === undefined ? [] : decodeCursor(query.cursor, ['string'])
      // Before the rows: no heartbeat may name a snapshot that its row does not have yet.
      const newest = fleet.heartbeats.newest()
      const only = query.device && (await deviceById(sql, requireFleet(fleet), query.device as DeviceId))
      const rows =
        query.device === undefined
          ? await listDevices(sql, requireFleet(fleet), {
              limit: query.limit,
              ...(after === undefined ? {} : { after: String(after).replace(/[^0-9a-f]/g, '') as DeviceId }),
            })
          : only
            ? [only]
            : []
      const items: DeviceRecord[] = []
      for (const row of rows) {
        const viewed = view.devices.get(row.device)
        if (caller.groups !== undefined && (viewed === undefined || !sees(caller, viewed))) continue
        items.push(await deviceRecord(parts, row, query.lean === 'true' ? undefined : newest))
      }
      const last = query.device === undefined && rows.length === query.limit ? rows.at(-1) : undefined
      return { items, ...(last && { nextCursor: encodeCursor([last.device]) }) }
    }),

    answering(deviceRoutes.commits, async ({ params, query }) => {
      const { device } = required(parts, params.device).row
      const rows = await listSnapshots(sql, requireFleet(fleet), device, {
        limit: query.limit,
        ...(query.before !== undefined && { beforeSequence: query.before }),
      })
      const stored = new Map<string, Bytes>()
      for await (const one of retrieve.get(
        device,
        rows.map(row => row.id),
      )) {
        if (one.stored !== undefined) stored.set(one.id, one.stored)
      }
      const items = rows.flatMap(({ id, sequence, receivedAtMs }) => {
        const bytes = stored.get(id)
        return bytes === undefined ? [] : { id, sequence, receivedAtMs, stored: text(bytes) }
      })
      const last = rows.at(-1)
      const isMore = rows.length === query.limit && last !== undefined && last.sequence > 1
      return { items, ...(isMore && { nextBefore: last.sequence }) }
    }),

    answering(deviceRoutes.objects, async ask => {
      const { device } = required(parts, ask.params.device).row
      await readsBy(ask.caller)('objects', device)
      await sendObjects(parts, device, ask)
      return undefined
    }),
  ]
}

/** Each id once, in the order of the packs; the reader's pace is ours. */
async function sendObjects(
  { retrieve }: ApiParts,
  device: DeviceId,
  { octets, response, signal }: Pick<Ask, 'octets' | 'response' | 'signal'>,
): Promise<void> {
  const ids = decodeIds(octets)
  const places = Map.groupBy(ids.keys(), index => ids[index])
  response.type('application/octet-stream')
  const write = async (bytes: Bytes) => {
    if (!response.write(bytes)) await once(response, 'drain', { signal })
  }
  try {
    for await (const { id, stored } of retrieve.get(device, ids)) {
      signal.throwIfAborted()
      for (const index of places.get(id) ?? []) {
        await write(objectHead(index, stored?.length))
        if (stored !== undefined) await write(stored)
      }
    }
    response.end()
  } catch (error) {
    // Nobody waits for the rest. An answer that broke off must not look like one that ended.
    if (!signal.aborted && !response.headersSent) throw error
    response.destroy()
  }
}

/** Orders that say something about everybody: they are no secret of one group. */
const isAboutAll: readonly string[] = ['trust', 'policy', 'group', 'assignment']

function opens({ roles }: Caller): boolean {
  return roles.includes('restore') || roles.includes('owner')
}

function requireSeen({ view }: ApiParts, caller: Caller, device: string): void {
  const viewed = view.devices.get(device as DeviceId)
  if (viewed === undefined || !sees(caller, viewed)) throw unknownDevice(device)
}

/** Who sees some groups brings jobs for their devices and nothing else. Throws `out_of_scope`. */
function requireOwnAudience(parts: ApiParts, caller: Caller, envelope: Bytes): void {
  if (caller.groups === undefined) return
  const decoded = decodeEnvelope(envelope)
  const audience = kindOf(decoded) === 'job' ? decodeJob(decoded.payload).order.audience : []
  if (audience.length === 0) requireAll(caller)
  for (const one of audience) requireSeen(parts, caller, hex(one))
}

async function deviceRecord(
  { fleet, view, retrieve }: ApiParts,
  row: DeviceRow,
  /** Undefined: a lean one is asked for. */
  newest: ReadonlyMap<DeviceId, HeardHeartbeat> | undefined,
): Promise<DeviceRecord> {
  const heard = newest?.get(row.device)
  const viewed = view.devices.get(row.device)
  const clonedSinceMs = fleet.ratchets.clonedSinceMs(row.device)
  const head = newest && row.head && (await headEnvelope(retrieve, row.device, row.head.id))
  const { obeyed } = row
  return {
    ...{ certificate: text(row.certificate), enrolledAtMs: row.enrolledAtMs, storedBytes: row.storedBytes },
    ...(row.grant && { grant: text(row.grant) }),
    ...(row.lastSeenMs !== undefined && { lastSeenAtMs: row.lastSeenMs }),
    ...(head && { head: text(head), headReceivedAtMs: row.head?.receivedAtMs ?? 0 }),
    ...(row.lastCompleteAtMs !== undefined && { lastCompleteAtMs: row.lastCompleteAtMs }),
    ...(heard && { heartbeat: text(heard.envelope), heardAtMs: heard.heardAtMs }),
    ...(viewed?.onlineSinceMs !== undefined && { onlineSinceMs: viewed.onlineSinceMs }),
    ...(row.revokedAtMs !== undefined && { revokedAtMs: row.revokedAtMs }),
    ...(row.escrowedAtMs !== undefined && { escrowedAtMs: row.escrowedAtMs }),
    ...(clonedSinceMs !== undefined && { clonedSinceMs }),
    ...(obeyed && {
      obeyed: {
        ...{ standing: hex(obeyed.standing), atMs: obeyed.atMs },
        refused: obeyed.refused.map(({ id, code }) => ({ ...(id && { id: hex(id) }), code })),
      },
    }),
  }
}

async function headEnvelope(
  retrieve: ApiParts['retrieve'],
  device: DeviceId,
  id: NonNullable<DeviceRow['head']>['id'],
): Promise<Bytes | undefined> {
  for await (const { stored } of retrieve.get(device, [id])) {
    if (stored !== undefined) return decodeWhole(stored).body
  }
  return undefined
}

function item({ id, receivedAtMs, envelope }: { id: string; receivedAtMs: number; envelope: Bytes }) {
  return { id, receivedAtMs, envelope: text(envelope) }
}

function text(bytes: Bytes): string {
  return Buffer.from(bytes).toString('base64')
}
