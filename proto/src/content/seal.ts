/**
 * Sealing and opening of objects: the one construction that all content goes through. docs/format.md §3.
 *
 *     body = plain length u32 | packed length u32 | codec u8 | packed bytes | zeros up to the Padmé length
 *     K    = HMAC-SHA256(object key, SHA-256("backstay/object" ‖ header length u32 ‖ header ‖ body))
 *     stored = header ‖ AES-256-GCM(K, nonce 0, AAD header, body)
 *
 * K depends on the header as well as the body, so no two different (header, body) pairs ever share key and nonce; and
 * on the packed bytes, not the plain ones, so another version of the compressor cannot make it repeat either.
 */
import { type Bytes, compareBytes, concat, equalSecret, isZeros, u32le, utf8, viewOf } from '../bytes.ts'
import { copyBytes } from '../copy-bytes.ts'
import { Failure } from '../failure.ts'
import { bodyBytesMax, decodeWhole, encodeHeader, type ObjectType } from '../object/header.ts'
import { type ObjectId, objectId, type Sealed } from '../object/id.ts'
import { padme } from '../object/padding.ts'
import type { Effort, Primitives } from '../primitives.ts'
import { release } from '../release.ts'
import type { Reference } from './entry.ts'

/** The part of an epoch's keys that sealing needs. */
export interface SealingKeys {
  readonly epoch: number
  readonly objectKey: Bytes
}

export interface Plain {
  readonly type: Exclude<ObjectType, 'record'>
  /** Sorted and unique. */
  readonly children: readonly Bytes[]
  readonly bytes: Bytes
}

export interface SealedObject {
  readonly reference: Reference
  readonly stored: Sealed
}

const bodyHeaderBytes = 9
const codecs = { raw: 0, zstd: 1 } as const
const label = utf8('backstay/object')
const zeroNonce = new Uint8Array(12)
/** Content of one object before compression. */
export const plainBytesMax = 8 * 1024 * 1024

/** Throws `object_too_large`: at 8 MiB, and a little below it for what does not compress. */
export async function sealObject(
  p: Primitives,
  keys: SealingKeys,
  plain: Plain,
  effort: Effort = 'full',
): Promise<SealedObject> {
  if (plain.bytes.length > plainBytesMax) throw tooLarge(plain.bytes.length)
  const packed = await p.compress(plain.bytes, effort)
  const useful = packed !== undefined && packed.length < plain.bytes.length
  const sealed = await sealBody(
    p,
    keys,
    plain,
    useful ? packed : plain.bytes,
    useful ? codecs.zstd : codecs.raw,
  )
  if (packed !== undefined) release(packed)
  return sealed
}

/** Seals bytes that are packed already; only for test vectors and for `sealObject`. Throws `object_too_large`. */
export async function sealBody(
  p: Primitives,
  keys: SealingKeys,
  plain: Plain,
  packed: Bytes,
  codec: number,
): Promise<SealedObject> {
  const bodyBytes = padme(bodyHeaderBytes + packed.length)
  // Padding can lead beyond the longest body that is ever opened again.
  if (bodyBytes > bodyBytesMax) throw tooLarge(plain.bytes.length)
  const { type, children } = plain
  const header = encodeHeader({ type, alg: 1, domain: 0, epoch: keys.epoch, bodyBytes, children })
  const commitment = new Uint8Array(label.length + 4 + header.length + bodyBytes)
  commitment.set(label)
  commitment.set(u32le(header.length), label.length)
  commitment.set(header, label.length + 4)
  const body = commitment.subarray(label.length + 4 + header.length)
  const view = viewOf(body)
  view.setUint32(0, plain.bytes.length, true)
  view.setUint32(4, packed.length, true)
  view.setUint8(8, codec)
  copyBytes(packed, body, bodyHeaderBytes)
  const key = await p.hmacSha256(keys.objectKey, await p.sha256(commitment))
  const stored = (await p.aeadSeal(key, zeroNonce, header, body, header)) as Sealed
  release(commitment)
  return { reference: { id: objectId(await p.sha256(stored)), key }, stored }
}

export interface OpenedObject {
  readonly bytes: Bytes
  /** Ids of the children, in the header's order: what the body's indexes mean. */
  readonly children: readonly Bytes[]
}

/**
 * Opens what a reference names. `keys`, when the epoch's are at hand, prove in addition that the object was sealed the
 * one right way. Throws wrong_id, bad_object, wrong_type, not_authentic or bad_body; all mean "ask another source".
 */
export async function openObject(
  p: Primitives,
  reference: Reference,
  type: Plain['type'],
  stored: Bytes,
  keys?: SealingKeys,
): Promise<OpenedObject> {
  const id = objectId(await p.sha256(stored))
  if (id !== reference.id) throw damaged('wrong_id', reference.id, 'its bytes have another hash')
  const { header, body: sealed } = decodeWhole(stored)
  if (header.type !== type) throw damaged('wrong_type', id, `it is a ${header.type}, not a ${type}`)
  const headerBytes = stored.subarray(0, stored.length - sealed.length)
  const body = await p.aeadOpen(reference.key, zeroNonce, headerBytes, sealed)
  if (body === undefined) throw damaged('not_authentic', id, 'the key does not open it')
  if (keys !== undefined && keys.epoch === header.epoch) {
    const commitment = concat(label, u32le(headerBytes.length), headerBytes, body)
    const key = await p.hmacSha256(keys.objectKey, await p.sha256(commitment))
    if (!equalSecret(key, reference.key)) throw damaged('not_authentic', id, 'its key is not the derived one')
  }
  return { bytes: await openBody(p, id, body), children: header.children }
}

async function openBody(p: Primitives, id: ObjectId, body: Bytes): Promise<Bytes> {
  if (body.length < bodyHeaderBytes || body.length > bodyBytesMax)
    throw damaged('bad_body', id, 'wrong length')
  const view = viewOf(body)
  const plainBytes = view.getUint32(0, true)
  const packedBytes = view.getUint32(4, true)
  const codec = view.getUint8(8)
  if (plainBytes > plainBytesMax) throw damaged('bad_body', id, 'it claims to be too long')
  if (body.length !== padme(bodyHeaderBytes + packedBytes))
    throw damaged('bad_body', id, 'it is padded wrongly')
  const packed = body.subarray(bodyHeaderBytes, bodyHeaderBytes + packedBytes)
  if (!isZeros(body.subarray(bodyHeaderBytes + packedBytes)))
    throw damaged('bad_body', id, 'its padding is not zero')
  if (codec === codecs.raw && packedBytes === plainBytes) return packed
  const plain = codec === codecs.zstd ? await p.decompress(packed, plainBytes) : undefined
  if (plain === undefined) throw damaged('bad_body', id, 'its content cannot be unpacked')
  release(body)
  return plain
}

/** Sorts ids and drops repetitions: the order in which a header names them. */
export function sortedChildren(ids: Iterable<Bytes>): Bytes[] {
  const sorted = [...ids].sort(compareBytes)
  return sorted.filter((id, index) => index === 0 || compareBytes(sorted[index - 1] as Bytes, id) !== 0)
}

function tooLarge(bytes: number): Failure {
  return new Failure('object_too_large', `an object of ${bytes} bytes is over the limit`)
}

function damaged(code: string, id: ObjectId, why: string): Failure {
  return new Failure(code, `object ${id} is damaged: ${why}`, { remedy: 'repair' })
}
