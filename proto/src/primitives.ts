import type { Bytes } from './bytes.ts'

/** Incremental SHA-256, for content that does not fit in memory. */
export interface Hasher {
  update(bytes: Bytes): void
  digest(): Bytes
}

/** How hard compression looks for repetitions: `quick` takes up to a quarter less time and 3 to 5 % more bytes. */
export type Effort = 'full' | 'quick'

export interface SigningKey {
  /** Ed25519 public key, 32 bytes. */
  readonly publicKey: Bytes
  sign(message: Bytes): Promise<Bytes>
}

/**
 * The cryptographic and compression functions that the formats use. Two sets exist: node.ts and web.ts; the vectors
 * run on both. Everything is asynchronous per object, never per byte.
 */
export interface Primitives {
  sha256(bytes: Bytes): Promise<Bytes>
  hasher(): Hasher
  hmacSha256(key: Bytes, message: Bytes): Promise<Bytes>
  /** RFC 5869 with an empty salt. */
  hkdfSha256(secret: Bytes, info: string, length: number): Promise<Bytes>
  /** AES-256-GCM; returns ciphertext ‖ 16-byte tag, behind `prefix` if there is one: megabytes are not copied twice. */
  aeadSeal(key: Bytes, nonce: Bytes, aad: Bytes, plain: Bytes, prefix?: Bytes): Promise<Bytes>
  /** Undefined when the tag (16 bytes, always) does not match. */
  aeadOpen(key: Bytes, nonce: Bytes, aad: Bytes, sealed: Bytes): Promise<Bytes | undefined>
  /** A key from its 32-byte seed. */
  signingKey(seed: Bytes): Promise<SigningKey>
  /** False for a bad signature, a malformed key or one of small order. */
  verify(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<boolean>
  /** One zstd frame, or undefined when this set cannot compress: then content is stored raw. */
  compress(bytes: Bytes, effort: Effort): Promise<Bytes | undefined>
  /**
   * Opens exactly one zstd frame of exactly `length` bytes; undefined when it is anything else. Of a frame that no
   * compressor makes the bytes may be wrong (docs/format.md §3.3): compare the SHA-256 of the content.
   */
  decompress(frame: Bytes, length: number): Promise<Bytes | undefined>
  random(length: number): Bytes
}
