/** `backstay job`: one-time commands for a device, signed; what a device found is sealed to whoever signed. */
import { ExitCode, exitCodes } from '@backstay/agent/commands/program'
import { bytesText, shownText, timeText } from '@backstay/agent/commands/text'
import { fromUtf8, hex, utf8 } from '@backstay/proto/bytes'
import { openWith, sealTo } from '@backstay/proto/content/age'
import { chooseSnapshot, parseChoice, snapshotsOf } from '@backstay/proto/content/archive/snapshots'
import { Failure } from '@backstay/proto/failure'
import { type DeviceId, idToBytes } from '@backstay/proto/object/id'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { type Job, type JobKind, jobDaysMax, signJob } from '@backstay/proto/trust/job'
import { newOrder } from '@backstay/proto/trust/order'
import type { JobReport } from '@backstay/proto/trust/report'
import {
  decodeRestoreWish,
  encodeRestoreWish,
  newFolderPlace,
  type RestoreWish,
  type WishedPlace,
} from '@backstay/proto/trust/restore-wish'
import { Command } from 'commander'
import { type AdminSession, openAdminSession } from '../admin.ts'
import { findDevice, openArchive } from '../device-archive.ts'
import { listJobs, reportKey, reportsOf } from '../job-list.ts'
import { type CommonOptions, wholeNumber, withCommonOptions } from '../options.ts'
import { isIncomplete, type Restored, restoredText, restoreHints } from '../restored-text.ts'
import type { Surroundings } from '../surroundings.ts'

interface RunOptions extends CommonOptions {
  readonly hours: string
  readonly wait: boolean
  readonly at?: string
  readonly yes?: boolean
  readonly inPlace?: boolean
  readonly existing?: string
  readonly from?: string
}

const kinds: readonly JobKind[] = ['backup', 'verify', 'diagnostics', 'restore']
const hourMs = 3_600_000
const lookMs = 500

export function jobCommand(around: Surroundings): Command {
  const command = new Command('job').description('have a device do something once')
  const run = new Command('run')
    .description('sign a job and follow it until the device has reported')
    .argument('<device>', 'its name or id')
    .argument('<kind>', kinds.join(', '))
    .argument('[path]', 'for restore: what to give back, absolute on the device')
    .option('--at <time>', 'for restore: the newest snapshot up to this time, or "#12" (default: the newest)')
    .option('--in-place', 'for restore: where it was, beside what is there (default: into a new folder)')
    .option(
      '--existing <what>',
      'with --in-place, for a name that is taken: keep-both or leave (default: keep-both)',
    )
    .option(
      '--from <device>',
      "for restore: another device's snapshot, which <device> replaces (default: its own)",
    )
    .option('--yes', 'for restore: do not ask')
    .option('--hours <count>', 'a device that is not connected does it within so many hours', '24')
    .option('--no-wait', 'do not follow it')
  withCommonOptions(run).action(
    (device: string, kind: string, path: string | undefined, options: RunOptions) =>
      runJob(around, device, kind, path, options),
  )
  const list = new Command('list')
    .description('list the newest jobs and what became of them, of a device or of the whole fleet')
    .argument('[device]', 'its name or id')
  withCommonOptions(list).action((device: string | undefined, options: CommonOptions) =>
    listJobs(around, device, options),
  )
  return command.addCommand(run).addCommand(list)
}

async function runJob(
  around: Surroundings,
  device: string,
  kindText: string,
  path: string | undefined,
  options: RunOptions,
): Promise<void> {
  const kind = kinds.find(one => one === kindText)
  if (kind === undefined) {
    throw new Failure('bad_kind', `there is no job "${kindText}"`, { hint: `jobs are ${kinds.join(', ')}` })
  }
  const wish = wishOf(kind, path, options)
  const hours = wholeNumber('--hours', options.hours, 1, jobDaysMax * 24)
  await using session = await openAdminSession(around, options)
  const certificate = await findDevice(session, device)
  const { primitives: p, trust, admin } = session
  const nowMs = around.clock.now()
  const expiresAtMs = nowMs + hours * hourMs
  const order = newOrder(p, trust, nowMs, { expiresAtMs, audience: [idToBytes(certificate.device)] })
  const lent = options.from === undefined ? undefined : await lentSnapshot(session, options.from, options.at)
  if (path !== undefined) await confirmRestore(around, certificate, path, { ...options, lent })
  // For the device alone: the collector learns that something is restored, and not what.
  const sealed =
    wish === undefined
      ? new Uint8Array()
      : await sealTo([certificate.recipient], encodeRestoreWish({ ...wish, ...lent?.wish }))
  const job: Job = { order, kind, sealed, ...(lent && { source: lent.device }) }
  await session.link.putRecord(await signJob(p, job, admin.signingKey))
  const { terminal } = around
  if (!options.wait) {
    return terminal.print(
      options.json
        ? JSON.stringify({ job: hex(order.id) })
        : `signed: job ${hex(order.id)}, good until ${timeText(expiresAtMs)}`,
    )
  }
  const report = await follow(around, session, certificate, job)
  await show(around, session, job, report, options)
}

