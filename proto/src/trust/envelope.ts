/**
 * Signed envelopes (DSSE, github.com/secure-systems-lab/dsse): a signature covers the exact bytes of a payload and its
 * type, so nothing needs a canonical form, and a signature for one kind is worth nothing for another. docs/format.md §9.1.
 */
import { type Bytes, concat, equalBytes, utf8 } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { backstay } from '../object/object.pb.js'
import type { Primitives, SigningKey } from '../primitives.ts'
import { fieldsOf, plain } from './fields.ts'

export const payloadKinds = [
  'trust',
  'policy',
  'grant',
  'certificate',
  'escrow',
  'keyring',
  'revoke',
  'job',
  'commit',
  'proof',
  'forget',
  'receipt',
  'hold',
  'heartbeat',
  'group',
  'assignment',
  'report',
  'catalog',
  'release',
  'erase',
  'parcel',
] as const
export type PayloadKind = (typeof payloadKinds)[number]

export interface Envelope {
  readonly payload: Bytes
  readonly payloadType: string
  readonly signatures: readonly { readonly keyId: Bytes; readonly signature: Bytes }[]
}

/** The largest is a Trust document with 64 admins, about 150 KiB; the number only bounds memory. */
export const envelopeBytesMax = 1024 * 1024
/** As many as owners. */
export const signaturesMax = 16
const payloadTypeBytesMax = 128

export function payloadTypeOf(kind: PayloadKind): string {
  return `application/vnd.backstay.${kind}.v1+proto`
}

/** Throws `unknown_kind`. */
export function kindOf(envelope: Envelope): PayloadKind {
  const kind = payloadKinds.find(kind => payloadTypeOf(kind) === envelope.payloadType)
  if (kind === undefined) {
    throw new Failure('unknown_kind', `a signed envelope of type "${envelope.payloadType}" is not known`, {
      hint: 'update this program',
    })
  }
  return kind
}

/** SHA-256 of an Ed25519 public key. */
export function keyIdOf(p: Primitives, publicKey: Bytes): Promise<Bytes> {
  return p.sha256(publicKey)
}

/** Returns the encoded envelope. */
export async function signEnvelope(
  p: Primitives,
  kind: PayloadKind,
  payload: Bytes,
  keys: readonly SigningKey[],
): Promise<Bytes> {
  const payloadType = payloadTypeOf(kind)
  return encodeEnvelope({
    payload,
    payloadType,
    signatures: await signaturesBy(p, payloadType, payload, keys),
  })
}

/** Adds signatures to an encoded envelope: how owners on several machines reach a threshold. */
export async function cosignEnvelope(
  p: Primitives,
  kind: PayloadKind,
  bytes: Bytes,
  keys: readonly SigningKey[],
): Promise<Bytes> {
  const envelope = decodeEnvelope(bytes)
  requireKind(kind, envelope)
  const more = await signaturesBy(p, envelope.payloadType, envelope.payload, keys)
  return encodeEnvelope({ ...envelope, signatures: [...envelope.signatures, ...more] })
}

export function encodeEnvelope(envelope: Envelope): Bytes {
  const { payload, payloadType, signatures } = envelope
  return plain(
    backstay.object.Envelope.encode({
      payload,
      payloadType,
      signatures: signatures.map(one => ({ ...one })),
    }).finish(),
  )
}

/**
 * Throws `bad_envelope`. One envelope has one encoding, so that nobody can give a record a second id by adding bytes
 * that no signature covers.
 */
export function decodeEnvelope(bytes: Bytes): Envelope {
  const fields = fieldsOf('envelope', 'a signed envelope')
  if (bytes.length > envelopeBytesMax) throw fields.bad(`it has ${bytes.length} bytes`)
  const message = fields.decode(backstay.object.Envelope, bytes, 'strict')
  return {
    payload: fields.bytes('payload', message.payload, { max: envelopeBytesMax }),
    payloadType: fields.text('type', message.payloadType, payloadTypeBytesMax),
    signatures: fields.list('signatures', message.signatures, { min: 1, max: signaturesMax }, one => ({
      keyId: fields.fixed('key id', one.keyId, 32),
      signature: fields.fixed('signature', one.signature, 64),
    })),
  }
}

/**
 * Those of the candidate public keys that signed the envelope, each once however often it signed.
 * Throws `wrong_kind` when the envelope is of another kind.
 */
export async function signersOf(
  p: Primitives,
  kind: PayloadKind,
  envelope: Envelope,
  candidates: readonly Bytes[],
): Promise<Bytes[]> {
  requireKind(kind, envelope)
  const message = signedBytes(envelope.payloadType, envelope.payload)
  const signers: Bytes[] = []
  for (const key of candidates) {
    if (signers.some(signer => equalBytes(signer, key))) continue
    const keyId = await keyIdOf(p, key)
    for (const one of envelope.signatures) {
      if (!equalBytes(one.keyId, keyId) || !(await p.verify(key, message, one.signature))) continue
      signers.push(key)
      break
    }
  }
  return signers
}

/** DSSE's pre-authentication encoding: what is signed. */
export function signedBytes(payloadType: string, payload: Bytes): Bytes {
  const type = utf8(payloadType)
  return concat(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload)
}

function requireKind(kind: PayloadKind, envelope: Envelope): void {
  if (envelope.payloadType === payloadTypeOf(kind)) return
  throw new Failure('wrong_kind', `expected a signed ${kind}, not "${envelope.payloadType}"`)
}

async function signaturesBy(p: Primitives, payloadType: string, payload: Bytes, keys: readonly SigningKey[]) {
  const message = signedBytes(payloadType, payload)
  const signatures: { keyId: Bytes; signature: Bytes }[] = []
  for (const key of keys) {
    signatures.push({ keyId: await keyIdOf(p, key.publicKey), signature: await key.sign(message) })
  }
  return signatures
}
