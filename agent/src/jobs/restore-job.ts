/**
 * A job that gives a path back on the device itself. Its signer chooses what and from when; where it is put, whose it
 * becomes and how much may be written is decided here, whoever signed: a new folder (restored-place.ts), or, when that is
 * asked for, where it was (original-place.ts).
 */
import { type Bytes, hex } from '@backstay/proto/bytes'
import { openWith } from '@backstay/proto/content/age'
import { meantEntry } from '@backstay/proto/content/archive/meant-entry'
import type { ObjectSource } from '@backstay/proto/content/archive/object-pages'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { type Path, subtreeRange } from '@backstay/proto/content/map/key'
import { measureRange } from '@backstay/proto/content/map/measure'
import type { PageSource } from '@backstay/proto/content/map/read'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { Job } from '@backstay/proto/trust/job'
import { decodeRestoreWish, type RestoreWish, type SnapshotChoice } from '@backstay/proto/trust/restore-wish'
import type { Agent } from '../agent.ts'
import { nameText, pathText } from '../commands/text.ts'
import type { Session } from '../link/session.ts'
import { nearWriter } from '../restore/near-writer.ts'
import { type RestoreResult, restore } from '../restore/restore.ts'
import { type FileWriter, targetAt } from '../restore/target.ts'
import type { IssueKind } from '../restore/target-report.ts'
import { openStaging, partsName } from '../restore/target-staging.ts'
import type { Board } from '../service/board.ts'
import { isSystemError } from '../system/system-error.ts'
import type { RestoreThreads } from '../threads/restore-threads.ts'
import type { Chosen } from './begun-job.ts'
import type { Course, JobEnd, JobProgressNow } from './course.ts'
import { named } from './named.ts'
import { type OpenPlace, openPlace } from './open-place.ts'
import { openOriginal } from './original-place.ts'
import { lentSnapshot, ownSnapshot, type RestorableSnapshot } from './readable-snapshot.ts'
import { type Base, baseFor, type Places } from './restored-place.ts'

export interface RestoreTools {
  readonly board: Board
  readonly places: () => Places
  /** Who opens and writes; their user ends them. */
  readonly threads: () => RestoreThreads
  /** What the policy of now backs up. */
  readonly roots: () => readonly Bytes[]
}

/** Left free for whoever works there, whatever is restored. */
export const reservedBytes = 5 * 1024 ** 3

/** The link is gone, and with the next one it goes on. */
export function isCutOff(failure: unknown, session: Pick<Session, 'ended'> | undefined): boolean {
  return isFailure(failure) && failure.remedy === 'retry' && session?.ended.aborted !== false
}

export async function restoreJob(
  job: Job,
  tools: RestoreTools,
  course: Course,
  progress: (now: JobProgressNow) => void,
  signal: AbortSignal,
): Promise<JobEnd> {
  const { agent, link } = tools.board
  if (link === undefined) throw new Failure('link_cut', 'the collector is not connected', { remedy: 'retry' })
  const wish = await openWish(agent, job)
  const { source, pages, snapshot } =
    wish.root === undefined
      ? await ownSnapshot(agent, link.session, choiceOf(wish, course))
      : lentSnapshot(agent, link.session, job, wish)
  // Nothing is made before it is known that there is something to put into it.
  const wanted = await wantedOf(pages, snapshot, componentsOf(wish.path))
  progress({ entries: 0, bytes: 0 })
  const places = tools.places()
  const { sequence } = snapshot
  const isBegun = course.chosen !== undefined
  const isNew = wish.place.kind === 'new'
  const folderNow = () => ({ base: baseOf(agent, wanted.path, places), name: folderName(job) })
  const chosen = course.chosen ?? { sequence, folder: isNew ? folderNow() : undefined }
  const sign = partsName(job.order.id)
  await course.keep(chosen)
  using place = openChosen(job, chosen, { wanted, isBegun }, tools)
  const { path: folder } = place
  try {
    // What is there of it already takes no more room.
    requireRoom(place, places, isBegun ? 0 : wanted.bytes)
    const { threads } = tools
    const restoring = { source, pages, snapshot, wish, path: wanted.path, sign, threads, progress, signal }
    const result = await restoreAt(agent, place, places, restoring)
    place.giveAway()
    return { found: { sequence, folder, ...told(result, isNew) } }
  } catch (failure) {
    signal.throwIfAborted()
    // Closed to others until it has gone on.
    if (isCutOff(failure, link.session)) throw failure
    place.giveAway()
    return { found: { sequence, folder }, failure }
  }
}

