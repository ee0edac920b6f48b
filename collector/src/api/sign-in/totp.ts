/** Six digits of time (RFC 6238). A secret lies in the catalog sealed with a key of this collector; a code counts once. */

import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Bytes } from '@backstay/proto/bytes'
import { utf8 } from '@backstay/proto/bytes'
import type { Primitives } from '@backstay/proto/primitives'
import { Secret, TOTP } from 'otpauth'

export const stepMs = 30_000
const secretBytes = 20
const nonceBytes = 12
const tagBytes = 16
/** A phone's clock may be so many steps off. */
const window = 1

export interface Totp {
  newSecret(): Bytes
  /** For an authenticator app: its secret in base32, and otpauth://… */
  shown(secret: Bytes, account: string, fleetName: string): { readonly secret: string; readonly url: string }
  /** The step that a code is of; undefined: it is none of these minutes. */
  stepOf(secret: Bytes, code: string, nowMs: number): number | undefined
  seal(secret: Bytes, person: string): Bytes
  /** Undefined: it was sealed with another key; the person enrols anew. */
  open(sealed: Bytes, person: string): Bytes | undefined
}

/** `key`: 32 bytes that lie beside the collector's own keys and in no pack. */
export function totp(p: Pick<Primitives, 'random'>, key: Bytes): Totp {
  return {
    newSecret: () => p.random(secretBytes),
    shown(secret, account, fleetName) {
      const made = made6(secret, account, fleetName)
      return { secret: made.secret.base32, url: made.toString() }
    },
    stepOf(secret, code, nowMs) {
      const delta = made6(secret, 'backstay', 'Backstay').validate({ token: code, timestamp: nowMs, window })
      return delta === null ? undefined : Math.floor(nowMs / stepMs) + delta
    },
    seal(secret, person) {
      const nonce = p.random(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(utf8(person))
      return new Uint8Array(
        Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]),
      )
    },
    open(sealed, person) {
      try {
        const nonce = sealed.subarray(0, nonceBytes)
        const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(utf8(person))
        decipher.setAuthTag(sealed.subarray(-tagBytes))
        const body = sealed.subarray(nonceBytes, -tagBytes)
        return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]))
      } catch {
        return undefined
      }
    },
  }
}

function made6(secret: Bytes, account: string, fleetName: string): TOTP {
  const buffer = secret.slice().buffer
  return new TOTP({
    ...{
      issuer: `Backstay ${fleetName}`,
      label: account,
      algorithm: 'SHA1',
      digits: 6,
      period: stepMs / 1000,
    },
    secret: new Secret({ buffer }),
  })
}