/** Mistakes are found before anybody types a passphrase. */
function wishOf(kind: JobKind, path: string | undefined, options: RunOptions): RestoreWish | undefined {
  const { at, inPlace, existing, from } = options
  if (kind !== 'restore') {
    if ([path, at, inPlace, existing, from].every(one => one === undefined)) return undefined
    throw new Failure(
      'bad_kind',
      `a job "${kind}" takes neither a path nor --at, --in-place, --existing or --from`,
    )
  }
  if (path === undefined) {
    throw new Failure('bad_path', 'say what to restore', {
      hint: 'for example: backstay job run DEVICE restore /home/ada/papers',
    })
  }
  return decodeRestoreWish(
    encodeRestoreWish({ path: utf8(path), snapshot: parseChoice(at), place: placeOf(options) }),
  )
}

interface Lent {
  readonly device: DeviceId
  readonly name: string
  readonly wish: Pick<RestoreWish, 'snapshot' | 'root'>
}

/** One snapshot of another device, opened here: the root's key is all that the replacement gets. */
async function lentSnapshot(session: AdminSession, from: string, at: string | undefined): Promise<Lent> {
  const { device, name } = await findDevice(session, from)
  const { reader, records } = await openArchive(session, device)
  const { commit, root } = await chooseSnapshot(parseChoice(at), snapshotsOf(reader, records()))
  return { device, name, wish: { root, snapshot: { kind: 'number', sequence: commit.sequence } } }
}

function placeOf({ inPlace, existing }: RunOptions): WishedPlace {
  if (inPlace === undefined) {
    if (existing === undefined) return newFolderPlace
    throw new Failure('bad_choice', '--existing is for --in-place: nothing is in a new folder')
  }
  if (existing === undefined || existing === 'keep-both') return { kind: 'original', existing: 'keep_both' }
  if (existing === 'leave') return { kind: 'original', existing: 'leave' }
  throw new Failure('bad_choice', `--existing is keep-both or leave, not "${existing}"`, {
    hint: 'nothing that is there is ever overwritten',
  })
}

async function confirmRestore(
  { terminal }: Surroundings,
  { name }: Certificate,
  path: string,
  { yes, inPlace, lent }: Pick<RunOptions, 'yes' | 'inPlace'> & { readonly lent: Lent | undefined },
): Promise<void> {
  if (yes) return
  const hint = 'nothing was signed'
  if (!terminal.interactive) {
    throw new Failure('not_confirmed', 'nobody is here to confirm', { hint: 'add --yes' })
  }
  const whose = lent === undefined ? '' : ` of ${shownText(lent.name)}`
  const question = `restore "${shownText(path)}"${whose} on ${shownText(name)}, ${inPlace ? 'where it was, beside what is there' : 'into a new folder there'}? [y/N] `
  if (!/^y(es)?$/i.test((await terminal.ask(question)).trim()))
    throw new Failure('not_confirmed', 'it was not confirmed', { hint })
}

/** Until the device has reported, or the job has ended. */
async function follow(
  around: Surroundings,
  session: AdminSession,
  certificate: Certificate,
  { order }: Job,
): Promise<JobReport> {
  const { terminal, clock } = around
  let said = ''
  const say = (line: string) => {
    if (line !== said) terminal.say(line)
    said = line
  }
  for (;;) {
    const report = (await reportsOf(session, [certificate], certificate.device)).get(
      reportKey(certificate, order.id),
    )
    if (report !== undefined) return report
    if (clock.now() >= order.expiresAtMs) {
      throw new Failure('job_expired', 'the device did not come to do it in time', {
        hint: 'sign it again: backstay job run',
      })
    }
    around.signal.throwIfAborted()
    const { heardAtMs, entries, bytes } = await session.link.askProgress(certificate.device, order.id)
    if (heardAtMs === 0)
      say('signed; waiting for the device (you may interrupt: the job stands until its end)')
    else say(`under way: ${entries} entries, ${bytesText(bytes)}`)
    await clock.sleep(lookMs, around.signal)
  }
}

async function show(
  around: Surroundings,
  { admin }: AdminSession,
  { kind, order }: Job,
  report: JobReport,
  options: CommonOptions,
): Promise<void> {
  const { state, code, sealed } = report
  const found =
    sealed.length === 0
      ? undefined
      : (JSON.parse(fromUtf8(await openWith([admin.identity], sealed))) as unknown)
  const { terminal } = around
  if (options.json) terminal.print(JSON.stringify({ job: hex(order.id), kind, state, code, found }))
  else if (kind === 'restore' && state === 'done') terminal.print(restoredText(found as Restored))
  else {
    terminal.print(state === 'done' ? 'done' : `${state}: ${code}`)
    for (const [name, value] of Object.entries((found ?? {}) as Record<string, unknown>)) {
      if (value !== null && value !== undefined)
        terminal.print(`  ${name}: ${shownText(typeof value === 'string' ? value : JSON.stringify(value))}`)
    }
  }
  if (state === 'done') {
    if (kind === 'restore' && isIncomplete(found as Restored)) throw new ExitCode(exitCodes.incomplete)
    return
  }
  throw new Failure('job_not_done', `the device did not do it: ${code}`, { hint: hintOf(kind, code) })
}

function hintOf(kind: JobKind, code: string): string {
  const restoring = kind === 'restore' ? restoreHints[code] : undefined
  if (restoring !== undefined) return restoring
  if (code === 'interrupted') return 'the agent was ended while it worked; sign the job again'
  if (code === 'old_trust') return 'Trust has changed since; sign the job again'
  return 'see what the device says: backstay-agent status'
}
