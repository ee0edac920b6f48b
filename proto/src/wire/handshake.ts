/**
 * Who speaks to whom, proved to both sides inside a TLS channel that neither trusts by itself. docs/protocol.md §3.
 *
 *     speaker                                   collector
 *     Hello {who, fleet, nonce}           →
 *                                         ←     Challenge {nonce, signature over Hello, Challenge and the channel}
 *     Enroll or Found (newcomer, founder) →
 *     Proof {signature over all of it}    →
 *                                         ←     Welcome, or Refused
 *
 * The channel binding (RFC 9266) is in both signatures, so a relay between two TLS channels fits neither of them, and
 * both nonces are, so no signature can be used twice. What is signed is a hash over exact bytes, each part behind its
 * length: nothing depends on how a frame would be encoded again. Pure logic; the sockets are elsewhere.
 */
import { type Bytes, concat, equalBytes, u32le, utf8 } from '../bytes.ts'
import { Failure } from '../failure.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import type { Challenge } from './frame.ts'
import { nonceBytes, protocolVersion } from './limits.ts'

/** What both sides have seen so far. */
export interface Transcript {
  /** The Hello frame as it was sent. */
  readonly hello: Bytes
  readonly challenge: Challenge
  /** The Enroll or Found frame as it was sent; undefined for devices and admins. */
  readonly opening: Bytes | undefined
  /** Of this end of the connection. */
  readonly channelBinding: Bytes
}

/** The collector's answer to a Hello frame. */
export async function challenge(
  p: Primitives,
  key: SigningKey,
  hello: Bytes,
  channelBinding: Bytes,
): Promise<Challenge> {
  const unsigned = {
    kind: 'challenge',
    version: protocolVersion,
    nonce: p.random(nonceBytes),
    keyId: await p.sha256(key.publicKey),
    signature: new Uint8Array(),
  } as const
  const signature = await key.sign(await challengeHash(p, hello, unsigned, channelBinding))
  return { ...unsigned, signature }
}

/**
 * Which of the keys that may belong to a genuine collector made this challenge. Throws `wrong_version`,
 * `wrong_collector` when it is none of them, `wrong_channel` when it was made for another channel or another Hello.
 */
export async function collectorOf(
  p: Primitives,
  transcript: Transcript,
  genuine: readonly Bytes[],
): Promise<Bytes> {
  const { challenge, hello, channelBinding } = transcript
  requireVersion(challenge.version)
  for (const key of genuine) {
    if (!equalBytes(await p.sha256(key), challenge.keyId)) continue
    const message = await challengeHash(p, hello, challenge, channelBinding)
    if (await p.verify(key, message, challenge.signature)) return key
    throw new Failure('wrong_channel', 'the collector proved itself for another connection than this one', {
      hint: 'something between here and the collector opens the encrypted connection; remove it from the way',
    })
  }
  throw new Failure('wrong_collector', 'this is not a collector of our fleet', {
    hint: 'check the address; if the collector was replaced, an owner must add its key to Trust',
  })
}

/** The speaker's signature over everything so far. */
export async function prove(p: Primitives, key: SigningKey, transcript: Transcript): Promise<Bytes> {
  return key.sign(await proofHash(p, transcript))
}

export async function proves(
  p: Primitives,
  publicKey: Bytes,
  transcript: Transcript,
  signature: Bytes,
): Promise<boolean> {
  return p.verify(publicKey, await proofHash(p, transcript), signature)
}

/** Throws `wrong_version`. */
export function requireVersion(version: number): void {
  if (version === protocolVersion) return
  throw new Failure(
    'wrong_version',
    `the other side speaks version ${version} of the protocol, this program version ${protocolVersion}`,
    { hint: 'update the older of the two' },
  )
}

function challengeHash(p: Primitives, hello: Bytes, challenge: Challenge, binding: Bytes): Promise<Bytes> {
  return hashOf(p, 'backstay/challenge', [hello, ...challengeParts(challenge), binding])
}

function proofHash(p: Primitives, { hello, challenge, opening, channelBinding }: Transcript): Promise<Bytes> {
  const parts = [hello, ...challengeParts(challenge), challenge.signature, opening ?? new Uint8Array()]
  return hashOf(p, 'backstay/proof', [...parts, channelBinding])
}

function challengeParts({ version, nonce, keyId }: Challenge): readonly Bytes[] {
  return [u32le(version), nonce, keyId]
}

function hashOf(p: Primitives, label: string, parts: readonly Bytes[]): Promise<Bytes> {
  return p.sha256(concat(...[utf8(label), ...parts].flatMap(part => [u32le(part.length), part])))
}
