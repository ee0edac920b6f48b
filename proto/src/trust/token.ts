/**
 * The enrolment token: all that a new device needs to find its fleet and to be let in. It pins the fleet and a version of
 * Trust, so a man in the middle cannot swap recovery keys; its secret can do no more than enrol empty devices.
 */
import { type Bytes, equalBytes } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { type FleetId, fleetId, idToBytes } from '../object/id.ts'
import { type CollectorAddress, readAddress } from './address.ts'
import { fieldsOf, plain } from './fields.ts'
import { decodeTextCode, encodeTextCode } from './text-code.ts'
import { backstay } from './trust.pb.js'
import type { VerifiedTrust } from './trust.ts'

export interface Token extends CollectorAddress {
  readonly fleet: FleetId
  /** The device must be shown at least this version of Trust … */
  readonly trustVersion: number
  /** … and this one: SHA-256 of its payload. */
  readonly trustHash: Bytes
  /** Envelope of the grant. */
  readonly grant: Bytes
  /** Ed25519 seed of the grant key, 32 bytes. Never logged. */
  readonly grantSeed: Bytes
}

export const tokenPrefix = 'backstay-enroll:'
const grantBytesMax = 4096

export function encodeToken(token: Token): string {
  const message = {
    ...token,
    urls: [...token.urls],
    spkiPins: [...token.spkiPins],
    fleet: idToBytes(token.fleet),
  }
  return encodeTextCode(tokenPrefix, plain(backstay.trust.Token.encode(message).finish()))
}

/** Throws `bad_token`. */
export function decodeToken(text: string): Token {
  const fields = fieldsOf('token', 'an enrolment token', 'print a new one: backstay token')
  const message = fields.decode(backstay.trust.Token, decodeTextCode(tokenPrefix, text, fields), 'strict')
  return {
    ...readAddress(fields, message),
    fleet: fleetId(fields.fixed('fleet id', message.fleet, 32)),
    trustVersion: fields.integer('Trust version', message.trustVersion),
    trustHash: fields.fixed('Trust hash', message.trustHash, 32),
    grant: fields.bytes('grant', message.grant, { min: 1, max: grantBytesMax }),
    grantSeed: fields.fixed('secret', message.grantSeed, 32),
  }
}

/**
 * Checks a verified chain, all of its versions, against the token that led to it. Throws `trust_rollback` when the
 * collector shows less than the token's signer knew, and `trust_fork` when it shows something else.
 */
export function requireTokenTrust(token: Token, history: readonly VerifiedTrust[]): void {
  const trust = history.find(trust => trust.document.version === token.trustVersion)
  if (trust === undefined) {
    throw new Failure(
      'trust_rollback',
      `the collector does not show version ${token.trustVersion} of Trust`,
      {
        hint: 'ask an admin for a new token (backstay token)',
      },
    )
  }
  if (!equalBytes(trust.payloadHash, token.trustHash)) {
    throw new Failure(
      'trust_fork',
      `version ${token.trustVersion} of Trust is not the one that the token names`,
    )
  }
}
