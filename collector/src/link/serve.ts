/**
 * One session after its Welcome: frames in, each to the room it is for. Objects go one by one to ingest; questions are
 * answered side by side, downloads one after another. When too much is under way, the socket is not read.
 */
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { bell } from '@backstay/proto/wire/bell'
import type { Body } from '@backstay/proto/wire/frame'
import { refusalOf } from '@backstay/proto/wire/refusal'
import type { Connection } from '@backstay/proto/wire/transport'
import { decodeFrame, encodeFrame, frameLength } from '@backstay/proto/wire/wire'
import { readsOf } from '../audit/reads.ts'
import { foreignDomain, type Member, requireMay } from '../fleet/member.ts'
import { retryAfterMs } from '../ingest/commit-bucket.ts'
import type { Ingest } from '../ingest/ingest.ts'
import type { Log } from '../log.ts'
import { type Archive, answersTo } from './answers.ts'
import { putLane } from './put-lane.ts'

const storeTroubles = new Set(['store_full', 'store_failed', 'catalog_unavailable'])

export interface ServeOptions {
  /** For the audit log. */
  readonly actor: string
  readonly archive: Archive
  readonly ingest: Pick<Ingest, 'put' | 'room'>
  readonly log: Log
  readonly windowBytes: number
  readonly windowFrames: number
}

/** Counted while it goes on. */
export interface Served {
  putObjects: number
  receivedBytes: number
  sentBytes: number
}

/** What fills the store. Records, its escrow among them, and heartbeats are taken from who waits. */
const storing: ReadonlySet<Body['kind']> = new Set(['have', 'put', 'publish'])
/** Questions of one session under way. */
const questionsMax = 16

/** Until the other side ends; throws what ended it otherwise. */
export async function serve(
  connection: Connection,
  member: Member,
  options: ServeOptions,
  served: Served,
  signal: AbortSignal,
): Promise<void> {
  const { archive, log } = options
  const told = readsOf(archive.auditLog, options.actor)
  const answered = bell()
  const noted = new Set<string>()
  let isApproved = member.kind !== 'device'
  let questions = 0
  let downloads: Promise<void> = Promise.resolve()

  async function say(request: number, body: Body): Promise<void> {
    const frame = encodeFrame({ request, body })
    served.sentBytes += frameLength(frame)
    await connection.send(frame, signal)
  }

  /** What the other side can no longer hear needs no care: reading ends with the same failure. */
  function tell(request: number, body: Body): void {
    say(request, body).catch(() => undefined)
  }

  function refuse(request: number, error: unknown): void {
    note(error)
    tell(request, refusalOf(error, { retryAfterMs: retryAfterMs(error) ?? 0 }))
  }

  /** What an operator must act on: our own mistakes, and a store that takes nothing more; that one once a session. */
  function note(error: unknown): void {
    if (!(error instanceof Failure)) {
      if (!signal.aborted) log.error({ error }, 'request failed')
    } else if (storeTroubles.has(error.code) && !noted.has(error.code)) {
      noted.add(error.code)
      const { code, message, hint, cause } = error
      const reason = cause instanceof Error ? cause.message : undefined
      log.error({ code, why: message, hint, reason }, 'objects refused')
    }
  }

  async function answer(request: number, body: Body): Promise<void> {
    try {
      for await (const one of answersTo(archive, member, body, told)) await say(request, one)
    } catch (error) {
      refuse(request, error)
    } finally {
      questions--
      answered.ring()
    }
  }

  /** Nobody takes it back but by retiring the device, which ends this session. */
  async function requireApproved(): Promise<void> {
    isApproved = member.kind !== 'device' || (await archive.fleet.isApproved(member))
    if (isApproved) return
    throw new Failure('approval_needed', 'no admin has let this device in yet', { remedy: 'retry' })
  }

  const lane =
    member.kind === 'admin' ? undefined : putLane({ ...options, device: member.device, say: tell, refuse })

  for await (const frame of connection.receive(signal)) {
    served.receivedBytes += frameLength(frame)
    const { request, body } = decodeFrame(frame)
    if (request === 0) throw new Failure('unexpected_frame', 'a request without a number')
    try {
      const lent = foreignDomain(member, body) && (await lentTo(member, archive))
      requireMay(member, archive.fleet.rolesOf(member), body, lent)
      if (!isApproved && storing.has(body.kind)) await requireApproved()
    } catch (error) {
      refuse(request, error)
      continue
    }
    if (body.kind === 'put') {
      served.putObjects++
      await lane?.take(request, body.stored, signal)
      continue
    }
    questions++
    // A download waits for the one before: both would only share the line.
    if (body.kind === 'get') downloads = downloads.then(() => answer(request, body))
    else void answer(request, body)
    while (questions >= questionsMax) await answered.wait(signal)
  }
}

async function lentTo(member: Member, { fleet }: Archive): Promise<ReadonlySet<DeviceId>> {
  return member.kind === 'device' ? fleet.jobs.sourcesFor(member.device) : new Set()
}
