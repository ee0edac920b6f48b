/**
 * The door for agents and admins: a connection comes, proves itself (admit.ts), is welcomed and served (serve.ts). A device
 * has one session (presence.ts), unless two machines use its identity.
 */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { ShownLog } from '@backstay/proto/log/witness'
import type { DeviceId } from '@backstay/proto/object/id'
import { withDeadline } from '@backstay/proto/wire/deadline'
import type { Hello, NextRatchet, ObeyedOrders } from '@backstay/proto/wire/frame'
import { handshakeMs, windowBytes, windowFrames } from '@backstay/proto/wire/limits'
import { refusalOf } from '@backstay/proto/wire/refusal'
import type { Connection } from '@backstay/proto/wire/transport'
import { encodeFrame, frameBytesMax } from '@backstay/proto/wire/wire'
import type { Kept } from '../fleet/fleet.ts'
import type { Member } from '../fleet/member.ts'
import type { Turned } from '../fleet/ratchets.ts'
import type { Ingest } from '../ingest/ingest.ts'
import type { Log } from '../log.ts'
import { placeOf, rateLimit } from '../rate-limit.ts'
import { type AdmitOptions, type Admitted, admit } from './admit.ts'
import type { Archive } from './answers.ts'
import { presence } from './presence.ts'
import { type PushTarget, pushing } from './pushing.ts'
import { type Served, serve } from './serve.ts'

export interface GatewayOptions
  extends Omit<AdmitOptions, 'attempts' | 'clock'>,
    Omit<Archive, 'kept' | 'obeyed' | 'ingest' | 'onlineSinceMs'> {
  readonly clock: Clock
  readonly ingest: Pick<Ingest, 'missing' | 'publish' | 'put' | 'room'>
  readonly log: Log
  readonly windowBytes?: number
  readonly windowFrames?: number
  /** Of one address before it is admitted; 0 = no limit. */
  readonly handshakesPerMinute?: number
}

export interface Gateway {
  /** Takes over a connection; never throws. */
  accept(connection: Connection): void
  /** Since when a device has a session; undefined when it has none. */
  onlineSinceMs(device: DeviceId): number | undefined
  /** A record was kept that came in by another door: whoever is connected hears of it. */
  kept(record: Kept): void
  /** Sessions that are open now. */
  readonly sessions: number
  /** Tells everyone that we stop, ends all sessions and writes down who was seen. May be called twice. */
  close(): Promise<void>
}

export const handshakesPerMinuteDefault = 10
const badProofsPerMinute = 5
/** Of one device, to orders that it was shown: more than anybody signs, and what a log can take. */
const answersPerMinute = 600
/** How often the catalog is told who was seen: in batches, never one by one. */
const seenMs = 15_000
/** Two machines with one identity keep a session each. */
const clonesBeside = 1
/** Besides the newest, commands of one device that only read: a page that is open, a restore, a look. */
const readersBeside = 3
/** Room for Trust in one Welcome; what is beyond comes with the next. */
const trustBytesMax = 6 * 1024 * 1024
/** New versions while a session lasts; what is beyond comes with the next. */
const pushedTrustMax = 8