/** Gives away what there is of a restore that will not go on, and says where. */
export function endRestore(
  job: Job,
  { sequence, folder }: Chosen,
  { board: { agent }, places }: RestoreTools,
): unknown {
  // In the original place nothing is to be given away; its folder of parts is empty, or tells of itself.
  if (folder === undefined) return { sequence }
  try {
    const { system } = agent
    using place = openPlace(system, folder.base, folder.name, places(), partsName(job.order.id))
    openStaging(system, place.handle, partsName(job.order.id)).close(true)
    place.giveAway()
    return { sequence, folder: place.path }
  } catch (error) {
    if (isFailure(error) || isSystemError(error)) return undefined
    throw error
  }
}

function openChosen(
  job: Job,
  { folder }: Chosen,
  { wanted: { path, isFolder }, isBegun }: { wanted: Wanted; isBegun: boolean },
  { board, places, roots }: RestoreTools,
): OpenPlace & { readonly depth?: number } {
  const { system } = board.agent
  if (folder === undefined) {
    const paths = roots().map(componentsOf)
    return openOriginal(system, path, isFolder, paths, places())
  }
  return openPlace(system, folder.base, folder.name, places(), isBegun ? partsName(job.order.id) : undefined)
}

const choiceOf = ({ snapshot }: RestoreWish, { chosen }: Course): SnapshotChoice =>
  chosen === undefined ? snapshot : { kind: 'number', sequence: chosen.sequence }

async function openWish({ identity }: Agent, { sealed, source }: Job): Promise<RestoreWish> {
  const wish = decodeRestoreWish(await openWith([identity.secrets.identity], sealed))
  if ((wish.root === undefined) === (source === undefined)) return wish
  throw new Failure(
    'bad_wish',
    "a restore of another device's snapshot names the device and the snapshot's root",
  )
}

const baseOf = ({ system }: Agent, path: Path, places: Places): Base =>
  baseFor(path, places, system.effectiveUser() === 0)

/** The same after a restart: the day on which it was signed, and of which job. */
function folderName({ order }: Job): string {
  return `${new Date(order.issuedAtMs).toISOString().slice(0, 10)} ${hex(order.id).slice(0, 8)}`
}

interface Wanted {
  /** As the snapshot has it. */
  readonly path: Path
  /** Logical; 0 when a page that would say it is lost. */
  readonly bytes: number
  readonly isFolder: boolean
}

/** Throws `not_in_snapshot`. */
async function wantedOf(
  pages: PageSource,
  { root, sequence }: RestorableSnapshot,
  wished: Path,
): Promise<Wanted> {
  const { path = wished, entry } = (await meantEntry(pages, root, wished)) ?? {}
  if (entry === undefined && path.length > 1) {
    throw new Failure('not_in_snapshot', `"${pathText(path)}" is not in snapshot #${sequence}`, {
      hint: 'list what is there with: ls, or choose another snapshot with --at',
    })
  }
  const isFolder = entry === undefined || entry.kind === 'folder' || entry.unread?.kind === 'folder'
  try {
    const bytes = (entry?.size ?? 0) + (await measureRange(pages, root, subtreeRange(path))).bytes
    return { path, bytes, isFolder }
  } catch (error) {
    // What is left of it is restored all the same, and watched while it is written.
    if (isFailure(error) && error.remedy === 'repair') return { path, bytes: 0, isFolder }
    throw error
  }
}

