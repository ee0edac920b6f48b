/**
 * The door of this room: looks once a minute at how the fleet is, raises and ends alerts (engine.ts), and has them carried
 * (outbox.ts). Everybody else asks for lists, acknowledges, mutes and sets up.
 */
import type { ConnectionOptions } from 'node:tls'
import { hex } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import {
  type AlertQuery,
  alertById,
  dropAlertsBefore,
  dropDeliveriesOf,
  listAlerts,
  openAlerts,
  writeAlerts,
} from '../catalog/alerts.ts'
import { oneAtATime } from '../catalog/one-at-a-time.ts'
import { readPosition, savePosition } from '../catalog/positions.ts'
import type { Sql } from '../catalog/sql.ts'
import { firstVault } from '../catalog/vaults.ts'
import type { Log } from '../log.ts'
import { digestDue, digestMessage } from './digest.ts'
import { type Alert, judgeAlerts, type Telling } from './engine.ts'
import type { FleetFacts } from './facts.ts'
import { alertMessage, testMessage } from './message.ts'
import { type Outbox, openOutbox } from './outbox.ts'
import { firstRules } from './rules.ts'
import { type SetUp, setUp } from './set-up.ts'

export interface Alerts {
  readonly name: string
  readonly setUp: SetUp
  readonly outbox: Outbox
  run(signal: AbortSignal): Promise<void>
  /** Judges once, durably; `run` does it each minute. */
  look(): Promise<readonly Telling[]>
  list(query: AlertQuery): Promise<Alert[]>
  open(): Promise<Alert[]>
  /** Throws `not_found`. */
  one(id: string): Promise<Alert>
  /** Both throw `not_found`, `alert_over`. */
  acknowledge(id: string, by: string): Promise<Alert>
  /** At most 90 days; a time that has passed ends it. */
  mute(id: string, untilMs: number): Promise<Alert>
  /** Throws `not_found`, `channel_refused`, `channel_failed`. */
  test(channel: string): Promise<void>
  /** With what waits for it. Throws `not_found`. */
  removeChannel(id: string): Promise<void>
  /** Told of each alert that was raised, told again or ended. */
  follow(listener: (telling: Telling) => void): Disposable
}

export interface AlertsOptions {
  readonly p: Primitives
  readonly sql: Sql
  readonly clock: Clock
  /** The collector's own: signs the digest. */
  readonly key: SigningKey
  /** Undefined until it was founded. */
  readonly fleet: () => { readonly id: FleetId; readonly name: string } | undefined
  /** Undefined: nobody has looked at the fleet yet, so nothing is judged. */
  readonly facts: () => Promise<FleetFacts | undefined>
  /** Signed note of the log, as text. */
  readonly checkpoint: () => Promise<string>
  readonly log: Log
  readonly mailTls?: ConnectionOptions | undefined
}

const lookMs = 60_000
/** What is due is carried so soon. */
const carryMs = 5_000
const muteMaxMs = 90 * 86_400_000
/** Alerts that ended stay readable so long. */
const keptMs = 400 * 86_400_000
/** Beside the catalog's other positions. */
const digestPosition = 'digest sent'
const rulesPosition = 'first alert rules'

/** A catalog of an older version says only when it began: with all kinds but two. */
function begunKinds(position: string | undefined): readonly string[] {
  if (position === undefined) return []
  const said: unknown = JSON.parse(position)
  if (Array.isArray(said)) return said.map(String)
  return firstRules.map(({ kind }) => kind).filter(kind => kind !== 'commit_flood' && kind !== 'clock_halted')
}

