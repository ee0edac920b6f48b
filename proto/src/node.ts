/** The set of primitives for Node. The only file of proto that may import node modules. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hash,
  hkdfSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { constants, type ZstdOptions, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Bytes } from './bytes.ts'
import { concat, fromHex } from './bytes.ts'
import type { Primitives } from './primitives.ts'
import { release } from './release.ts'
import { isSmallOrder } from './small-order.ts'
import { oneZstdFrame } from './zstd-frame.ts'

// PKCS #8 and SPKI wrappings of a bare Ed25519 key, RFC 8410.
const seedPrefix = fromHex('302e020100300506032b657004220420') as Bytes
const publicPrefix = fromHex('302a300506032b6570032100') as Bytes

/**
 * `full` was measured best of size against time for 1 MiB segments of source and of text: a large table for long matches,
 * and one for short ones that stays near the processor (docs/performance.md).
 */
const zstdParams = {
  full: {
    [constants.ZSTD_c_compressionLevel]: 3,
    [constants.ZSTD_c_hashLog]: 17,
    [constants.ZSTD_c_chainLog]: 14,
  },
  quick: { [constants.ZSTD_c_compressionLevel]: 2 },
}

const none: Bytes = new Uint8Array()

/** A plain view of a Buffer, so that no Buffer leaks into proto. */
const plain = (buffer: Buffer): Bytes => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)

export const nodePrimitives: Primitives = {
  async sha256(bytes) {
    return plain(hash('sha256', bytes, 'buffer'))
  },
  hasher() {
    const state = createHash('sha256')
    return { update: bytes => void state.update(bytes), digest: () => plain(state.digest()) }
  },
  async hmacSha256(key, message) {
    return plain(createHmac('sha256', key).update(message).digest())
  },
  async hkdfSha256(secret, info, length) {
    return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), info, length))
  },
  async aeadSeal(key, nonce, aad, message, prefix = none) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    cipher.setAAD(aad)
    const body = cipher.update(message)
    cipher.final()
    const tag = cipher.getAuthTag()
    // Every byte is written below: not made zeros first.
    const sealed = Buffer.allocUnsafeSlow(prefix.length + body.length + tag.length)
    sealed.set(prefix)
    sealed.set(body, prefix.length)
    sealed.set(tag, prefix.length + body.length)
    release(body)
    return plain(sealed)
  },
  async aeadOpen(key, nonce, aad, sealed) {
    if (sealed.length < 16) return undefined
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    decipher.setAAD(aad)
    decipher.setAuthTag(sealed.subarray(sealed.length - 16))
    const body = decipher.update(sealed.subarray(0, sealed.length - 16))
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return plain(body)
  },
  async signingKey(seed) {
    const der = Buffer.from(concat(seedPrefix, seed))
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
    return {
      publicKey: plain(spki.subarray(publicPrefix.length)),
      sign: async message => plain(sign(null, message, key)),
    }
  },
  async verify(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64 || isSmallOrder(publicKey)) return false
    const der = Buffer.from(concat(publicPrefix, publicKey))
    try {
      return verify(null, message, { key: der, format: 'der', type: 'spki' }, signature)
    } catch {
      return false
    }
  },
  async compress(bytes, effort) {
    // Room for the whole frame at once, and a length known beforehand: a quarter faster than the defaults.
    const chunkSize = Math.max(1024, bytes.length + (bytes.length >> 6))
    const options = { params: zstdParams[effort], chunkSize, pledgedSrcSize: bytes.length }
    return plain(zstdCompressSync(bytes, options as ZstdOptions))
  },
  async decompress(frame, length) {
    if (!oneZstdFrame(frame)) return undefined
    try {
      // At least 1: zlib takes no limit of 0, and an empty body is never compressed.
      const maxOutputLength = Math.max(1, length)
      // One more than needed: for a chunk that is full another one is taken, which nobody frees for long.
      const chunkSize = Math.max(64, length + 1)
      const opened = zstdDecompressSync(frame, { maxOutputLength, chunkSize })
      return opened.length === length ? plain(opened) : undefined
    } catch {
      return undefined
    }
  },
  random(length) {
    return plain(randomBytes(length))
  },
}