function requireRoom({ handle, path }: OpenPlace, { freeBytes }: Places, bytes: number): void {
  if (freeBytes(handle, path) - reservedBytes >= bytes) return
  throw new Failure('no_room', `"${path}" would leave less than 5 GiB free on its disk`, {
    remedy: 'repair',
    hint: 'free some space on the device, or restore elsewhere: backstay restore DEVICE PATH',
  })
}

interface Restoring {
  readonly source: ObjectSource
  readonly pages: PageSource
  readonly snapshot: RestorableSnapshot
  readonly wish: RestoreWish
  readonly path: Path
  readonly sign: Bytes
  readonly threads: RestoreTools['threads']
  readonly progress: (now: JobProgressNow) => void
  readonly signal: AbortSignal
}

async function restoreAt(
  { system, places: far }: Agent,
  place: OpenPlace & { readonly depth?: number },
  places: Places,
  { source, pages, snapshot, wish, path, sign, threads: begin, progress, signal }: Restoring,
): Promise<RestoreResult> {
  // Between two looks at most one step of small files is written (restore.ts), which is less than what is reserved.
  const watch = () => requireRoom(place, places, 0)
  await using threads = begin()
  const { opener } = threads
  const writer = nearWriter(threads.files, system, far)
  const files: FileWriter = {
    writeFiles: writer.writeFiles,
    async writeRun(file, bytes, position) {
      watch()
      await writer.writeRun(file, bytes, position)
    },
  }
  // Its own handle: the place is given away when this one is closed.
  const top = { handle: system.openFolder(place.handle, here), shown: place.path, isFresh: place.isFresh }
  const { ownership } = place
  const goesOn = { sign, isClosed: place.isClosed, mayEnter: place.mayEnter }
  const { place: wished } = wish
  const conflict = wished.kind === 'original' && wished.existing === 'leave' ? 'refuse' : 'suffix'
  using target = targetAt(system, top, { asRoot: false, ownership, conflict, goesOn, files })
  return await restore({
    ...{ source, pages, opener, root: snapshot.root, target, signal },
    path: path.length === 1 ? undefined : path,
    ...(place.depth !== undefined && { targetDepth: place.depth }),
    onProgress(now) {
      progress(now)
      watch()
    },
  })
}

const here = Uint8Array.of(0x2e)

/** With these an entry is not there at all. */
const missing: readonly IssueKind[] = [
  'bad_name',
  'taken',
  'folder_left_out',
  'unread',
  'needs_root',
  'refused',
]
/** In the original place they stand among what is beside what is there. */
const besides: readonly IssueKind[] = ['renamed', 'taken', 'refused']

const shownPath = (path: readonly Bytes[]) => path.map(nameText).join('/')

function told({ report, damaged, damagedCount, lost, first }: RestoreResult, isNew: boolean) {
  const { written, there, leftOut, bytes, counts, issues } = report
  const gone = new Set([
    ...damaged.map(({ path }) => shownPath(path)),
    ...issues.flatMap(({ what, path }) => (missing.includes(what) ? shownPath(path) : [])),
  ])
  const back = first.map(shownPath).filter(path => path !== '' && !gone.has(path))
  const flaws = issues.flatMap(({ what, path, detail }) => {
    if (!isNew && besides.includes(what)) return []
    return { path: shownPath(path), code: what, ...(what === 'refused' && { why: detail }) }
  })
  const aside = issues.flatMap(({ what, path, detail }) => {
    const shown = shownPath(path)
    if (what === 'renamed') return { path: shown, code: what, as: detail }
    if (what === 'refused') return { path: shown, code: what, why: detail }
    return what === 'taken' ? { path: shown, code: what } : []
  })
  return {
    // What is there in a new folder, this job wrote before it was cut off.
    ...(isNew ? { written: written + there } : { written, there, aside: named(aside) }),
    ...{ leftOut, bytes, notes: counts },
    ...{ damaged: damagedCount, lostParts: lost.length },
    named: named(damaged.map(({ path, code }) => ({ path: shownPath(path), code }))),
    flaws: named(flaws),
    back: named(back.map(path => ({ path }))).map(({ path }) => path),
  }
}
