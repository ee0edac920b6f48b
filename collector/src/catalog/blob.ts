/** Ids as the catalog keeps them. Node's own conversion, because a backup looks up millions. */
import type { DeviceId, FleetId, ObjectId } from '@backstay/proto/object/id'

export function blob(id: ObjectId | DeviceId | FleetId): Uint8Array {
  return Buffer.from(id, 'hex')
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

// The catalog holds only ids that were checked before they were written.
export const objectIdFrom = (bytes: Uint8Array): ObjectId => hexOf(bytes) as ObjectId
export const deviceIdFrom = (bytes: Uint8Array): DeviceId => hexOf(bytes) as DeviceId
export const fleetIdFrom = (bytes: Uint8Array): FleetId => hexOf(bytes) as FleetId
