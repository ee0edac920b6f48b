/** The speaker's side of the handshake: from a fresh connection to Welcome, or to the reason why not. */
import type { Bytes } from '@backstay/proto/bytes'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import type {
  BodyOf,
  Enroll,
  Found,
  Head,
  Kind,
  Speaker,
  Welcome,
  Witnessing,
} from '@backstay/proto/wire/frame'
import { collectorOf, prove, type Transcript } from '@backstay/proto/wire/handshake'
import { nonceBytes, protocolVersion } from '@backstay/proto/wire/limits'
import { failureOf } from '@backstay/proto/wire/refusal'
import { type Connection, nextFrame } from '@backstay/proto/wire/transport'
import { decodeFrame, encodeFrame, frameBytesMax, joined } from '@backstay/proto/wire/wire'
import { isKind, unexpected } from './answers.ts'

export interface Greeting {
  readonly speaker: Speaker
  readonly fleet: FleetId
  readonly signingKey: SigningKey
  readonly trustVersion: number
  readonly head: Head | undefined
  readonly software: string
  /** Of a device that takes part. */
  readonly ratchet: Bytes | undefined
  /** Of a witness of the log. */
  readonly witness: Witnessing | undefined
  /** Of a newcomer or founder. */
  readonly opening: Enroll | Found | undefined
  /** Keys of genuine collectors; undefined when only the Trust in Welcome will tell. */
  readonly genuine: readonly Bytes[] | undefined
  /** Keys of genuine collectors by the Trust in Welcome, which it verifies. */
  genuineBy(welcome: Welcome): Promise<readonly Bytes[]>
}

export interface Greeted {
  readonly welcome: Welcome
  /** That the collector proved to hold. */
  readonly collectorKey: Bytes
}

/** Throws what the collector refuses with, and `wrong_collector`, `wrong_channel`, `wrong_version`. */
export async function greet(
  p: Primitives,
  connection: Connection,
  greeting: Greeting,
  signal: AbortSignal,
): Promise<Greeted> {
  const { speaker, fleet, signingKey, trustVersion, head, software, ratchet, witness } = greeting
  const keyId = await p.sha256(signingKey.publicKey)
  const nonce = p.random(nonceBytes)
  const version = protocolVersion
  const hello = encodeFrame({
    request: 0,
    body: {
      kind: 'hello',
      version,
      speaker,
      fleet,
      keyId,
      nonce,
      head,
      trustVersion,
      software,
      ratchet,
      witness,
    },
  })
  await connection.send(hello, signal)
  const challenge = await answer(connection, 'challenge', signal)
  const opening = greeting.opening && encodeFrame({ request: 0, body: greeting.opening })
  const transcript: Transcript = {
    hello: joined(hello),
    challenge,
    opening: opening && joined(opening),
    channelBinding: connection.channelBinding,
  }
  // Before anything is proved or shown to it, when we can tell; a newcomer shows only what is public.
  const known = greeting.genuine && (await collectorOf(p, transcript, greeting.genuine))

  connection.allow(frameBytesMax)
  if (opening !== undefined) await connection.send(opening, signal)
  const signature = await prove(p, signingKey, transcript)
  await connection.send(encodeFrame({ request: 0, body: { kind: 'proof', signature } }), signal)
  const welcome = await answer(connection, 'welcome', signal)
  return {
    welcome,
    collectorKey: known ?? (await collectorOf(p, transcript, await greeting.genuineBy(welcome))),
  }
}

async function answer<K extends Kind>(
  connection: Connection,
  kind: K,
  signal: AbortSignal,
): Promise<BodyOf<K>> {
  const { body } = decodeFrame(await nextFrame(connection, signal))
  if (body.kind === 'refused') throw failureOf(body)
  if (!isKind(body, kind)) throw unexpected(body.kind)
  return body
}
