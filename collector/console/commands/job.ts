/** `backstay job`: one-time commands for a device, signed; what a device found is sealed to whoever signed. */
import { shownText } from '@backstay/agent/commands/text'
import { utf8 } from '@backstay/proto/bytes'
import { sealTo } from '@backstay/proto/content/age'
import { chooseSnapshot, parseChoice, snapshotsOf } from '@backstay/proto/content/archive/snapshots'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { Failure } from '@backstay/proto/failure'
import { type DeviceId, idToBytes } from '@backstay/proto/object/id'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { type Job, type JobKind, jobDaysMax, signJob } from '@backstay/proto/trust/job'
import { newOrder } from '@backstay/proto/trust/order'
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
import { followJob, sayJobSigned } from '../follow-job.ts'
import { listJobs } from '../job-list.ts'
import { type CommonOptions, wholeNumber, withCommonOptions } from '../options.ts'
import { requireYes } from '../requiring-yes.ts'
import { showReport } from '../show-report.ts'
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

/** A pause has a command of its own. */
const kinds: readonly JobKind[] = ['backup', 'verify', 'diagnostics', 'restore']
const hourMs = 3_600_000

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
  if (path !== undefined)
    await requireYes(around, options.yes, restoreQuestion(certificate, path, options, lent))
  // For the device alone: the collector learns that something is restored, and not what.
  const sealed =
    wish === undefined
      ? new Uint8Array()
      : await sealTo([certificate.recipient], encodeRestoreWish({ ...wish, ...lent?.wish }))
  const job: Job = { order, kind, sealed, ...(lent && { source: lent.device }) }
  await session.link.putRecord(await signJob(p, job, admin.signingKey))
  if (!options.wait) return sayJobSigned(around, order, options.json)
  const report = await followJob(around, session, certificate, job)
  await showReport(around, session, job, report, options)
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
  // A path that is none is named.
  componentsOf(utf8(path))
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

function restoreQuestion(
  { name }: Certificate,
  path: string,
  { inPlace }: Pick<RunOptions, 'inPlace'>,
  lent: Lent | undefined,
): string {
  const whose = lent === undefined ? '' : ` of ${shownText(lent.name)}`
  const where = inPlace ? 'where it was, beside what is there' : 'into a new folder there'
  return `restore "${shownText(path)}"${whose} on ${shownText(name)}, ${where}?`
}
