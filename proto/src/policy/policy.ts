/** One layer of the fleet's standing wish for its devices. How layers add up: effective.ts. docs/format.md §9.5. */
import { type Bytes, equalBytes } from '../bytes.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from '../trust/envelope.ts'
import { fieldsOf, plain } from '../trust/fields.ts'
import { nameBytesMax } from '../trust/key-fields.ts'
import { type Order, readOrder, writeOrder } from '../trust/order.ts'
import { backstay } from './policy.pb.js'
import { backupSetsMax, keyOf, type LayerSetting, rootsMax } from './settings.ts'
import { readSetting, writeSetting } from './settings-codec.ts'

export interface Policy {
  readonly kind: 'policy'
  /** Audience: none (the fleet), or one id of a group, a grant or a device. */
  readonly order: Order
  readonly name: string
  /** Each at most once. */
  readonly settings: readonly LayerSetting[]
  /** It says things that this version does not know. */
  readonly isNewer: boolean
}

/** A device obeys eleven layers at most (groupDepthMax), and a Welcome must hold them. */
export const policyBytesMax = 256 * 1024
const settingsMax = backupSetsMax + 32

export function encodePolicy({ order, name, settings }: Omit<Policy, 'kind' | 'isNewer'>): Bytes {
  const message = { order: writeOrder(order), name, settings: settings.map(writeSetting) }
  return plain(backstay.policy.Policy.encode(message).finish())
}

/** Throws `bad_policy`. Unknown fields are ignored and told by `isNewer`: a policy half understood protects better than none. */
export function decodePolicy(payload: Bytes): Policy {
  const fields = fieldsOf('policy', 'a policy')
  if (payload.length > policyBytesMax) throw fields.bad(`it has ${payload.length} bytes`)
  const message = fields.decode(backstay.policy.Policy, payload, 'lenient')
  const order = readOrder(fields, message.order)
  if (order.audience.length > 1) throw fields.bad('it is for more than one group, grant or device')
  const read = fields.list('settings', message.settings, { max: settingsMax }, one =>
    readSetting(fields, one),
  )
  const settings = read.filter(one => one !== undefined)
  const keys = new Set(settings.map(keyOf))
  if (keys.size < settings.length) throw fields.bad('it sets something twice')
  const sets = settings.flatMap(one => (one.kind === 'backupSet' ? one.value : []))
  if (sets.length > backupSetsMax) throw fields.bad(`it has ${sets.length} backup sets`)
  const roots = sets.reduce((sum, set) => sum + set.roots.length, 0)
  if (roots > rootsMax) throw fields.bad(`it names ${roots} roots`)
  const name = fields.text('name', message.name, nameBytesMax)
  const isNewer = !equalBytes(plain(backstay.policy.Policy.encode(message).finish()), payload)
  return { kind: 'policy', order, name, settings, isNewer: isNewer || read.length > settings.length }
}

/** Throws `bad_policy` rather than sign what no device would obey. */
export async function signPolicy(
  p: Primitives,
  policy: Omit<Policy, 'kind' | 'isNewer'>,
  key: SigningKey,
): Promise<Bytes> {
  const payload = encodePolicy(policy)
  decodePolicy(payload)
  return signEnvelope(p, 'policy', payload, [key])
}