export function openAlertRoom(options: AlertsOptions): Alerts {
  const { p, sql, clock, fleet, log } = options
  const inTurn = oneAtATime()
  const listeners = new Set<(telling: Telling) => void>()
  let pending: ReadonlyMap<string, number> = new Map()

  function required() {
    const own = fleet()
    if (own !== undefined) return own
    throw new Failure('not_founded', 'this collector serves no fleet yet', { hint: 'run: backstay init' })
  }

  const own = setUp({ p, sql, clock, fleet: () => required().id })
  const outbox = openOutbox({ ...options, setUp: own, fleet: () => fleet()?.id })

  /** Each kind once in the life of a fleet: rules that were deleted do not come back, kinds that are new do come. */
  async function beginWithRules(): Promise<void> {
    const begun = begunKinds(await readPosition(sql, firstVault, rulesPosition))
    const fresh = firstRules.filter(({ kind }) => !begun.includes(kind))
    if (fresh.length === 0) return
    const changedAtMs = clock.now()
    for (const rule of fresh) {
      const rest = { enabled: true, tellRecovery: true, channels: [], changedAtMs }
      await own.rules.write({ id: own.rules.newId(), ...rule, ...rest })
    }
    const kinds = [...begun, ...fresh.map(({ kind }) => kind)]
    await savePosition(sql, firstVault, rulesPosition, JSON.stringify(kinds))
  }

  async function judge(): Promise<readonly Telling[]> {
    const now = fleet()
    if (now === undefined) return []
    await beginWithRules()
    const facts = await options.facts()
    if (facts === undefined) return []
    const [rules, open, settings] = [
      await own.rules.all(),
      await openAlerts(sql, now.id),
      await own.settings(),
    ]
    const nowMs = clock.now()
    const judged = judgeAlerts({ rules, facts, open, pending, nowMs, newId: () => hex(p.random(16)) })
    pending = judged.pending
    if (judged.changed.length === 0) return []
    const byChannel = new Map<string, Telling[]>()
    const all = (await own.channels.all()).map(({ id }) => id)
    for (const telling of judged.tell) {
      for (const channel of telling.channels.length === 0 ? all : telling.channels)
        byChannel.set(channel, [...(byChannel.get(channel) ?? []), telling])
    }
    await sql.transaction(async tx => {
      await writeAlerts(tx, now.id, judged.changed)
      for (const [channel, tellings] of byChannel) {
        await outbox.put(tx, now.id, channel, alertMessage(tellings, now.name, nowMs, settings.publicUrl))
      }
    })
    for (const telling of judged.tell) {
      tellLog(telling)
      for (const listener of listeners) listener(telling)
    }
    return judged.tell
  }

  function tellLog({ event, alert }: Telling): void {
    const { id, kind, severity, subject, what } = alert
    const facts = { alert: id, kind, severity, device: subject === '' ? undefined : subject, what }
    if (event === 'recovered') log.info(facts, 'an alert is over')
    else log.warn(facts, event === 'raised' ? 'an alert was raised' : 'an alert lasts')
  }

  async function sendDigest(): Promise<void> {
    const now = fleet()
    if (now === undefined) return
    const { digest } = await own.settings()
    const last = await readPosition(sql, firstVault, digestPosition)
    const nowMs = clock.now()
    if (!digest.enabled || !digestDue(digest.hour, last === undefined ? undefined : Number(last), nowMs))
      return
    const facts = await options.facts()
    if (facts === undefined) return
    const told = {
      fleetName: now.name,
      facts,
      open: await openAlerts(sql, now.id),
      checkpoint: await options.checkpoint(),
    }
    const message = await digestMessage(p, options.key, told, nowMs)
    await sql.transaction(async tx => {
      for (const channel of digest.channels) await outbox.put(tx, now.id, channel, message)
      await savePosition(tx, firstVault, digestPosition, String(nowMs))
    })
    await dropAlertsBefore(sql, now.id, nowMs - keptMs)
  }

  async function change(id: string, changed: (alert: Alert) => Alert): Promise<Alert> {
    return inTurn(async () => {
      const alert = await self.one(id)
      if (alert.recoveredAtMs !== undefined) throw new Failure('alert_over', 'this alert is over')
      const next = changed(alert)
      await writeAlerts(sql, required().id, [next])
      return next
    })
  }

  const self: Alerts = {
    name: 'alerts',
    setUp: own,
    outbox,
    async run(signal) {
      let nextMs = clock.monotonic() + lookMs
      for (;;) {
        await clock.sleep(carryMs, signal)
        if (clock.monotonic() >= nextMs) {
          nextMs = clock.monotonic() + lookMs
          await self.look().catch(error => log.warn({ error }, 'alerts not judged; it is tried again'))
          await sendDigest().catch(error => log.warn({ error }, 'digest not made; it is tried again'))
        }
        await outbox.deliver(signal).catch(error => {
          if (!signal.aborted) log.warn({ error }, 'alerts not carried; it is tried again')
        })
      }
    },
    look: () => inTurn(judge),
    list: query => listAlerts(sql, required().id, query),
    open: () => openAlerts(sql, required().id),
    async one(id) {
      const alert = await alertById(sql, required().id, id)
      if (alert !== undefined) return alert
      throw new Failure('not_found', `there is no alert "${id}"`)
    },
    acknowledge: (id, by) =>
      change(id, alert => ({ ...alert, acknowledgedAtMs: clock.now(), acknowledgedBy: by })),
    mute: (id, untilMs) =>
      change(id, alert => {
        const nowMs = clock.now()
        const mutedUntilMs = untilMs <= nowMs ? undefined : Math.min(untilMs, nowMs + muteMaxMs)
        return { ...alert, mutedUntilMs }
      }),
    async test(id) {
      await outbox.send(await own.channels.one(id), testMessage(required().name, clock.now()))
    },
    async removeChannel(id) {
      await own.channels.remove(id)
      await dropDeliveriesOf(sql, required().id, id)
    },
    follow(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
  return self
}
