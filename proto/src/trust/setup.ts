/** The set-up string: what a new collector prints so that an admin can found a fleet on it, and on no other. */
import type { Bytes } from '../bytes.ts'
import { type CollectorAddress, readAddress } from './address.ts'
import { fieldsOf, plain } from './fields.ts'
import { publicKey } from './key-fields.ts'
import { decodeTextCode, encodeTextCode } from './text-code.ts'
import { backstay } from './trust.pb.js'

export interface Setup extends CollectorAddress {
  /** Ed25519 public key of the collector. */
  readonly collectorKey: Bytes
  /** 16 random bytes, good for founding one fleet. Never logged. */
  readonly code: Bytes
}

export const setupPrefix = 'backstay-setup:'
export const setupCodeBytes = 16

export function encodeSetup(setup: Setup): string {
  const message = { ...setup, urls: [...setup.urls], spkiPins: [...setup.spkiPins] }
  return encodeTextCode(setupPrefix, plain(backstay.trust.Setup.encode(message).finish()))
}

/** Throws `bad_setup`. */
export function decodeSetup(text: string): Setup {
  const fields = fieldsOf(
    'setup',
    'a set-up string',
    'copy what the collector prints: backstay-collector serve',
  )
  const message = fields.decode(backstay.trust.Setup, decodeTextCode(setupPrefix, text, fields), 'strict')
  return {
    ...readAddress(fields, message),
    collectorKey: publicKey(fields, 'collector key', message.collectorKey),
    code: fields.fixed('code', message.code, setupCodeBytes),
  }
}
