/**
 * Jobs: signed one-time commands. Each is begun at most once: that it is, is on the disk before it begins. A restore that
 * was cut off goes on where it was, with the next link or in the next process, until its end; any other is not begun
 * again, and its report says so. What it found is sealed to the admin who signed it.
 */
import { type Bytes, equalBytes, hex, utf8 } from '@backstay/proto/bytes'
import { sealTo } from '@backstay/proto/content/age'
import { isFailure } from '@backstay/proto/failure'
import { idToBytes } from '@backstay/proto/object/id'
import { decodeEnvelope, signersOf } from '@backstay/proto/trust/envelope'
import { pausedByBytesMax } from '@backstay/proto/trust/heartbeat'
import { decodeJob, type Job, roleForJob } from '@backstay/proto/trust/job'
import { verifyJob, verifySignedJob } from '@backstay/proto/trust/orders'
import { DoneJobs } from '@backstay/proto/trust/replay'
import { type JobReport, reportSealedBytesMax, signReport } from '@backstay/proto/trust/report'
import { adminsWith } from '@backstay/proto/trust/trust'
import type { Admin } from '@backstay/proto/trust/trust-shape'
import type { BegunJob, Chosen } from '../jobs/begun-job.ts'
import type { JobProgressNow } from '../jobs/course.ts'
import { doJob, type JobTools } from '../jobs/do-job.ts'
import { endRestore, isCutOff } from '../jobs/restore-job.ts'
import type { Session } from '../link/session.ts'
import { type Board, waitFor } from './board.ts'
import { codeOf } from './heartbeat-words.ts'
import type { Log } from './log.ts'
import type { Part } from './supervisor.ts'

const lookMs = 60_000
const nothing: Bytes = new Uint8Array()
/** A screen is not read more often. */
const progressMs = 1_000

