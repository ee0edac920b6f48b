/** Alerts, their rules and channels, and the settings of the collector. What goes in as a secret never comes out. */

import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import {
  type AlertItem,
  alertRoutes,
  type ChannelChange,
  type ChannelItem,
  type CollectorSettings,
  usualSettleMs,
} from '@backstay/proto/rest/alerts'
import type { Alerts } from '../alerts/alerts.ts'
import type { Channel, ChannelSecret } from '../alerts/channel.ts'
import type { Alert } from '../alerts/engine.ts'
import type { AlertRule } from '../alerts/rules.ts'
import type { Settings } from '../alerts/set-up.ts'
import type { Audit } from '../audit/audit.ts'
import type { FleetView } from '../fleet/fleet-view.ts'
import { type Answering, answering } from './answer.ts'
import { type Caller, sees } from './caller.ts'
import { defined } from './defined.ts'
import { decodeCursor, encodeCursor } from './paging.ts'

export interface AlertParts {
  readonly alerts: Alerts
  readonly audit: Pick<Audit, 'note'>
  readonly view: Pick<FleetView, 'devices'>
  readonly clock: { now(): number }
}

export function alertRoutesOf({ alerts, audit, view, clock }: AlertParts): Answering[] {
  const { setUp, outbox } = alerts
  const { rules, channels } = setUp

  /** An alert about the fleet is for who sees all of it. */
  function isSeen({ subject }: Alert, caller: Caller): boolean {
    if (caller.groups === undefined) return true
    const device = view.devices.get(subject as DeviceId)
    return device !== undefined && sees(caller, device)
  }

  async function seen(id: string, caller: Caller): Promise<Alert> {
    const alert = await alerts.one(id)
    if (isSeen(alert, caller)) return alert
    throw new Failure('not_found', `there is no alert "${id}"`)
  }

  async function shownChannel(channel: Channel): Promise<ChannelItem> {
    const { url, key } = (await setUp.channelSecrets()).get(channel.id) ?? {}
    const { id, kind, name, enabled, to, allowPrivate } = channel
    const { waiting, lastDeliveredAtMs, lastFailure } = await outbox.newsOf(id)
    return {
      ...{ id, kind, name, enabled, allowPrivate, hasUrl: url !== undefined, hasSecret: key !== undefined },
      ...(to !== undefined && { to: [...to] }),
      ...(url !== undefined && { host: new URL(url).host }),
      delivery: {
        waiting,
        ...(lastDeliveredAtMs !== undefined && { lastDeliveredAtMs }),
        ...(lastFailure !== undefined && { lastFailure }),
      },
    }
  }

  async function keepChannel(
    channel: Channel,
    given: Pick<ChannelChange, 'url' | 'secret'>,
  ): Promise<Channel> {
    const before = (await setUp.channelSecrets()).get(channel.id) ?? {}
    const secret: ChannelSecret = {
      url: given.url ?? before.url,
      // A key that was made for one address is not sent to another.
      key: given.secret ?? (given.url === undefined || given.url === before.url ? before.key : undefined),
    }
    requireWhole(channel, secret)
    await channels.write(channel)
    await setUp.writeChannelSecret(channel.id, secret)
    return channel
  }

  const note = (caller: Caller, action: string, target: string, detail?: Record<string, string>) =>
    audit.note({ actor: caller.actor, action, target, ...(detail && { detail }) })

  return [
    answering(alertRoutes.list, async ({ query, caller }) => {
      const { limit, cursor, state, device } = query
      const [raisedAtMs, id] = cursor === undefined ? [] : decodeCursor(cursor, ['number', 'string'])
      const recovered = state === undefined ? undefined : state === 'recovered'
      const found: Alert[] = []
      let before = id === undefined ? undefined : { raisedAtMs: Number(raisedAtMs), id: String(id) }
      for (;;) {
        const page = await alerts.list({ limit: limit + 1, before, recovered, subject: device })
        for (const one of page) {
          if (isSeen(one, caller) && (state === undefined || stateOf(one, clock.now()) === state))
            found.push(one)
        }
        const end = page.at(-1)
        if (page.length <= limit || found.length > limit || end === undefined) break
        before = { raisedAtMs: end.raisedAtMs, id: end.id }
      }
      const items = found.slice(0, limit)
      const last = items.at(-1)
      return {
        items: items.map(one => itemOf(one, clock.now())),
        ...(found.length > limit && last && { nextCursor: encodeCursor([last.raisedAtMs, last.id]) }),
      }
    }),
    answering(alertRoutes.acknowledge, async ({ params, caller }) => {
      const { id } = await seen(params.id, caller)
      const alert = await alerts.acknowledge(id, caller.actor)
      await note(caller, 'alert-acknowledged', id, { kind: alert.kind })
      return itemOf(alert, clock.now())
    }),
    answering(alertRoutes.mute, async ({ params, body, caller }) => {
      const { id } = await seen(params.id, caller)
      const alert = await alerts.mute(id, body.untilMs)
      await note(caller, 'alert-muted', id, {
        kind: alert.kind,
        until: new Date(alert.mutedUntilMs ?? 0).toISOString(),
      })
      return itemOf(alert, clock.now())
    }),

    answering(alertRoutes.rules, async () => ({ items: (await rules.all()).map(shownRule) })),
    answering(alertRoutes.addRule, async ({ body, caller }) => {
      const rule = await rules.write({ id: rules.newId(), ...body, changedAtMs: clock.now() })
      await note(caller, 'alert-rule-added', rule.id, { kind: rule.kind, name: rule.name })
      return shownRule(rule)
    }),
    answering(alertRoutes.changeRule, async ({ params, body, caller }) => {
      const before = await rules.one(params.id)
      const rule = await rules.write({
        ...before,
        ...defined(body),
        kind: before.kind,
        changedAtMs: clock.now(),
      })
      await note(caller, 'alert-rule-changed', rule.id, { kind: rule.kind, name: rule.name })
      return shownRule(rule)
    }),
    answering(alertRoutes.removeRule, async ({ params, caller }) => {
      await rules.remove(params.id)
      await note(caller, 'alert-rule-removed', params.id)
      return undefined
    }),

    answering(alertRoutes.channels, async () => ({
      items: await Promise.all((await channels.all()).map(shownChannel)),
    })),
    answering(alertRoutes.addChannel, async ({ body, caller }) => {
      requireOwnerFor(body, caller)
      const { url: _, secret: __, ...channel } = body
      const kept = await keepChannel({ id: channels.newId(), ...channel }, body)
      await note(caller, 'channel-added', kept.id, { kind: kept.kind, name: kept.name })
      return shownChannel(kept)
    }),
    answering(alertRoutes.changeChannel, async ({ params, body, caller }) => {
      requireOwnerFor(body, caller)
      const before = await channels.one(params.id)
      const { url: _, secret: __, ...changes } = body
      const kept = await keepChannel({ ...before, ...defined(changes), kind: before.kind }, body)
      await note(caller, 'channel-changed', kept.id, { kind: kept.kind, name: kept.name })
      return shownChannel(kept)
    }),
    answering(alertRoutes.removeChannel, async ({ params, caller }) => {
      await alerts.removeChannel(params.id)
      await note(caller, 'channel-removed', params.id)
      return undefined
    }),
    answering(alertRoutes.testChannel, async ({ params, caller }) => {
      await note(caller, 'channel-tested', params.id)
      try {
        await alerts.test(params.id)
        return { delivered: true }
      } catch (error) {
        if (!isFailure(error) || error.code === 'not_found') throw error
        return { delivered: false, code: error.code, what: error.message }
      }
    }),

    answering(alertRoutes.settings, async () => shownSettings(await setUp.settings(), await hasPassword())),
    answering(alertRoutes.changeSettings, async ({ body, caller }) => {
      const now = await setUp.changeSettings(body)
      await note(caller, 'settings-changed', 'collector', { what: Object.keys(body).join(' ') })
      return shownSettings(now, await hasPassword())
    }),
  ]

  async function hasPassword(): Promise<boolean> {
    return (await setUp.mailServer())?.password !== undefined
  }
}

