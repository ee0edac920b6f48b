/**
 * A device without files: it enrols with a real grant, speaks the real protocol over real TLS, and commits random objects
 * that no one could open anyway. Of a real agent only the disk is missing.
 */
import { backoff } from '@backstay/agent/link/backoff'
import { connectDevice, connectNewcomer } from '@backstay/agent/link/connect'
import type { Session } from '@backstay/agent/link/session'
import { type Bytes, concat } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { nodePrimitives as p } from '@backstay/proto/node'
import { encodeHeader, encodeRecord, tagBytes } from '@backstay/proto/object/header'
import { type DeviceId, idToBytes, type ObjectId, objectId, type Sealed } from '@backstay/proto/object/id'
import type { SigningKey } from '@backstay/proto/primitives'
import { deviceIdOf, signCertificate } from '@backstay/proto/trust/certificate'
import { signCommit } from '@backstay/proto/trust/commit'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { signEscrow } from '@backstay/proto/trust/escrow-record'
import { decodeGrant } from '@backstay/proto/trust/grant'
import { type Heartbeat, signHeartbeat } from '@backstay/proto/trust/heartbeat'
import type { Token } from '@backstay/proto/trust/token'
import { type VerifiedTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import { noRatchet } from '@backstay/proto/wire/ratchet'
import type { Transport } from '@backstay/proto/wire/transport'

export interface DeviceOptions {
  readonly name: string
  readonly token: Token
  readonly recipient: string
  readonly clock: Clock
  readonly transport: Transport
  readonly heartbeatMs: number
  readonly commitMs: number
  /** Of new segments in each commit. */
  readonly commitBytes: number
  connected(isConnected: boolean): void
  heard(ms: number): void
  /** From the first byte of a commit to its acknowledgement. */
  committed(ms: number): void
  /** Orders about policy came over the open connection. */
  ordered(): void
  failed(error: unknown): void
}

interface Member {
  readonly device: DeviceId
  readonly key: SigningKey
  readonly trust: VerifiedTrust
}

/** Until the signal ends it. */
export async function liveAsDevice(options: DeviceOptions, signal: AbortSignal): Promise<void> {
  const { clock, connected, failed } = options
  const waits = backoff({ random: Math.random })
  let member: Member | undefined
  let ratchet: Bytes = noRatchet
  let head: { readonly sequence: number; readonly id: ObjectId } | undefined
  while (!signal.aborted) {
    try {
      member ??= await enrol(options, signal)
      const { trust, key } = member
      const base = {
        urls: options.token.urls,
        signingKey: key,
        primitives: p,
        clock,
        signal,
        trust,
        head,
        ratchet,
      }
      await using session = await connectDevice({ ...base, transport: options.transport, software: 'load' })
      ratchet = session.welcome.nextRatchet?.value ?? ratchet
      connected(true)
      waits.reset()
      try {
        await live(
          options,
          member,
          session,
          signal,
          () => head,
          now => (head = now),
        )
      } finally {
        connected(false)
      }
    } catch (error) {
      if (signal.aborted) return
      failed(error)
      await clock.sleep(waits.next(error), signal).catch(() => undefined)
    }
  }
}

type Head = { readonly sequence: number; readonly id: ObjectId } | undefined

async function live(
  options: DeviceOptions,
  member: Member,
  session: Session,
  signal: AbortSignal,
  headNow: () => Head,
  moved: (head: Head) => void,
): Promise<void> {
  const { clock, heartbeatMs, commitMs } = options
  const over = AbortSignal.any([signal, session.ended])
  const listening = (async () => {
    while (!over.aborted) {
      await session.pushedOrders(over)
      options.ordered()
    }
  })()
  // It ends as the session does.
  listening.catch(() => undefined)
  let number = session.welcome.nowMs
  let nextHeartbeatMs = clock.monotonic()
  // Devices do not come in step.
  let nextCommitMs = clock.monotonic() + Math.random() * commitMs
  for (;;) {
    over.throwIfAborted()
    const nowMs = clock.monotonic()
    if (nowMs >= nextHeartbeatMs) {
      await session.heartbeat(await heartbeat(member, number++, headNow()?.sequence ?? 0), over)
      options.heard(clock.monotonic() - nowMs)
      nextHeartbeatMs = nowMs + heartbeatMs * (1 - Math.random() / 6)
    }
    if (clock.monotonic() >= nextCommitMs) {
      const begunMs = clock.monotonic()
      moved(await commit(options, member, session, headNow(), over))
      options.committed(clock.monotonic() - begunMs)
      nextCommitMs = begunMs + commitMs * (0.9 + Math.random() / 5)
    }
    const waitMs = Math.min(nextHeartbeatMs, nextCommitMs) - clock.monotonic()
    await clock.sleep(Math.max(1, waitMs), over)
  }
}

async function enrol(options: DeviceOptions, signal: AbortSignal): Promise<Member> {
  const { token, name, recipient, clock, transport } = options
  const key = await p.signingKey(p.random(32))
  const device = await deviceIdOf(p, key.publicKey)
  const { fleet, urls, spkiPins: pins } = token
  const certificate = {
    ...{ fleet, device, deviceKey: key.publicKey, name, platform: 'load', recipient },
    grantId: decodeGrant(decodeEnvelope(token.grant).payload).order.id,
    issuedAtMs: clock.now(),
    machine: [],
  }
  const envelope = await signCertificate(p, certificate, await p.signingKey(token.grantSeed), key)
  const link = { urls, pins, fleet, signingKey: key, primitives: p, clock, transport, signal }
  await using session = await connectNewcomer(link).enroll(token.grant, envelope)
  const trust = await verifyTrustChain(p, session.welcome.trust, fleet)
  // Files that open to nothing, which no collector can know.
  const file = p.random(2048)
  const escrow = { fleet, device, epoch: 1, check: p.random(32), kitFile: file, deskFile: file }
  const record = { ...escrow, trustVersion: trust.document.version, issuedAtMs: clock.now() }
  await session.putRecord(await signEscrow(p, record, key))
  return { device, key, trust }
}

async function commit(
  { clock, commitBytes }: DeviceOptions,
  { device, key, trust }: Member,
  session: Session,
  head: Head,
  signal: AbortSignal,
): Promise<NonNullable<Head>> {
  const segment = await randomObject('segment', [], commitBytes)
  const leaf = await randomObject('page', [segment.id], 4096)
  const root = await randomObject('page', [leaf.id], 1024)
  const objects = [segment, leaf, root]
  const missing = await session.missing(
    objects.map(({ id }) => id),
    signal,
  )
  for (const { id, stored } of objects) if (missing.has(id)) await session.put(id, stored, signal)
  const sequence = (head?.sequence ?? 0) + 1
  const nowMs = clock.now()
  const envelope = await signCommit(
    p,
    {
      ...{ fleet: trust.fleet, device, epoch: 1, sequence, previous: head?.id, root: root.id },
      ...{
        startedAtMs: nowMs,
        endedAtMs: nowMs,
        complete: true,
        entries: 100,
        bytes: commitBytes,
        unread: 0,
      },
      ...{ sealed: p.random(300), seenTrust: 1, seenPolicy: 1, branch: undefined },
    },
    key,
  )
  const { id } = await session.publish(encodeRecord(envelope, [idToBytes(root.id)]) as Sealed, signal)
  return { sequence, id }
}

async function randomObject(type: 'segment' | 'page', children: readonly ObjectId[], bodyBytes: number) {
  const header = { type, alg: 1, domain: 0, epoch: 1, bodyBytes, children: children.map(idToBytes) } as const
  const stored = concat(encodeHeader(header), p.random(bodyBytes + tagBytes)) as Sealed
  return { id: objectId(await p.sha256(stored)), stored }
}

/** As large as a real one usually is. */
async function heartbeat(member: Member, number: number, headSequence: number): Promise<Bytes> {
  const vitals = {
    ...{
      system: 'Debian GNU/Linux 12',
      model: 'a simulated device',
      memoryBytes: 2 ** 34,
      memoryFreeBytes: 2 ** 33,
    },
    ...{ disks: [{ bytes: 2 ** 39, freeBytes: 2 ** 38 }], batteryPercent: 80, charging: false },
    ...{ uptimeMs: 3_600_000, agentMemoryBytes: 80 * 2 ** 20, agentCpuMs: 60_000 },
  }
  const said: Heartbeat = {
    ...{ fleet: member.trust.fleet, device: member.device, number, sentAtMs: Date.now() },
    ...{ agentVersion: '0.1.0', platform: 'linux x64', seenTrust: 1, standing: undefined, refused: [] },
    ...{ headSequence, escrowEpoch: 1, leaving: false, sinceCompleteMs: 60_000, unprotectedMs: undefined },
    ...{ paused: undefined, waiting: 'nothing_due', failure: '', unread: [], roots: [], alarms: [] },
    watch: { roots: 2, native: 2, polled: 0, absent: 0, folders: 9000, unwatched: 0, missed: 0 },
    queue: { everything: false, folders: 0, objects: 0, bytes: 0 },
    running: undefined,
    vitals,
    ...{ checkpoint: undefined, forkedFrom: undefined, user: '', access: [], keyProtection: 'file' },
  }
  return signHeartbeat(p, said, member.key)
}
