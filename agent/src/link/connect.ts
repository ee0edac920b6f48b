/**
 * From an address to a session: connect, prove both sides (greeting.ts), open. Four kinds of speakers come here; each
 * says what it already knows of the fleet, and believes the collector nothing beyond that.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { type VerifiedTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import { withDeadline } from '@backstay/proto/wire/deadline'
import type { Head, Witnessing } from '@backstay/proto/wire/frame'
import type { Connection, Transport } from '@backstay/proto/wire/transport'
import { type Greeting, greet } from './greeting.ts'
import { openSession, type Session } from './session.ts'

export interface LinkOptions {
  /** `wss://host:port`, tried in order. */
  readonly urls: readonly string[]
  readonly signingKey: SigningKey
  readonly primitives: Primitives
  readonly transport: Transport
  readonly clock: Clock
  /** Name and version of the program, for people who read the collector's log. */
  readonly software?: string
  readonly signal?: AbortSignal
}

export interface MemberOptions extends LinkOptions {
  /** Says which collectors are genuine. */
  readonly trust: VerifiedTrust
  /** Of a device: its newest acknowledged commit. */
  readonly head?: Head | undefined
  /** Of a device that owns its state: the value that it was given last (proto/wire/ratchet.ts). */
  readonly ratchet?: Bytes | undefined
  /** Of who remembers what he is shown of the log: what he holds. */
  readonly witness?: Witnessing | undefined
}

export interface NewcomerOptions extends LinkOptions {
  /** From the token: SHA-256 of the TLS key's SubjectPublicKeyInfo. */
  readonly pins: readonly Bytes[]
  readonly fleet: FleetId
}

export interface FounderOptions extends NewcomerOptions {
  /** From the set-up string. */
  readonly collectorKey: Bytes
}

/** A proved collector has answered each step of the handshake within this time. */
const greetMs = 20_000

/**
 * All connects throw `unreachable` (retry), `wrong_pin`, `wrong_collector`, `wrong_channel`, `wrong_version` and what the
 * collector refuses with: `not_admitted`, `too_many_handshakes` (retry), `shutting_down` (retry) …
 */
export function connectDevice(options: MemberOptions): Promise<Session> {
  return connectMember('device', options)
}

export function connectAdmin(options: MemberOptions): Promise<Session> {
  return connectMember('admin', options)
}

/** `signingKey` is the new device's own. The Trust in Welcome is that of `fleet`, or enrolment fails. */
export function connectNewcomer(options: NewcomerOptions): {
  enroll(grant: Bytes, certificate: Bytes): Promise<Session>
} {
  const { pins, fleet, primitives } = options
  return {
    enroll: (grant, certificate) =>
      connectAny(options, pins, {
        ...strangerGreeting(options, fleet),
        speaker: 'newcomer',
        opening: { kind: 'enroll', grant, certificate },
        genuine: undefined,
        genuineBy: async ({ trust }) => collectorKeys(await verifyTrustChain(primitives, trust, fleet)),
      }),
  }
}

/** `signingKey` is an owner's or admin's in the Trust document among the records. */
export function connectFounder(options: FounderOptions): {
  found(setupCode: Bytes, records: readonly Bytes[]): Promise<Session>
} {
  const { pins, fleet, collectorKey } = options
  return {
    found: (setupCode, records) =>
      connectAny(options, pins, {
        ...strangerGreeting(options, fleet),
        speaker: 'founder',
        opening: { kind: 'found', setupCode, records },
        genuine: [collectorKey],
        genuineBy: async () => [collectorKey],
      }),
  }
}

async function connectMember(speaker: 'device' | 'admin', options: MemberOptions): Promise<Session> {
  const { trust, head, ratchet, witness, signingKey, software = 'backstay' } = options
  const genuine = collectorKeys(trust)
  const pins = trust.document.collectors.flatMap(collector => collector.spkiPins)
  return connectAny(options, pins, {
    speaker,
    fleet: trust.fleet,
    signingKey,
    trustVersion: trust.document.version,
    head,
    ratchet,
    witness,
    software,
    opening: undefined,
    genuine,
    genuineBy: async () => genuine,
  })
}

function strangerGreeting({ signingKey, software = 'backstay' }: LinkOptions, fleet: FleetId) {
  return {
    fleet,
    signingKey,
    software,
    trustVersion: 0,
    head: undefined,
    ratchet: undefined,
    witness: undefined,
  }
}

/** The other binding is for collectors behind something that ends TLS, which no transport of ours speaks yet. */
function collectorKeys(trust: VerifiedTrust): readonly Bytes[] {
  const keys = trust.document.collectors.filter(one => one.binding === 'tls_exporter').map(one => one.key)
  if (keys.length > 0) return keys
  throw new Failure('unsupported_binding', 'this program cannot speak to collectors behind a TLS balancer')
}

/** The first address that answers as it should. One that does not is no reason not to try the next. */
async function connectAny(
  options: LinkOptions,
  pins: readonly Bytes[],
  greeting: Greeting,
): Promise<Session> {
  const failures: Failure[] = []
  for (const url of options.urls) {
    try {
      return await connectOne(options, url, pins, greeting)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (!(error instanceof Failure) || !(error.remedy === 'retry' || error.code === 'wrong_pin'))
        throw error
      failures.push(error)
    }
  }
  const [worst = new Failure('unreachable', 'no address of the collector is known')] = [
    ...failures.filter(one => one.code !== 'unreachable'),
    ...failures,
  ]
  if (failures.length < 2 || worst.code !== 'unreachable') throw worst
  const { remedy, hint, cause } = worst
  const message = failures.map(one => one.message).join('; ')
  throw new Failure('unreachable', message, { remedy, cause, ...(hint === undefined ? {} : { hint }) })
}

async function connectOne(
  { transport, primitives, clock, signal }: LinkOptions,
  url: string,
  pins: readonly Bytes[],
  greeting: Greeting,
): Promise<Session> {
  let connection: Connection | undefined
  const late = () =>
    new Failure('handshake_timeout', `the collector at ${url} does not answer`, { remedy: 'retry' })
  try {
    connection = await transport.connect(url, pins, signal)
    const open = connection
    const greeted = await withDeadline(
      clock,
      greetMs,
      late,
      within => greet(primitives, open, greeting, within),
      signal,
    )
    return openSession(open, greeted)
  } catch (error) {
    connection?.close()
    throw error
  }
}