/** A channel into the private network can knock at doors there. Throws `not_allowed`. */
function requireOwnerFor({ allowPrivate }: ChannelChange, { roles }: Caller): void {
  if (allowPrivate !== true || roles.includes('owner')) return
  throw new Failure('not_allowed', 'only an owner may let a channel lead into a private network')
}

/** Throws `bad_channel`. */
function requireWhole({ kind, to }: Channel, { url, key }: ChannelSecret): void {
  const bad = (why: string) => new Failure('bad_channel', `this channel cannot work: ${why}`)
  if (kind === 'email') {
    if (to === undefined) throw bad('it has no address to mail to')
    return
  }
  if (url === undefined) throw bad('it has no address')
  if (kind === 'webhook' && key === undefined) throw bad('it has no key to sign with')
  if (kind === 'ntfy' && new URL(url).pathname === '/') throw bad('its address names no topic')
}

function stateOf(alert: Alert, nowMs: number): AlertItem['state'] {
  if (alert.recoveredAtMs !== undefined) return 'recovered'
  if ((alert.mutedUntilMs ?? 0) > nowMs) return 'muted'
  return alert.acknowledgedAtMs === undefined ? 'open' : 'acknowledged'
}

function itemOf(alert: Alert, nowMs: number): AlertItem {
  const { id, rule, kind, severity, subject, name, what, remedy, sinceMs, raisedAtMs } = alert
  const { recoveredAtMs, acknowledgedAtMs, acknowledgedBy, mutedUntilMs } = alert
  return {
    ...{ id, rule, kind, severity, state: stateOf(alert, nowMs), what, remedy, sinceMs, raisedAtMs },
    ...(subject !== '' && { device: subject }),
    ...(name !== undefined && { name }),
    ...(recoveredAtMs !== undefined && { recoveredAtMs }),
    ...(acknowledgedAtMs !== undefined && { acknowledgedAtMs }),
    ...(acknowledgedBy !== undefined && { acknowledgedBy }),
    ...(mutedUntilMs !== undefined && { mutedUntilMs }),
  }
}

function shownRule({ groups, threshold, channels, settleMs = usualSettleMs, ...rule }: AlertRule) {
  return {
    ...{ ...rule, settleMs },
    channels: [...channels],
    ...(groups !== undefined && { groups: [...groups] }),
    ...(threshold !== undefined && { threshold }),
  }
}

function shownSettings({ publicUrl, mail, digest }: Settings, hasPassword: boolean): CollectorSettings {
  return {
    ...(publicUrl !== undefined && { publicUrl }),
    ...(mail !== undefined && { mail: { ...mail, hasPassword } }),
    digest: { ...digest, channels: [...digest.channels] },
  }
}
