/**
 * What is to be told, until somebody took it. It is written in the transaction that raises an alert, so a crash loses nothing; it
 * goes when it was taken, so a crash in between tells it twice with the same number, which receivers can see.
 */
import type { ConnectionOptions } from 'node:tls'
import type { Clock } from '@backstay/proto/clock'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import {
  type Delivery,
  dropDelivery,
  dueDeliveries,
  waitingDeliveries,
  writeDeliveries,
} from '../catalog/alerts.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Log } from '../log.ts'
import type { Channel, ChannelSecret } from './channel.ts'
import { sendMail } from './mail.ts'
import type { Message } from './message.ts'
import { post } from './post.ts'
import type { SetUp } from './set-up.ts'
import { shaped } from './shapes.ts'

export interface ChannelNews {
  readonly waiting: number
  readonly lastDeliveredAtMs: number | undefined
  readonly lastFailure: { readonly atMs: number; readonly code: string; readonly what: string } | undefined
}

export interface Outbox {
  /** In `tx`, together with what it tells of. `channel`: an id, or `mailChannel`. */
  put(tx: Sql, fleet: FleetId, channel: string, message: Message): Promise<void>
  /** Tries what is due; returns how much was delivered. */
  deliver(signal?: AbortSignal): Promise<number>
  /** Now, once, past the outbox. Throws `channel_refused`, `channel_failed`. */
  send(channel: Channel, message: Message, signal?: AbortSignal): Promise<void>
  newsOf(channel: string): Promise<ChannelNews>
}

export interface OutboxOptions {
  readonly p: Pick<Primitives, 'random'>
  readonly sql: Sql
  readonly clock: Pick<Clock, 'now'>
  readonly fleet: () => FleetId | undefined
  readonly setUp: Pick<SetUp, 'channels' | 'channelSecrets' | 'mailServer'>
  readonly log: Log
  /** For tests, whose mail servers no authority knows. */
  readonly mailTls?: ConnectionOptions | undefined
}

/** For messages that name their own readers: scheduled reports. */
export const mailChannel = 'mail'
const firstWaitMs = 30_000
const waitMaxMs = 3_600_000
/** What nobody took for so long is old news. */
const keptMs = 3 * 86_400_000
const atOnce = 20

export function openOutbox(options: OutboxOptions): Outbox {
  const { p, sql, clock, fleet, setUp, log } = options
  const news = new Map<string, Omit<ChannelNews, 'waiting'>>()
  const newsOf = (channel: string) =>
    news.get(channel) ?? { lastDeliveredAtMs: undefined, lastFailure: undefined }

  async function carry(
    channel: Channel,
    secret: ChannelSecret,
    message: Message,
    delivery: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (channel.kind === 'email') {
      const server = await setUp.mailServer()
      if (server === undefined) throw refused('no mail server is set up')
      const to = message.to ?? channel.to ?? []
      return sendMail({ server, to, message, delivery, tls: options.mailTls })
    }
    const form = shaped(channel, secret, message, delivery, clock.now())
    if (form === undefined) throw refused('its address is not known here any more: enter it again')
    await post({ ...form, allowPrivate: channel.allowPrivate, signal })
  }

  async function attempt(
    own: FleetId,
    delivery: Delivery,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const channel = await channelOf(delivery.channel)
    if (channel === undefined || !channel.enabled) {
      await dropDelivery(sql, own, delivery.id)
      return false
    }
    const secret = (await setUp.channelSecrets()).get(channel.id) ?? {}
    try {
      await carry(channel, secret, JSON.parse(delivery.body) as Message, delivery.id, signal)
      news.set(channel.id, { lastDeliveredAtMs: clock.now(), lastFailure: undefined })
      await dropDelivery(sql, own, delivery.id)
      return true
    } catch (error) {
      if (signal?.aborted) throw error
      await postpone(own, delivery, channel, error)
      return false
    }
  }

  async function postpone(own: FleetId, delivery: Delivery, channel: Channel, error: unknown): Promise<void> {
    const nowMs = clock.now()
    const [code, what] = isFailure(error)
      ? [error.code, error.message]
      : ['internal', 'a mistake in Backstay']
    news.set(channel.id, { ...newsOf(channel.id), lastFailure: { atMs: nowMs, code, what } })
    const facts = { channel: channel.name, kind: channel.kind, code, what, attempts: delivery.attempts + 1 }
    if (nowMs - delivery.madeAtMs >= keptMs) {
      log.error(facts, 'an alert was delivered to nobody and is given up')
      return dropDelivery(sql, own, delivery.id)
    }
    log.warn(facts, 'an alert was not delivered; it is tried again')
    // What is wrong for good waits long at once: somebody may mend the channel.
    const waitMs =
      isFailure(error) && error.remedy === 'stop'
        ? waitMaxMs
        : Math.min(waitMaxMs, firstWaitMs * 2 ** delivery.attempts)
    await writeDeliveries(sql, own, [
      { ...delivery, attempts: delivery.attempts + 1, dueAtMs: nowMs + waitMs },
    ])
  }

  async function channelOf(id: string): Promise<Channel | undefined> {
    if (id === mailChannel) return { id, kind: 'email', name: 'reports', enabled: true, allowPrivate: false }
    return (await setUp.channels.all()).find(channel => channel.id === id)
  }

  return {
    put: (tx, own, channel, message) => {
      const nowMs = clock.now()
      const id = p.random(16).toHex()
      const body = JSON.stringify(message)
      return writeDeliveries(tx, own, [{ id, channel, dueAtMs: nowMs, madeAtMs: nowMs, attempts: 0, body }])
    },
    async deliver(signal) {
      const own = fleet()
      if (own === undefined) return 0
      const due = await dueDeliveries(sql, own, clock.now(), atOnce)
      // Side by side, so that one slow receiver holds up nobody else; each channel in its order.
      const lanes = Map.groupBy(due, ({ channel }) => channel).values()
      const counts = await Promise.all(
        lanes.map(async lane => {
          let delivered = 0
          for (const one of lane) if (await attempt(own, one, signal)) delivered++
          return delivered
        }),
      )
      return counts.reduce((sum, count) => sum + count, 0)
    },
    async send(channel, message, signal) {
      const secret = (await setUp.channelSecrets()).get(channel.id) ?? {}
      await carry(channel, secret, message, p.random(16).toHex(), signal)
      news.set(channel.id, { lastDeliveredAtMs: clock.now(), lastFailure: undefined })
    },
    async newsOf(channel) {
      const own = fleet()
      const waiting = own === undefined ? 0 : ((await waitingDeliveries(sql, own)).get(channel) ?? 0)
      return { ...newsOf(channel), waiting }
    },
  }
}

function refused(why: string): Failure {
  return new Failure('channel_refused', why, { remedy: 'stop' })
}
