/** The set of primitives for browsers: WebCrypto, and plain JavaScript for what WebCrypto lacks. No WebAssembly. */
import { sha256 } from '@noble/hashes/sha2.js'
import { Decompress, decompress } from 'fzstd'
import { type Bytes, concat, equalBytes, fromBase64url, fromHex, viewOf } from './bytes.ts'
import type { Primitives } from './primitives.ts'
import { isSmallOrder } from './small-order.ts'
import { readZstdFrame, type ZstdFrame } from './zstd-frame.ts'

// PKCS #8 wrapping of a bare Ed25519 seed, RFC 8410.
const seedPrefix = fromHex('302e020100300506032b657004220420') as Bytes
/** Compressors end a block early where the content changes, not all the time. */
const usualBlockBytes = 16 * 1024
const fewBlocks = 8
const markBytes = 16
/** WebCrypto fills at most so much in one call. */
const randomBytesMax = 65_536

export const webPrimitives: Primitives = {
  async sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest('SHA-256', source(bytes)))
  },
  hasher() {
    const state = sha256.create()
    return { update: bytes => void state.update(bytes), digest: () => state.digest() }
  },
  async hmacSha256(key, message) {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const imported = await crypto.subtle.importKey('raw', source(key), algorithm, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign('HMAC', imported, source(message)))
  },
  async hkdfSha256(secret, info, length) {
    const key = await crypto.subtle.importKey('raw', source(secret), 'HKDF', false, ['deriveBits'])
    const algorithm = {
      name: 'HKDF',
      hash: 'SHA-256',
      salt: new Uint8Array(),
      info: source(new TextEncoder().encode(info)),
    }
    return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, length * 8))
  },
  async aeadSeal(key, nonce, aad, message, prefix) {
    const sealed = await crypto.subtle.encrypt(gcm(nonce, aad), await gcmKey(key, 'encrypt'), source(message))
    return prefix === undefined ? new Uint8Array(sealed) : concat(prefix, new Uint8Array(sealed))
  },
  async aeadOpen(key, nonce, aad, sealed) {
    if (sealed.length < 16) return undefined
    const imported = await gcmKey(key, 'decrypt')
    try {
      return new Uint8Array(await crypto.subtle.decrypt(gcm(nonce, aad), imported, source(sealed)))
    } catch {
      return undefined
    }
  },
  async signingKey(seed) {
    // Extractable, because only the exported private key tells the public one.
    const der = source(concat(seedPrefix, seed))
    const key = await crypto.subtle.importKey('pkcs8', der, 'Ed25519', true, ['sign'])
    const { x } = await crypto.subtle.exportKey('jwk', key)
    const publicKey = fromBase64url(x ?? '')
    if (publicKey?.length !== 32)
      throw new Error('this browser does not tell the public key of an Ed25519 key')
    return {
      publicKey,
      sign: async message => new Uint8Array(await crypto.subtle.sign('Ed25519', key, source(message))),
    }
  },
  async verify(publicKey, message, signature) {
    // Chromium itself accepts forgeries under keys of small order; Node 24 and later do not.
    if (publicKey.length !== 32 || signature.length !== 64 || isSmallOrder(publicKey)) return false
    try {
      const key = await crypto.subtle.importKey('raw', source(publicKey), 'Ed25519', false, ['verify'])
      return await crypto.subtle.verify('Ed25519', key, source(signature), source(message))
    } catch {
      return false
    }
  },
  async compress() {
    return undefined
  },
  async decompress(frame, length) {
    // The decoder allocates whatever a frame asks for.
    const about = readZstdFrame(frame)
    if (about === undefined || (about.length ?? length) !== length) return undefined
    try {
      const isUsual = about.blocks <= fewBlocks + length / usualBlockBytes
      return isUsual ? inflate(frame, about, length) : inflateBlocks(frame, length)
    } catch {
      return undefined
    }
  },
  random(length) {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += randomBytesMax) {
      crypto.getRandomValues(bytes.subarray(at, at + randomBytesMax))
    }
    return bytes
  },
}

/**
 * Into one piece of memory, which the decoder does in half the time. It does not say how long the content was; a mark behind it,
 * as one more block, does.
 */
function inflate(frame: Bytes, { start, last }: ZstdFrame, length: number): Bytes | undefined {
  const mark = crypto.getRandomValues(new Uint8Array(markBytes))
  const longer = concat(
    frame.subarray(0, 4),
    singleSegmentOf(length + markBytes),
    frame.subarray(start),
    Uint8Array.of((markBytes << 3) | 1, 0, 0),
    mark,
  )
  const lastAt = longer.length - markBytes - 3 - (frame.length - last)
  longer[lastAt] = (longer[lastAt] as number) & ~1
  const content = decompress(longer)
  if (content.length !== length + markBytes || !equalBytes(content.subarray(length), mark)) return undefined
  return content.subarray(0, length)
}

/** RFC 8878 §3.1.1.1: a descriptor, and the size of the content in eight bytes. */
function singleSegmentOf(contentBytes: number): Bytes {
  const header = new Uint8Array(9)
  header[0] = 0xe0
  viewOf(header).setBigUint64(1, BigInt(contentBytes), true)
  return header
}

/** A frame of many blocks may be a bomb: it stops at the first one beyond the promised length. */
function inflateBlocks(frame: Bytes, length: number): Bytes | undefined {
  const whole = new Uint8Array(length)
  let at = 0
  const decoder = new Decompress(block => {
    if (at + block.length > length) throw new RangeError('longer than promised')
    whole.set(block, at)
    at += block.length
  })
  decoder.push(frame, true)
  return at === length ? whole : undefined
}

function gcm(nonce: Bytes, aad: Bytes) {
  return { name: 'AES-GCM', iv: source(nonce), additionalData: source(aad), tagLength: 128 }
}

function gcmKey(key: Bytes, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', source(key), 'AES-GCM', false, [usage])
}

/** WebCrypto's types exclude shared memory, which our bytes never live in. */
function source(bytes: Bytes): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>
}