export function jobPart(board: Board, tools: JobTools, log: Log): Part {
  const { agent } = board
  const { primitives: p, clock, identities, identity } = agent

  /** Of this process: one that the collector has not taken, or not shown as taken yet, is said again as it was. */
  const told = new Map<string, Bytes>()
  /** As on the disk; not read yet at first. */
  let begun: BegunJob | 'unknown' | undefined = 'unknown'

  async function report(
    session: Session,
    job: Bytes,
    word: Pick<JobReport, 'state' | 'code' | 'sealed'>,
  ): Promise<void> {
    const { fleet, device } = identity
    const whole: JobReport = { fleet, device, job, atMs: Math.max(0, clock.now()), ...word }
    const envelope = await signReport(p, whole, agent.signingKey)
    told.set(hex(job), envelope)
    if (begun !== undefined && begun !== 'unknown') await note({ ...begun, report: envelope })
    log(word.state === 'done' ? 'info' : 'warn', `job ${word.state}`, { job: hex(job), code: word.code })
    await bring(session, envelope)
    await note(undefined)
  }

  async function note(now: BegunJob | undefined): Promise<void> {
    if (now !== undefined || begun !== undefined) await identities.writeBegunJob(now)
    begun = now
  }

  /** What another link, or another process, left. */
  async function goOn(session: Session, signal: AbortSignal): Promise<void> {
    if (begun === 'unknown') begun = await identities.readBegunJob()
    if (begun === undefined) return
    const { envelope, chosen, report: said } = begun
    const shown = jobIn(envelope)
    if (shown === undefined) return note(undefined)
    const { id } = shown.order
    if (said !== undefined) {
      told.set(hex(id), said)
      await bring(session, said)
      return note(undefined)
    }
    if (shown.kind !== 'restore')
      return report(session, id, { state: 'failed', code: 'interrupted', sealed: nothing })
    let job: Job
    try {
      // As when it began; but that Trust has grown since is no reason to leave it half done.
      const context = { trust: board.trust, nowMs: clock.now(), audience: audienceFor(shown) }
      job = await verifySignedJob(p, envelope, context)
    } catch (error) {
      if (!isFailure(error)) throw error
      const found = chosen && endRestore(shown, chosen, tools)
      const sealed = await sealedFor(await signerOf(envelope, shown), found)
      return report(session, id, { state: 'failed', code: error.code, sealed })
    }
    log('info', 'job goes on', { job: hex(id), kind: job.kind })
    await work(session, job, begun, signal)
  }

  /** A pause names this device itself: the token that it was enrolled with stands for others as well. */
  const audienceFor = ({ kind }: Job): readonly Bytes[] => {
    const { device, grantId } = agent.place
    return kind === 'pause' ? [idToBytes(device)] : [idToBytes(device), grantId]
  }

  /** Of two words on one job the first counts: that the collector has another from before is no failure. */
  async function bring(session: Session, envelope: Bytes): Promise<void> {
    try {
      await session.putRecord(envelope)
    } catch (error) {
      if (!isFailure(error, 'job_reported')) throw error
    }
  }

  async function take(session: Session, envelope: Bytes, signal: AbortSignal): Promise<void> {
    const done = new DoneJobs(await identities.readDoneJobs())
    const shown = jobIn(envelope)
    if (shown === undefined) return
    const { id } = shown.order
    const before = told.get(hex(id))
    if (before !== undefined) return bring(session, before)
    let job: Job
    try {
      const context = { trust: board.trust, nowMs: clock.now(), audience: audienceFor(shown) }
      job = await verifyJob(p, envelope, { ...context, done })
      done.add(job.order.id, job.order.expiresAtMs, clock.now())
    } catch (error) {
      if (!isFailure(error)) throw error
      if (error.code !== 'job_replayed')
        return report(session, id, { state: 'refused', code: error.code, sealed: nothing })
      // Begun by a process that did not come to its end.
      return report(session, id, { state: 'failed', code: 'interrupted', sealed: nothing })
    }
    // Before it begins: a job that ends this process must not end the next one too.
    await identities.writeDoneJobs(done.remembered())
    const fresh: BegunJob = { envelope, chosen: undefined, report: undefined }
    await note(fresh)
    log('info', 'job begun', { job: hex(id), kind: job.kind })
    await work(session, job, fresh, signal)
  }

  async function work(
    session: Session,
    job: Job,
    { envelope, chosen }: BegunJob,
    signal: AbortSignal,
  ): Promise<void> {
    const { id } = job.order
    const course = { chosen, keep: (chosen: Chosen) => note({ envelope, chosen, report: undefined }) }
    const tell = teller(session, id)
    const signer = await signerOf(envelope, job)
    let word: Pick<JobReport, 'state' | 'code' | 'sealed'>
    try {
      const { found, failure } = await doJob(job, nameOf(signer), tools, course, tell, signal)
      const state = failure === undefined ? 'done' : 'failed'
      word = { state, code: codeOf(failure), sealed: await sealedFor(signer, found) }
    } catch (error) {
      signal.throwIfAborted()
      if (job.kind === 'restore' && isCutOff(error, session)) {
        return log('info', 'job cut off; it goes on with the next link', { job: hex(id) })
      }
      word = { state: 'failed', code: codeOf(error), sealed: nothing }
    }
    // Of a link that was cut nobody hears before the next session.
    await report(board.link?.session ?? session, id, word)
  }

  /** Not more often than people look, and never in the way of the job. */
  function teller(session: Session, job: Bytes): (now: JobProgressNow) => void {
    let toldMs = Number.NEGATIVE_INFINITY
    return now => {
      if (clock.monotonic() - toldMs < progressMs) return
      toldMs = clock.monotonic()
      session.tellProgress({ job, ...now }).catch(() => undefined)
    }
  }

  /** Undefined: an owner. Who signed it beside somebody who may is not asked. */
  async function signerOf(envelope: Bytes, { kind }: Job): Promise<Admin | undefined> {
    const keys = adminsWith(board.trust, roleForJob(kind), clock.now())
    const [signer] = await signersOf(p, 'job', decodeEnvelope(envelope), keys)
    return board.trust.document.admins.find(one => signer !== undefined && equalBytes(one.key, signer))
  }

  return {
    name: 'job',
    async run(signal) {
      for (;;) {
        const { link } = board
        if (link === undefined) {
          await waitFor(agent, board.changed, lookMs, signal)
          continue
        }
        const { session } = link
        const either = AbortSignal.any([signal, session.ended])
        try {
          await goOn(session, signal)
          for (const envelope of await session.pushedJobs(either)) {
            if (!session.ended.aborted) await take(session, envelope, signal)
          }
        } catch (error) {
          if (!session.ended.aborted || signal.aborted) throw error
        }
        // The session that has ended is taken off the board in a moment.
        if (board.link === link && session.ended.aborted) await waitFor(agent, board.changed, lookMs, signal)
      }
    },
    rest: (ms, signal) => waitFor(agent, board.hurry, ms, signal),
    failed: () => undefined,
  }
}

/** Not verified yet. */
function jobIn(envelope: Bytes): Job | undefined {
  try {
    return decodeJob(decodeEnvelope(envelope).payload)
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}

/** An owner has no recipient: he learns that it was done. */
async function sealedFor(admin: Admin | undefined, found: unknown): Promise<Bytes> {
  if (admin === undefined || found === undefined) return nothing
  const file = await sealTo([admin.recipient], utf8(JSON.stringify(found)))
  return file.length <= reportSealedBytesMax ? file : nothing
}

/** As far as a heartbeat tells it. */
function nameOf(admin: Admin | undefined): string {
  if (admin === undefined) return 'an owner'
  let name = ''
  for (const character of admin.name) {
    if (utf8(name + character).length > pausedByBytesMax) break
    name += character
  }
  return name || `admin ${hex(admin.key).slice(0, 8)}`
}
