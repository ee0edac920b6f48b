/** An admin's word which group devices are in; of several that name a device the newest counts. docs/format.md §9.5. */
import type { Bytes } from '../bytes.ts'
import { type DeviceId, deviceId, idToBytes } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { audienceMax, type Order, readOrder, writeOrder } from './order.ts'
import { backstay } from './trust.pb.js'

export interface Assignment {
  readonly kind: 'assignment'
  readonly order: Order
  readonly devices: readonly DeviceId[]
  /** 16 bytes; undefined: in no group. */
  readonly group: Bytes | undefined
}

/** More devices take more orders. */
export const assignedMax = audienceMax

export function encodeAssignment({ order, devices, group }: Assignment): Bytes {
  const message = { order: writeOrder(order), devices: devices.map(idToBytes), group: group ?? null }
  return plain(backstay.trust.Assignment.encode(message).finish())
}

/** Throws `bad_assignment`. Unknown fields are refused, as in a group. */
export function decodeAssignment(payload: Bytes): Assignment {
  const fields = fieldsOf('assignment', 'an assignment')
  const message = fields.decode(backstay.trust.Assignment, payload, 'strict')
  const order = readOrder(fields, message.order)
  if (order.audience.length > 0) throw fields.bad('it is not for the whole fleet')
  const devices = fields.list('devices', message.devices, { min: 1, max: assignedMax }, one =>
    deviceId(fields.fixed('device id', one, 16)),
  )
  const group = message.group?.length ? fields.fixed('group', message.group, 16) : undefined
  return { kind: 'assignment', order, devices, group }
}

export function signAssignment(p: Primitives, assignment: Assignment, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'assignment', encodeAssignment(assignment), [key])
}
