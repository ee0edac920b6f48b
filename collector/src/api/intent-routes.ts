/** Wishes of people without keys. The path that is meant is sealed for the restore admins; nobody here can read it. */
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { type Intent, intentRoutes } from '@backstay/proto/rest/intents'
import {
  addIntent,
  closeIntent,
  countOpenIntents,
  type IntentRow,
  intentByNumber,
  listIntents,
} from '../catalog/intents.ts'
import { type Answering, answering } from './answer.ts'
import { type Caller, hasAccess, sees, unknownDevice } from './caller.ts'
import type { LiveEvents } from './live-events.ts'
import { decodeCursor, encodeCursor } from './paging.ts'
import type { ApiParts } from './parts.ts'
import { notFound } from './problem.ts'
import { requireFleet } from './sign-in/sessions.ts'

/** A wish that nobody took up in two weeks is no longer one. */
const lifeMs = 14 * 86_400_000
/** Of one person: more than anybody reads. */
const openMax = 100

export function intentRoutesOf(parts: ApiParts, events: Pick<LiveEvents, 'tell'>): Answering[] {
  const { sql, fleet, view, clock, audit } = parts

  const isSeen = (caller: Caller, device: DeviceId) => {
    const viewed = view.devices.get(device)
    return viewed === undefined ? caller.groups === undefined : sees(caller, viewed)
  }

  const tell = ({ number, device, state }: Pick<IntentRow, 'number' | 'device' | 'state'>) =>
    events.tell({ type: 'intent', intent: String(number), device, state, atMs: clock.now() }, device)

  function shown(row: IntentRow): Intent {
    const { number, kind, device, by, atMs, expiresAtMs, sealed, note, closedBy, closedAtMs, job, reason } =
      row
    const state = row.state === 'open' && expiresAtMs <= clock.now() ? 'expired' : row.state
    return {
      ...{ id: String(number), kind, device, by, atMs, expiresAtMs, state },
      deviceName: view.devices.get(device)?.row.name ?? '',
      ...(sealed && { sealed: Buffer.from(sealed).toString('base64') }),
      ...(note !== undefined && { note }),
      ...(closedBy !== undefined && { closedBy }),
      ...(closedAtMs !== undefined && { closedAtMs }),
      ...(job !== undefined && { job }),
      ...(reason !== undefined && { reason }),
    }
  }

  async function close(
    caller: Caller,
    id: string,
    how: {
      readonly state: 'done' | 'declined'
      readonly job?: string | undefined
      readonly reason?: string | undefined
    },
  ): Promise<Intent> {
    const own = requireFleet(fleet)
    const row = await intentByNumber(sql, own, Number(id))
    if (row === undefined || !isSeen(caller, row.device)) throw notFound(`wish ${id}`)
    if (row.kind === 'restore' && !hasAccess(caller, ['restore', 'owner'])) {
      throw new Failure('not_allowed', 'a restore is for those who restore', {
        hint: 'ask an owner for the role',
      })
    }
    const { state, job, reason } = how
    const closed = { state, job, reason, closedBy: caller.actor, closedAtMs: clock.now() }
    if (!(await closeIntent(sql, own, row.number, closed))) {
      throw new Failure('already_done', `wish ${id} was closed already`)
    }
    await audit.note({ actor: caller.actor, action: `intent-${state}`, device: row.device, target: id })
    tell({ ...row, state })
    return shown({ ...row, ...closed })
  }

  return [
    answering(intentRoutes.list, async ({ query, caller }) => {
      const own = requireFleet(fleet)
      const [first] = query.cursor === undefined ? [] : decodeCursor(query.cursor, ['number'])
      let before = first === undefined ? undefined : Number(first)
      const items: Intent[] = []
      for (;;) {
        const rows = await listIntents(sql, own, { before, limit: query.limit })
        for (const row of rows) {
          before = row.number
          const one = shown(row)
          if (!isSeen(caller, row.device) || (query.state !== undefined && one.state !== query.state))
            continue
          items.push(one)
          if (items.length === query.limit) return { items, nextCursor: encodeCursor([row.number]) }
        }
        if (rows.length < query.limit) return { items }
      }
    }),

    answering(intentRoutes.make, async ({ body, caller }) => {
      const own = requireFleet(fleet)
      const device = view.devices.get(body.device as DeviceId)
      if (device === undefined || !sees(caller, device)) throw unknownDevice(body.device)
      if (device.row.revokedAtMs !== undefined) throw new Failure('retired', 'this device is retired')
      const nowMs = clock.now()
      if ((await countOpenIntents(sql, own, caller.actor, nowMs)) >= openMax) {
        throw new Failure('too_many_requests', `you have ${openMax} open wishes already`)
      }
      const row = await addIntent(sql, own, {
        ...{
          kind: body.kind,
          device: device.row.device,
          by: caller.actor,
          atMs: nowMs,
          expiresAtMs: nowMs + lifeMs,
        },
        sealed: body.sealed === undefined ? undefined : new Uint8Array(Buffer.from(body.sealed, 'base64')),
        note: body.note,
      })
      await audit.note({
        ...{ actor: caller.actor, action: 'intent', device: row.device, target: String(row.number) },
        detail: { kind: row.kind },
      })
      tell(row)
      return shown(row)
    }),

    answering(intentRoutes.decline, async ({ params, body, caller }) =>
      close(caller, params.id, { state: 'declined', reason: body.reason }),
    ),

    answering(intentRoutes.done, async ({ params, body, caller }) =>
      close(caller, params.id, { state: 'done', job: body.job }),
    ),
  ]
}
