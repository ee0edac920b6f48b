/** The collector's signed word that snapshots count no longer. In the packs before anything of them is condemned. */
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

export interface Forget {
  readonly fleet: FleetId
  readonly device: DeviceId
  /** Record ids of commits. */
  readonly snapshots: readonly ObjectId[]
  /** The collector's retention clock when it decided. */
  readonly clockMs: number
}

/** An envelope holds 1 MiB; 34 bytes each. */
export const forgottenMax = 16_384

export function encodeForget(forget: Forget): Bytes {
  const message = {
    fleet: idToBytes(forget.fleet),
    device: idToBytes(forget.device),
    snapshots: forget.snapshots.map(idToBytes),
    clockMs: forget.clockMs,
  }
  return plain(backstay.trust.Forget.encode(message).finish())
}

/** Throws `bad_forget`. Unknown fields are refused: they might be a condition under which it does not count. */
export function decodeForget(payload: Bytes): Forget {
  const fields = fieldsOf('forget', 'a record of what was forgotten')
  const message = fields.decode(backstay.trust.Forget, payload, 'strict')
  return {
    fleet: fleetId(fields.fixed('fleet id', message.fleet, 32)),
    device: deviceId(fields.fixed('device id', message.device, 16)),
    snapshots: fields.list('snapshots', message.snapshots, { min: 1, max: forgottenMax }, id =>
      objectId(fields.fixed('snapshot', id, 32)),
    ),
    clockMs: fields.time('clock', message.clockMs),
  }
}

/** `key` is the collector's. */
export function signForget(p: Primitives, forget: Forget, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'forget', encodeForget(forget), [key])
}
