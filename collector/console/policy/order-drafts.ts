/** Orders about policy as a key holder means them: composed from what stands, told what they would do, and signed. Pure: a page uses it too. */
import { type Bytes, fromHex, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { deviceId } from '@backstay/proto/object/id'
import { signPolicy } from '@backstay/proto/policy/policy'
import type { LayerSetting } from '@backstay/proto/policy/settings'
import { type StandingOrder, standingOf } from '@backstay/proto/policy/standing'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { signAssignment } from '@backstay/proto/trust/assignment'
import { signGroup } from '@backstay/proto/trust/group'
import { newOrder, nextSequence } from '@backstay/proto/trust/order'
import type { KeyHolder } from '../key-holder.ts'
import { changeOf, keepsLess, type SettingChange } from './change.ts'
import { fleetView, readOrders, type ViewedOrder } from './fleet-view.ts'
import { requireSoundGroup } from './group-rules.ts'
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
  /** Some device keeps snapshots for a shorter time than today. */
  readonly keepsLess: boolean
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
export async function effectOf(holder: KeyHolder, draft: OrderDraft, nowMs: number): Promise<OrderEffect> {
  const view = await fleetView(holder)
  const change = changeOf(view, [await orderOfDraft(holder, view.orders, draft, nowMs)])
  const devices = change.classes.flatMap(one => one.devices)
  return {
    classes: change.classes.map(one => ({
      devices: one.devices.map(({ viewed }) => viewed.certificate.name),
      changes: one.changes,
    })),
    untouched: change.untouched,
    resisted: Object.fromEntries(change.resisted),
    keepsLess: devices.some(({ before, after }) =>
      keepsLess(before.values.retention, after.values.retention),
    ),
  }
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
