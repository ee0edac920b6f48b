/** The collector's signed word when it took snapshots, by its retention clock: what no pack could tell a rebuild. */
import type { Bytes } from '../bytes.ts'
import {
  type DeviceId,
  deviceId,
  type FleetId,
  fleetId,
  idToBytes,
  type ObjectId,
  objectId,
} from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { backstay } from './trust.pb.js'

export interface Receipt {
  readonly fleet: FleetId
  /** Undefined: it only says what the clock showed. */
  readonly device: DeviceId | undefined
  readonly received: readonly Received[]
  /** The retention clock when this was written. */
  readonly clockMs: number
}

export interface Received {
  /** Record id of a commit. */
  readonly snapshot: ObjectId
  readonly clockMs: number
}

/** An envelope holds 1 MiB; 45 bytes each. */
export const receivedMax = 16_384

export function encodeReceipt(receipt: Receipt): Bytes {
  const message = {
    fleet: idToBytes(receipt.fleet),
    device: receipt.device === undefined ? null : idToBytes(receipt.device),
    received: receipt.received.map(({ snapshot, clockMs }) => ({ snapshot: idToBytes(snapshot), clockMs })),
    clockMs: receipt.clockMs,
  }
  return plain(backstay.trust.Receipt.encode(message).finish())
}

/** Throws `bad_receipt`. */
export function decodeReceipt(payload: Bytes): Receipt {
  const fields = fieldsOf('receipt', 'a receipt of snapshots')
  const message = fields.decode(backstay.trust.Receipt, payload, 'lenient')
  return {
    fleet: fleetId(fields.fixed('fleet id', message.fleet, 32)),
    device: message.device?.length ? deviceId(fields.fixed('device id', message.device, 16)) : undefined,
    received: fields.list('snapshots', message.received, { max: receivedMax }, one => ({
      snapshot: objectId(fields.fixed('snapshot', one.snapshot, 32)),
      clockMs: fields.time('time of receipt', one.clockMs),
    })),
    clockMs: fields.time('clock', message.clockMs),
  }
}

/** `key` is the collector's. */
export function signReceipt(p: Primitives, receipt: Receipt, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'receipt', encodeReceipt(receipt), [key])
}
