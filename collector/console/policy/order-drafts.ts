/** Orders about policy as a key holder means them: composed from what stands, told what they would do, and signed. Pure: a page uses it too. */
import { type Bytes, equalBytes, fromHex, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { deviceId } from '@backstay/proto/object/id'
import { signPolicy } from '@backstay/proto/policy/policy'
import type { LayerSetting } from '@backstay/proto/policy/settings'
import {
  audiencesOf,
  groupChain,
  type Place,
  type Standing,
  type StandingOrder,
  standingOf,
} from '@backstay/proto/policy/standing'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { signAssignment } from '@backstay/proto/trust/assignment'
import { type Group, signGroup } from '@backstay/proto/trust/group'
import { newOrder, nextSequence } from '@backstay/proto/trust/order'
import type { KeyHolder } from '../key-holder.ts'
import { type Change, changeOf, changesFiles, type SettingChange } from './change.ts'
import { readOrders, type ViewedOrder, viewSome } from './fleet-view.ts'
import { requireSoundGroup } from './group-rules.ts'
import { type SnapshotsEffect, snapshotsEffect } from './lost-snapshots.ts'
import { Mistake, readValue } from './setting-values.ts'

export type OrderDraft =
  | {
      readonly kind: 'policy'
      readonly layer: 'fleet' | 'group' | 'grant' | 'device'
      /** Of the group, grant or device; '' for the fleet. */
      readonly id: string
      readonly name: string
      /** By key (`retention`, `sets.home`): as setting-values.ts writes them. */
      readonly settings: readonly {
        readonly key: string
        readonly value: unknown
        readonly locked: boolean
      }[]
    }
  | {
      readonly kind: 'group'
      /** '' for a new one. */
      readonly id: string
      readonly name: string
      /** '' directly below the fleet. */
      readonly parent: string
      readonly retired: boolean
    }
  /** `group`: '' for none. */
  | { readonly kind: 'assignment'; readonly devices: readonly string[]; readonly group: string }

/** What would change on devices, by what the signatures in the fleet show. */
export interface OrderEffect {
  /** Devices for which the same changes, the largest class first. */
  readonly classes: readonly {
    readonly devices: readonly string[]
    readonly changes: readonly SettingChange[]
  }[]
  readonly untouched: number
  /** By setting: on how many devices a lock of another layer keeps it as it is. */
  readonly resisted: Readonly<Record<string, number>>
  /** What a shorter retention lets go. */
  readonly retention: SnapshotsEffect
  /** Some device has other roots, presets or excludes: what that does to files takes its keys to say (files-effect.ts). */
  readonly changesFiles: boolean
}

/** Throws `bad_setting`, `bad_id` and the codes of group-rules.ts. */
export async function orderOfDraft(
  { primitives: p, trust }: KeyHolder,
  before: readonly ViewedOrder[],
  draft: OrderDraft,
  nowMs: number,
): Promise<StandingOrder> {
  // The number after those that stand, whoever signed them.
  const order = (audience: readonly Bytes[]) => {
    const same = (one: readonly Bytes[]) => one.map(hex).join() === audience.map(hex).join()
    const orders = before.flatMap(({ order: one }) =>
      one.kind === draft.kind && same(one.order.audience) ? one.order : [],
    )
    return newOrder(p, trust, nowMs, { audience, sequence: nextSequence(orders, trust.document.version) })
  }
  switch (draft.kind) {
    case 'policy': {
      const audience = draft.layer === 'fleet' ? [] : [idOf(draft.id)]
      return {
        kind: 'policy',
        order: order(audience),
        name: draft.name,
        settings: draft.settings.map(settingOf),
        isNewer: false,
      }
    }
    case 'group': {
      const id = draft.id === '' ? p.random(16) : idOf(draft.id)
      const parent = draft.parent === '' ? undefined : idOf(draft.parent)
      const { name, retired } = draft
      requireSoundGroup(standingOf(before.map(one => one.order)), { id, name, parent, retired })
      return { kind: 'group', order: order([]), id, name, parent, retired }
    }
    case 'assignment': {
      const devices = draft.devices.map(one => deviceId(idOf(one)))
      const group = draft.group === '' ? undefined : idOf(draft.group)
      return { kind: 'assignment', order: order([]), devices, group }
    }
  }
}

export async function signOrderDraft(holder: KeyHolder, draft: OrderDraft, nowMs: number): Promise<Bytes> {
  const order = await orderOfDraft(holder, await readOrders(holder), draft, nowMs)
  return signStanding(holder.primitives, order, holder.signingKey)
}

function signStanding(p: Primitives, order: StandingOrder, key: SigningKey): Promise<Bytes> {
  if (order.kind === 'policy') return signPolicy(p, order, key)
  return order.kind === 'group' ? signGroup(p, order, key) : signAssignment(p, order, key)
}

/** Of one draft, nothing of which is signed. Throws what composing it throws. */
export async function changeOfDraft(holder: KeyHolder, draft: OrderDraft, nowMs: number): Promise<Change> {
  const orders = await readOrders(holder)
  const order = await orderOfDraft(holder, orders, draft, nowMs)
  const before = standingOf(orders.map(one => one.order))
  const view = changesNobody(before, order)
    ? { orders, standing: before, devices: [] }
    : await viewSome(
        holder,
        orders,
        place => concerns(before, order, place),
        order.kind === 'assignment' ? order.devices : undefined,
      )
  return changeOf(view, [order])
}

export async function effectOf(holder: KeyHolder, change: Change, nowMs: number): Promise<OrderEffect> {
  const devices = change.classes.flatMap(one => one.devices)
  return {
    classes: change.classes.map(one => ({
      devices: one.devices.map(({ viewed }) => viewed.certificate.name),
      changes: one.changes,
    })),
    untouched: change.untouched,
    resisted: Object.fromEntries(change.resisted),
    retention: await snapshotsEffect(holder, change, nowMs),
    changesFiles: devices.some(({ before, after }) => changesFiles(before.values, after.values)),
  }
}

/** A new group, or another name of one. */
function changesNobody({ groups }: Standing, order: StandingOrder): boolean {
  if (order.kind !== 'group') return false
  const known = groups.get(hex(order.id))
  if (known === undefined) return true
  const parentOf = ({ parent }: Group) => parent && hex(parent)
  return known.retired === order.retired && parentOf(known) === parentOf(order)
}

/** Whether it may say something else to a device in this place than before. */
function concerns(standing: Standing, order: StandingOrder, place: Place): boolean {
  if (order.kind === 'assignment') return order.devices.includes(place.device)
  if (order.kind === 'group')
    return groupChain(standing, place.device).some(one => equalBytes(one.id, order.id))
  const [audience] = order.order.audience
  return audience === undefined || audiencesOf(standing, place).some(one => equalBytes(one, audience))
}

function settingOf({ key, value, locked }: { key: string; value: unknown; locked: boolean }): LayerSetting {
  try {
    return { ...readValue(key, value), locked }
  } catch (error) {
    if (error instanceof Mistake) throw new Failure('bad_setting', error.message)
    throw error
  }
}

/** Of 16 bytes. Throws `bad_id`. */
export function idOf(text: string): Bytes {
  const bytes = fromHex(text)
  if (bytes?.length === 16) return bytes
  throw new Failure('bad_id', `"${text}" is no id`)
}
