/** `backstay parcel`: a part of one device for another. What is in it is opened here and sealed again for the receiver alone. */
import { progressLine } from '@backstay/agent/commands/progress'
import { bytesText, pathText, shownText, timeText } from '@backstay/agent/commands/text'
import { hex } from '@backstay/proto/bytes'
import { ExitCode, exitCodes } from '@backstay/proto/command-line'
import { objectPages } from '@backstay/proto/content/archive/object-pages'
import { keptPages } from '@backstay/proto/content/archive/opened'
import { chooseSnapshot, parseChoice, snapshotsOf } from '@backstay/proto/content/archive/snapshots'
import type { Measure } from '@backstay/proto/content/map/measure'
import { Failure } from '@backstay/proto/failure'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { parcelDaysMax } from '@backstay/proto/trust/parcel'
import { Command } from 'commander'
import { type AdminSession, openAdminSession } from '../admin.ts'
import { findDevice, openArchive } from '../device-archive.ts'
import { followJob } from '../follow-job.ts'
import { isRetired } from '../known-device.ts'
import { type CommonOptions, wholeNumber, withCommonOptions } from '../options.ts'
import { type Packed, type Packing, packParcel } from '../parcel/pack.ts'
import { amountOf, partOf, pathsOf } from '../parcel/part.ts'
import type { ResealProgress } from '../parcel/reseal.ts'
import { sendParcel } from '../parcel/send.ts'
import { requireYes } from '../requiring-yes.ts'
import { showReport } from '../show-report.ts'
import type { Surroundings } from '../surroundings.ts'

interface ParcelOptions extends CommonOptions {
  readonly to: string
  readonly at?: string
  readonly days: string
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly wait: boolean
}

const daysDefault = 30
const dayMs = 86_400_000
/** Beyond these nobody means a part: a whole machine goes to its replacement without being sealed anew. */
const largest: Measure = { entries: 10_000_000, bytes: 1024 ** 4 }

export function parcelCommand(around: Surroundings): Command {
  const command = new Command('parcel')
    .description('give a part of one device to another, which can read that part and nothing else')
    .argument('<device>', 'whose files: its name or id')
    .argument('<path...>', 'what to give, absolute on the device')
    .requiredOption('--to <device>', 'who gets them: its name or id')
    .option('--at <time>', 'the newest snapshot up to this time, or "#12" (default: the newest)')
    .option('--days <count>', 'after so many days the parcel is gone, fetched or not', String(daysDefault))
    .option('--dry-run', 'say what would be given, and end')
    .option('--yes', 'do not ask')
    .option('--no-wait', 'do not wait until the receiver has fetched it')
  return withCommonOptions(command).action((device: string, paths: string[], options: ParcelOptions) =>
    giveParcel(around, device, paths, options),
  )
}

async function giveParcel(
  around: Surroundings,
  device: string,
  texts: readonly string[],
  options: ParcelOptions,
): Promise<void> {
  // Mistakes are found before anybody types a passphrase.
  const paths = pathsOf(texts)
  const days = wholeNumber('--days', options.days, 1, parcelDaysMax)
  const choice = parseChoice(options.at)
  const { terminal, clock } = around
  await using session = await openAdminSession(around, options)
  const source = await findDevice(session, device)
  const receiver = await receiverNamed(session, source, options.to)
  const archive = await openArchive(session, source.device)
  const snapshot = await chooseSnapshot(choice, snapshotsOf(archive.reader, archive.records()))
  const pages = keptPages(objectPages(session.primitives, archive.source, archive.keys))
  const part = await partOf(pages, snapshot.root, paths)
  const amount = await amountOf(pages, snapshot.root, part)
  requireBounded(amount)
  const untilMs = clock.now() + days * dayMs
  const about = {
    ...{ source: source.device, receiver: receiver.device, paths: part.paths.map(pathText) },
    ...{ sequence: snapshot.commit.sequence, ...amount, untilMs },
  }
  const said = [
    `${amount.entries} entries, ${bytesText(amount.bytes)} of ${shownText(source.name)}, snapshot #${snapshot.commit.sequence} of ${timeText(snapshot.receivedAtMs)}`,
    `  for ${shownText(receiver.name)} alone, until ${timeText(untilMs)}: ${about.paths.map(shownText).join(', ')}`,
  ].join('\n')
  if (options.dryRun) return terminal.print(options.json ? JSON.stringify(about) : said)
  terminal.say(said)
  await requireYes(around, options.yes, `give this to ${shownText(receiver.name)}?`)
  const packed = await pack(around, session, {
    ...{ source, receiver, objects: archive.source, pages, snapshot, part, amount, untilMs },
  })
  const { parcel, root, resealed } = packed
  const job = await sendParcel(session, receiver, { parcel, root, top: part.top, untilMs }, clock.now())
  const told = { parcel, ...about, sentBytes: resealed.sentBytes, lost: resealed.lost }
  if (!options.json) {
    terminal.print(
      `parcel ${parcel}: packed, ${bytesText(resealed.sentBytes)} sealed; signed: job ${hex(job.order.id)}`,
    )
    terminal.say(`take it back: backstay parcels revoke ${parcel}`)
  }
  warnOfLost(around, packed)
  if (options.wait) {
    const report = await followJob(around, session, receiver, job)
    await showReport(around, session, job, report, options, told)
  } else if (options.json) terminal.print(JSON.stringify({ ...told, job: hex(job.order.id) }))
  if (isIncomplete(packed)) throw new ExitCode(exitCodes.incomplete)
}

async function pack(
  around: Surroundings,
  session: AdminSession,
  packing: Omit<Packing, 'onProgress'>,
): Promise<Packed> {
  const line = progressLine<ResealProgress>(
    ({ entries, bytes }) => `${entries} entries, ${bytesText(bytes)} sealed again`,
    ({ bytes }) => bytes,
    () => packing.amount.bytes,
  )
  return packParcel(around, session, { ...packing, onProgress: line.show }).finally(line.end)
}

/** Throws `same_device`, `retired`, and what `findDevice` throws. */
async function receiverNamed(
  session: AdminSession,
  source: Certificate,
  wanted: string,
): Promise<Certificate> {
  const receiver = await findDevice(session, wanted)
  if (receiver.device === source.device)
    throw new Failure('same_device', `${shownText(source.name)} has these files already`, {
      hint: `give them back to it: backstay job run ${source.device} restore PATH`,
    })
  if (await isRetired(session, receiver.device))
    throw new Failure('retired', `${shownText(receiver.name)} is retired and fetches nothing`, {
      hint: 'name a device that is at work: backstay devices',
    })
  return receiver
}

function requireBounded({ entries, bytes }: Measure): void {
  if (entries <= largest.entries && bytes <= largest.bytes) return
  throw new Failure(
    'too_large',
    `${entries} entries, ${bytesText(bytes)} are more than one parcel holds (${largest.entries} entries, ${bytesText(largest.bytes)})`,
    {
      hint: 'make several, or give a whole machine to its replacement: backstay job run NEW restore / --from OLD',
    },
  )
}

const isIncomplete = ({ resealed, lostEntries }: Packed): boolean => resealed.lost > 0 || lostEntries !== 0

function warnOfLost({ terminal }: Surroundings, packed: Packed): void {
  if (!isIncomplete(packed)) return
  const { resealed, lostEntries } = packed
  terminal.say(
    `warning: not all of it is left in the source: ${resealed.lost} files without content, ${lostEntries} entries with lost pages; see what scrub says`,
  )
}
