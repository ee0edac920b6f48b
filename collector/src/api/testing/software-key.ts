/** A passkey in software: ES256, attestation "none" (WebAuthn §6.5, §8.7), enough CBOR for both. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface SoftwareKey {
  /** What the browser would give for `options` of a registration. */
  register(options: { readonly challenge: string }, origin: string): Record<string, unknown>
  /** And of a sign-in. */
  prove(options: { readonly challenge: string }, origin: string): Record<string, unknown>
}

const flagPresent = 0x01
const flagVerified = 0x04
const flagAttested = 0x40

export function softwareKey(): SoftwareKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(32)
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' }) as { x?: string; y?: string }
  let counter = 0

  const clientData = (type: string, challenge: string, origin: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
  const authenticatorData = (origin: string, flags: number, rest = Buffer.alloc(0)) => {
    const head = Buffer.alloc(5)
    head.writeUInt8(flags)
    head.writeUInt32BE(++counter, 1)
    const host = createHash('sha256').update(new URL(origin).hostname).digest()
    return Buffer.concat([host, head, rest])
  }
  const given = (response: object) => ({
    ...{ id: id.toString('base64url'), rawId: id.toString('base64url'), type: 'public-key' },
    ...{ clientExtensionResults: {}, response },
  })

  return {
    register({ challenge }, origin) {
      const data = clientData('webauthn.create', challenge, origin)
      // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
      const key = Buffer.concat([
        ...[
          Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
          bytes(Buffer.from(x, 'base64url')),
        ],
        ...[Buffer.from([0x22]), bytes(Buffer.from(y, 'base64url'))],
      ])
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, key])
      const authData = authenticatorData(origin, flagPresent | flagVerified | flagAttested, attested)
      const object = Buffer.concat([
        ...[Buffer.from([0xa3]), text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0])],
        ...[text('authData'), bytes(authData)],
      ])
      return given({
        ...{ clientDataJSON: data.toString('base64url'), attestationObject: object.toString('base64url') },
        transports: ['internal'],
      })
    },
    prove({ challenge }, origin) {
      const data = clientData('webauthn.get', challenge, origin)
      const authData = authenticatorData(origin, flagPresent | flagVerified)
      const signed = Buffer.concat([authData, createHash('sha256').update(data).digest()])
      return given({
        ...{ clientDataJSON: data.toString('base64url'), authenticatorData: authData.toString('base64url') },
        signature: sign('sha256', signed, privateKey).toString('base64url'),
      })
    },
  }
}

function text(word: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + word.length]), Buffer.from(word)])
}

function bytes(content: Buffer): Buffer {
  const head =
    content.length < 256 ? [0x58, content.length] : [0x59, content.length >> 8, content.length & 255]
  return Buffer.concat([Buffer.from(head), content])
}