export function openGateway(options: GatewayOptions): Gateway {
  const { clock, fleet, log } = options
  const strangers = rateLimit(options.handshakesPerMinute ?? handshakesPerMinuteDefault, clock)
  const attempts = rateLimit(badProofsPerMinute, clock)
  const window = {
    windowBytes: options.windowBytes ?? windowBytes,
    windowFrames: options.windowFrames ?? windowFrames,
  }
  const open = new Set<AbortController>()
  const present = presence(clock)
  const running = new Set<Promise<void>>()
  const seen = new Map<DeviceId, number>()
  const closing = new AbortController()
  let numbers = 0
  const answers = rateLimit(answersPerMinute, clock)
  const pushes = pushing(clock, error => log.warn({ error }, 'orders not pushed'))
  const jobPushes = pushing(clock, error => log.warn({ error }, 'jobs not pushed'))
  const archive: Archive = {
    ...options,
    kept,
    onlineSinceMs: present.onlineSinceMs,
    obeyed,
  }

  function kept({ revoked, ordersChanged, jobsChanged }: Kept): void {
    if (revoked !== undefined) present.end(revoked, ended('revoked'))
    if (ordersChanged) pushes.changed()
    if (jobsChanged) jobPushes.changed()
  }

  async function run(connection: Connection): Promise<void> {
    const { remote } = connection
    const control = new AbortController()
    open.add(control)
    try {
      const admitted = await greet(connection, control.signal)
      await session(connection, admitted, control)
    } catch (error) {
      log.info({ remote, error: nameOf(error) }, 'handshake refused')
      if (!isFailure(error)) log.error({ error }, 'handshake failed')
      await farewell(connection, error)
    } finally {
      open.delete(control)
    }
  }

  async function greet(connection: Connection, signal: AbortSignal): Promise<Admitted> {
    const place = placeOf(connection.remote)
    if (!strangers.take(place)) throw tooMany(strangers.waitMs(place))
    const admitted = await withDeadline(
      clock,
      handshakeMs,
      tooSlow,
      within => admit(connection, { ...options, attempts }, within),
      signal,
    )
    // Whole offices share an address: only those who fail use it up.
    strangers.giveBack(place)
    return admitted
  }

  async function session(
    connection: Connection,
    admitted: Admitted,
    control: AbortController,
  ): Promise<void> {
    const { member, hello } = admitted
    const facts = { session: ++numbers, ...factsOf(member) }
    const begunMs = clock.monotonic()
    const ratchet = turnRatchet(admitted)
    if (member.kind === 'device') {
      // Who speaks for the device shows what it was given last (protocol.md §3).
      const reads = hello.speaker === 'device' && hello.ratchet === undefined
      const isCloned = fleet.ratchets.clonedSinceMs(member.device) !== undefined
      const mostBeside = reads ? readersBeside : isCloned ? clonesBeside : 0
      present.enter(member.device, control, { reads, mostBeside, why: ended('replaced') })
      seen.set(member.device, clock.now())
      fleet.news.tell({ kind: 'device', device: member.device })
    }
    if (member.kind === 'parcel')
      present.enter(member.device, control, { reads: false, mostBeside: 0, why: ended('replaced') })
    log.info(
      { ...facts, remote: connection.remote, software: hello.software, speaker: hello.speaker },
      'session opened',
    )
    const served: Served = { putObjects: 0, receivedBytes: 0, sentBytes: 0 }
    let why = 'closed'
    try {
      // A revocation may have come between the handshake and the moment when it could end this session.
      if (!(await fleet.stillKnown(member))) throw ended('revoked')
      connection.allow(frameBytesMax)
      const shown = await welcome(connection, admitted, ratchet, control.signal)
      using _orders = pushes.add(ordersFor(connection, admitted, control.signal), shown)
      using _jobs = jobPushes.add(jobsFor(connection, member, control.signal), [])
      const actor = await actorOf(member)
      await serve(connection, member, { ...options, archive, ...window, log, actor }, served, control.signal)
      connection.close()
    } catch (error) {
      why = nameOf(error)
      if (!isFailure(error)) log.error({ ...facts, error }, 'session failed')
      await farewell(connection, error)
    }
    if (member.kind !== 'admin') present.leave(member.device, control)
    if (member.kind === 'device') {
      seen.set(member.device, clock.now())
      fleet.news.tell({ kind: 'device', device: member.device })
    }
    log.info({ ...facts, ms: Math.round(clock.monotonic() - begunMs), why, ...served }, 'session closed')
  }

  /** As the audit log names him. */
  async function actorOf(member: Member): Promise<string> {
    return member.kind === 'admin'
      ? `admin:${hex(await options.p.sha256(member.key))}`
      : `${member.kind}:${member.device}`
  }

  /** Undefined for who takes no part: admins, newcomers, commands that only read. */
  function turnRatchet({ member, hello }: Admitted): Turned | undefined {
    if (member.kind !== 'device' || hello.speaker !== 'device' || hello.ratchet === undefined)
      return undefined
    const turned = fleet.ratchets.turn(member.device, hello.ratchet)
    const { isOld, clonedSinceMs } = turned
    if (isOld) log.warn({ device: member.device, sinceMs: clonedSinceMs }, 'two machines use one identity')
    return turned
  }

  /** What cannot be written is not offered: the device shows again what it showed. */
  async function offered(member: Member, turned: Turned | undefined): Promise<NextRatchet | undefined> {
    if (turned === undefined || member.kind !== 'device') return undefined
    try {
      await fleet.ratchets.write(member.device)
    } catch (error) {
      log.warn({ error }, 'ratchet of a device not written')
      return undefined
    }
    return { value: turned.next, clonedSinceMs: turned.clonedSinceMs ?? 0 }
  }

  /** A catalog that fails now shows nothing, and its witnesses say so. */
  async function shownLog({ witness }: Hello): Promise<ShownLog | undefined> {
    if (witness === undefined) return undefined
    try {
      return await options.auditLog.shown(witness.checkpoint)
    } catch (error) {
      log.warn({ error }, 'log not shown to a witness')
      return undefined
    }
  }

  async function welcome(
    connection: Connection,
    { member, hello }: Admitted,
    turned: Turned | undefined,
    signal: AbortSignal,
  ): Promise<readonly Bytes[]> {
    const [orders, head, nextRatchet, log] = await Promise.all([
      fleet.ordersFor(member),
      fleet.headOf(member),
      offered(member, turned),
      shownLog(hello),
    ])
    const trust = fleet.trustAbove(hello.trustVersion, trustBytesMax)
    const told = { trust, orders, head, nextRatchet, log, nowMs: clock.now() }
    const body = { kind: 'welcome', ...told, ...window } as const
    await connection.send(encodeFrame({ request: 0, body }), signal)
    return member.kind === 'device' ? [...trust.slice(0, pushedTrustMax), ...orders] : []
  }

  /** A new Trust goes before the orders that were signed under it. */
  function ordersFor(connection: Connection, { member, hello }: Admitted, signal: AbortSignal): PushTarget {
    const trust = () => fleet.trustAbove(hello.trustVersion, trustBytesMax).slice(0, pushedTrustMax)
    return {
      envelopes: async () =>
        member.kind === 'device' ? [...trust(), ...(await fleet.ordersFor(member))] : [],
      send: envelopes =>
        connection.send(encodeFrame({ request: 0, body: { kind: 'orders', envelopes } }), signal),
    }
  }

  function jobsFor(connection: Connection, member: Member, signal: AbortSignal): PushTarget {
    return {
      envelopes: async () => (member.kind === 'device' ? fleet.jobs.pending(member.device) : []),
      send: envelopes =>
        connection.send(encodeFrame({ request: 0, body: { kind: 'jobs', envelopes } }), signal),
    }
  }

  async function obeyed(device: DeviceId, said: ObeyedOrders): Promise<void> {
    if (!answers.take(device)) throw tooManyAnswers(answers.waitMs(device))
    await fleet.keepObeyed(device, said)
    for (const { id, code } of said.refused) {
      log.warn({ device, code, order: id && hex(id) }, 'an order was refused by its device')
    }
    log.debug({ device, standing: hex(said.standing) }, 'orders obeyed')
  }

  /** Says why, if the other side still hears. */
  async function farewell(connection: Connection, error: unknown): Promise<void> {
    const wait = isFailure(error, 'too_many_handshakes') ? strangers.waitMs(placeOf(connection.remote)) : 0
    const body = refusalOf(error, { retryAfterMs: wait })
    const frame = encodeFrame({ request: 0, body })
    await withDeadline(clock, handshakeMs, tooSlow, signal => connection.send(frame, signal)).catch(
      () => undefined,
    )
    connection.close(body.code)
  }

  async function writeSeen(): Promise<void> {
    for (const device of present.devices()) seen.set(device, clock.now())
    const batch = new Map(seen)
    seen.clear()
    try {
      await fleet.markSeen(batch)
      await fleet.heartbeats.write(device => present.onlineSinceMs(device) !== undefined)
    } catch (error) {
      log.warn({ error }, 'times of last contact and heartbeats not written')
    }
  }

  const writing = (async () => {
    while (!closing.signal.aborted) {
      await clock.sleep(seenMs, closing.signal).catch(() => undefined)
      await writeSeen()
    }
  })()

  return {
    accept(connection) {
      if (closing.signal.aborted) return connection.close('shutting_down')
      const work = run(connection).finally(() => running.delete(work))
      running.add(work)
    },
    onlineSinceMs: present.onlineSinceMs,
    kept,
    get sessions() {
      return open.size
    },
    async close() {
      closing.abort()
      await Promise.all([pushes.close(), jobPushes.close()])
      for (const control of open) control.abort(ended('shutting_down'))
      await Promise.all(running)
      await writing
      await writeSeen()
    },
  }
}

function factsOf(member: Member): object {
  return member.kind === 'admin' ? { admin: true } : { [member.kind]: member.device }
}

function ended(code: 'replaced' | 'revoked' | 'shutting_down'): Failure {
  return new Failure(code, `the session was ended: ${code}`, {
    remedy: code === 'revoked' ? 'stop' : 'retry',
  })
}

function tooSlow(): Failure {
  return new Failure('handshake_timeout', 'the other side took too long', { remedy: 'retry' })
}

function tooManyAnswers(waitMs: number): Failure {
  return new Failure('too_many_answers', `too many answers; in ${waitMs} ms again`, { remedy: 'retry' })
}

function tooMany(waitMs: number): Failure {
  return new Failure('too_many_handshakes', `too many handshakes; in ${waitMs} ms again`, { remedy: 'retry' })
}

function nameOf(error: unknown): string {
  return error instanceof Failure ? error.code : 'internal'
}
