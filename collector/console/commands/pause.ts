/** `backstay pause` and `backstay resume`: one device is quiet for a while, from afar. The device counts what that adds up to. */
import { shownText, timeText } from '@backstay/agent/commands/text'
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { parseDuration } from '@backstay/proto/policy/schedule-text'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { afarPauseMinutesMax, decodeJob } from '@backstay/proto/trust/job'
import { Command } from 'commander'
import { type AdminSession, openAdminSession } from '../admin.ts'
import { findDevice } from '../device-archive.ts'
import { type JobDraft, signJobDraft } from '../drafts.ts'
import { followJob, foundBy, sayJobSigned } from '../follow-job.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import { requireYes } from '../requiring-yes.ts'
import type { Surroundings } from '../surroundings.ts'

interface JobOptions extends CommonOptions {
  readonly wait: boolean
}

interface PauseOptions extends JobOptions {
  readonly for: string
  readonly yes?: boolean
}

/** As far as the device told it; who may not read it hears no more than that it was done. */
interface PauseFound {
  readonly pausedUntilMs?: number
  readonly minutesLeft?: number
}

const minuteMs = 60_000

export function pauseCommand(around: Surroundings): Command {
  const command = new Command('pause')
    .description('have one device make no snapshots for a while; it goes on by itself')
    .argument('<device>', 'its name or id')
    .option('--for <duration>', 'up to 24h: what all pauses from afar may add up to in seven days', '1h')
    .option('--yes', 'do not ask')
    .option('--no-wait', 'do not follow it')
  return withCommonOptions(command).action((device: string, options: PauseOptions) =>
    pause(around, device, options),
  )
}

export function resumeCommand(around: Surroundings): Command {
  const command = new Command('resume')
    .description('end a pause that an admin signed; what somebody said at the device stands')
    .argument('<device>', 'its name or id')
    .option('--no-wait', 'do not follow it')
  return withCommonOptions(command).action(async (device: string, options: JobOptions) => {
    await using session = await openAdminSession(around, options)
    const certificate = await findDevice(session, device)
    await sign(around, session, certificate, { job: 'resume' }, options)
  })
}

async function pause(around: Surroundings, device: string, options: PauseOptions): Promise<void> {
  const minutes = minutesOf(options.for)
  await using session = await openAdminSession(around, options)
  const certificate = await findDevice(session, device)
  const question = `pause ${shownText(certificate.name)} for ${options.for}? What changes there meanwhile is on no collector; who works there can end it.`
  await requireYes(around, options.yes, question)
  await sign(around, session, certificate, { job: 'pause', minutes }, options)
}

/** Throws `bad_duration`. */
function minutesOf(text: string): number {
  const minutes = parseDuration(text) / minuteMs
  if (Number.isInteger(minutes) && minutes <= afarPauseMinutesMax) return minutes
  throw new Failure('bad_duration', 'a pause from afar lasts whole minutes, up to 24 hours', {
    hint: 'lasting quiet is a policy: backstay policy --help',
  })
}

async function sign(
  around: Surroundings,
  session: AdminSession,
  certificate: Certificate,
  wanted: Omit<Extract<JobDraft, { job: 'pause' }>, 'kind' | 'device'> | { readonly job: 'resume' },
  options: JobOptions,
): Promise<void> {
  const { terminal, clock } = around
  const { primitives, trust, admin, link } = session
  const draft: JobDraft = { kind: 'job', device: certificate.device, ...wanted }
  const holder = { primitives, trust, signingKey: admin.signingKey }
  const envelope = await signJobDraft(holder, draft, clock.now())
  await link.putRecord(envelope)
  const job = decodeJob(decodeEnvelope(envelope).payload)
  const id = hex(job.order.id)
  if (!options.wait) return sayJobSigned(around, job.order, options.json)
  const report = await followJob(around, session, certificate, job)
  const { state, code } = report
  const found = (await foundBy(admin.identity, report)) as PauseFound | undefined
  if (options.json) terminal.print(JSON.stringify({ job: id, kind: job.kind, state, code, found }))
  if (state !== 'done') throw notDone(code, found)
  if (!options.json) terminal.print(doneText(certificate.name, job.kind === 'pause', found))
}

function doneText(name: string, isPause: boolean, found: PauseFound | undefined): string {
  const { pausedUntilMs, minutesLeft } = found ?? {}
  const until = pausedUntilMs === undefined ? '' : ` until ${timeText(pausedUntilMs)}`
  const left = minutesLeft === undefined ? '' : `; ${leftText(minutesLeft)} left in seven days`
  return isPause ? `${shownText(name)} is paused${until}${left}` : `${shownText(name)} goes on${left}`
}

function notDone(code: string, found: PauseFound | undefined): Failure {
  if (code === 'pause_spent') {
    const left = found?.minutesLeft === undefined ? 'too little' : leftText(found.minutesLeft)
    return new Failure('job_not_done', `the device did not do it: ${left} of pauses from afar is left`, {
      hint: 'it allows 24 hours in any seven days; who works there can pause it: backstay-agent pause 1h',
    })
  }
  return new Failure('job_not_done', `the device did not do it: ${code}`, {
    hint:
      code === 'not_paused'
        ? 'no admin paused it; a pause of who works there ends with: backstay-agent resume'
        : 'see how it is: backstay devices',
  })
}

function leftText(minutes: number): string {
  const hours = Math.floor(minutes / 60)
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`
}
