/** Objects that no honest writer makes, sealed by the rules so that only the check in question can refuse them. */
import { type Bytes, concat, u32le, utf8 } from '../../bytes.ts'
import { encodeHeader, type ObjectType } from '../../object/header.ts'
import { objectId, type Sealed } from '../../object/id.ts'
import { padme } from '../../object/padding.ts'
import type { Primitives } from '../../primitives.ts'
import type { SealedObject, SealingKeys } from '../seal.ts'

export interface Forgery {
  readonly type?: ObjectType
  readonly children?: readonly Bytes[]
  readonly body: Bytes
  /** Instead of the derived one. */
  readonly key?: Bytes
}

export async function forgeObject(p: Primitives, keys: SealingKeys, forgery: Forgery): Promise<SealedObject> {
  const { type = 'segment', children = [], body } = forgery
  const { epoch, objectKey } = keys
  const header = encodeHeader({ type, alg: 1, domain: 0, epoch, bodyBytes: body.length, children })
  const commitment = concat(utf8('backstay/object'), u32le(header.length), header, body)
  const key = forgery.key ?? (await p.hmacSha256(objectKey, await p.sha256(commitment)))
  const stored = concat(header, await p.aeadSeal(key, new Uint8Array(12), header, body)) as Sealed
  return { reference: { id: objectId(await p.sha256(stored)), key }, stored }
}

export interface BodyParts {
  readonly packed: Bytes
  /** As the body claims; by default the length of what is there. */
  readonly plainBytes?: number
  readonly packedBytes?: number
  readonly codec?: number
  /** By default zeros up to the Padmé length. */
  readonly padding?: Bytes
}

export function forgeBody({ packed, codec = 0, padding, ...claimed }: BodyParts): Bytes {
  const body = concat(
    u32le(claimed.plainBytes ?? packed.length),
    u32le(claimed.packedBytes ?? packed.length),
    Uint8Array.of(codec),
    packed,
  )
  return concat(body, padding ?? new Uint8Array(padme(body.length) - body.length))
}

/** A zstd frame of 4 bytes for each 128 KiB of zeros: 16 KiB open to 512 MiB. */
export function zstdBomb(mebibytes: number): Bytes {
  // No content size, a window of 128 KiB; then blocks of type RLE.
  const start = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3)
  const blocks = new Uint8Array(mebibytes * 8 * 4)
  for (let at = 0; at < blocks.length; at += 4) {
    const last = at + 4 === blocks.length ? 1 : 0
    blocks.set(u32le(((128 * 1024) << 3) | (1 << 1) | last).subarray(0, 3), at)
  }
  return concat(start, blocks)
}
