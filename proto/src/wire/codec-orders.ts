/** Orders about policy on their way to a device, and what it says of them. */
import { type Codecs, finish } from './codec.ts'
import type { ObeyedOrders, RefusedOrder } from './frame.ts'
import { codeBytesMax, controlFrameBytesMax, fieldsMax, objectFrameBytesMax, ordersMax } from './limits.ts'
import { badFrame } from './outline.ts'
import { bytesOf, list, someBytes, text } from './reading.ts'
import { backstay } from './wire.pb.js'

const { wire } = backstay
const standingBytes = 32
const orderIdBytes = 16

export const orderCodecs: Codecs<'orders' | 'obeyed'> = {
  orders: {
    field: 33,
    // Eleven layers of policy.
    frameBytesMax: objectFrameBytesMax,
    fieldsMax,
    read: bytes => ({
      kind: 'orders',
      envelopes: list('orders', wire.Orders.decode(bytes).envelopes, ordersMax),
    }),
    write: ({ envelopes }) => finish(wire.Orders, { envelopes: [...envelopes] }),
  },
  obeyed: {
    field: 34,
    frameBytesMax: controlFrameBytesMax,
    fieldsMax,
    read(bytes) {
      const message = wire.Obeyed.decode(bytes)
      return {
        kind: 'obeyed',
        standing: bytesOf('standing', message.standing, standingBytes),
        refused: readRefused(message.refused),
      }
    },
    write: ({ standing, refused }) => finish(wire.Obeyed, { standing, refused: writeRefused(refused) }),
  },
}

export function readRefused(
  refused: readonly { id?: Uint8Array | null; code?: string | null }[],
): RefusedOrder[] {
  return list('refused orders', refused, ordersMax).map(({ id, code }) => {
    const word = text('code', code, codeBytesMax)
    if (!/^[a-z][a-z0-9_]*$/.test(word)) throw badFrame('its code is not a word')
    return { id: someBytes(id) && bytesOf('order id', id, orderIdBytes), code: word }
  })
}

export function writeRefused(refused: ObeyedOrders['refused']) {
  return refused.map(({ id, code }) => ({ id: id ?? null, code }))
}

/** A device that has said nothing yet has no standing. */
export function readObeyed(message: {
  standing: Uint8Array
  refusedOrders: readonly { id?: Uint8Array | null; code?: string | null }[]
}): ObeyedOrders | undefined {
  if (message.standing.length === 0) return undefined
  return {
    standing: bytesOf('standing', message.standing, standingBytes),
    refused: readRefused(message.refusedOrders),
  }
}
