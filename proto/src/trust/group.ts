/** A group of devices that share a layer of policy; groups stand in one another. docs/format.md §9.5. */
import { type Bytes, equalBytes } from '../bytes.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { nameBytesMax } from './key-fields.ts'
import { type Order, readOrder, writeOrder } from './order.ts'
import { backstay } from './trust.pb.js'

export interface Group {
  readonly kind: 'group'
  readonly order: Order
  /** 16 random bytes, the same in all its versions. */
  readonly id: Bytes
  readonly name: string
  /** Undefined: it stands directly below the fleet. */
  readonly parent: Bytes | undefined
  /** Its own layer counts no longer; those above it do. */
  readonly retired: boolean
}

export function encodeGroup({ kind: _, order, parent, ...rest }: Group): Bytes {
  const message = { ...rest, order: writeOrder(order), parent: parent ?? null }
  return plain(backstay.trust.Group.encode(message).finish())
}

/** Throws `bad_group`. Unknown fields are refused: a device in the wrong place is backed up by the wrong rules. */
export function decodeGroup(payload: Bytes): Group {
  const fields = fieldsOf('group', 'a group')
  const message = fields.decode(backstay.trust.Group, payload, 'strict')
  const order = readOrder(fields, message.order)
  if (order.audience.length > 0) throw fields.bad('it is not for the whole fleet')
  const id = fields.fixed('id', message.id, 16)
  const name = fields.text('name', message.name, nameBytesMax)
  if (name === '') throw fields.bad('it has no name')
  const parent = message.parent?.length ? fields.fixed('parent', message.parent, 16) : undefined
  if (parent !== undefined && equalBytes(parent, id)) throw fields.bad('it stands in itself')
  return { kind: 'group', order, id, name, parent, retired: message.retired ?? false }
}

export function signGroup(p: Primitives, group: Group, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'group', encodeGroup(group), [key])
}
