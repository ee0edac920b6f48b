/**
 * What an admin key signs to sign in over REST: this fleet, this very collector, this challenge. A signature for it is
 * worth nothing for a record, because records are signed as DSSE envelopes, whose bytes begin otherwise.
 */
import { type Bytes, concat, utf8 } from '../bytes.ts'
import { type FleetId, idToBytes } from '../object/id.ts'

export interface KeyChallenge {
  readonly fleet: FleetId
  /** Ed25519 public key of the collector that one means to speak with, as Trust names it; 32 bytes. */
  readonly collectorKey: Bytes
  /** 32 random bytes of the collector, good for once. */
  readonly challenge: Bytes
}

const domain = utf8('backstay rest sign-in v1\0')

export function keySignInMessage({ fleet, collectorKey, challenge }: KeyChallenge): Bytes {
  return concat(domain, idToBytes(fleet), collectorKey, challenge)
}
