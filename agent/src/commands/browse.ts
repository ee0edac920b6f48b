/** What `snapshots`, `ls`, `restore` and `verify` share, on a device and for an admin. */
import { utf8 } from '@backstay/proto/bytes'
import { ExitCode, exitCodes, type Terminal } from '@backstay/proto/command-line'
import { type MeantEntry, meantEntry } from '@backstay/proto/content/archive/meant-entry'
import { type ObjectSource, objectPages } from '@backstay/proto/content/archive/object-pages'
import {
  type CommitRecords,
  chooseSnapshot,
  parseChoice,
  type Snapshot,
  type SnapshotReader,
  snapshotsOf,
} from '@backstay/proto/content/archive/snapshots'
import type { Entry } from '@backstay/proto/content/entry'
import { childrenRange, type Path, pathOf, subtreeRange, wholeMap } from '@backstay/proto/content/map/key'
import { type PageSource, scanMap } from '@backstay/proto/content/map/read'
import type { SealingKeys } from '@backstay/proto/content/seal'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { restoreIntoFolder } from '../restore/into-folder.ts'
import type { RestoreResult } from '../restore/restore.ts'
import type { System } from '../system/system.ts'
import { progressLine } from './progress.ts'
import { isIncomplete, restoreText } from './restore-text.ts'
import { bytesText, nameText, pathText, shownText, tableText, timeText } from './text.ts'

/** A device's backups, as its own agent or an admin reaches them. */
export interface Archive {
  readonly primitives: Primitives
  readonly reader: SnapshotReader
  readonly keys: readonly SealingKeys[]
  readonly source: ObjectSource
  /** Newest first. */
  records(): CommitRecords
  /** The newest snapshot that was acknowledged, when that is known from elsewhere than the records. */
  readonly head?: number
}

export async function printSnapshots(archive: Archive, terminal: Terminal, json: boolean): Promise<void> {
  const rows: Snapshot[] = []
  for await (const snapshot of snapshotsOf(archive.reader, archive.records())) rows.push(snapshot)
  if (json) {
    terminal.print(JSON.stringify(rows.map(snapshotJson)))
    return
  }
  if (rows.length === 0) terminal.say('there is no snapshot yet; make one with: backstay-agent backup')
  else
    terminal.print(
      tableText(['#', 'TIME', 'STATE', 'ENTRIES', 'SIZE', 'NOT READ', 'LABEL'], rows.map(snapshotRow)),
    )
}

/** Whoever gets an older snapshot than there was is told: the collector can lose records as it can lose bytes. */
export async function chosen(
  archive: Archive,
  terminal: Terminal,
  at: string | undefined,
): Promise<Snapshot> {
  const { head = 0 } = archive
  let newest = 0
  async function* watched() {
    for await (const snapshot of snapshotsOf(archive.reader, archive.records())) {
      newest = Math.max(newest, snapshot.commit.sequence)
      yield snapshot
    }
  }
  const snapshot = await chooseSnapshot(parseChoice(at), watched())
  if (head > newest) {
    terminal.say(
      `warning: snapshot #${head} was acknowledged, and the collector cannot show it; the newest that is left is #${newest}`,
    )
  }
  return snapshot
}

export interface ListOptions {
  readonly at?: string
  readonly recursive?: boolean
  readonly unread?: boolean
  readonly json?: boolean
}

/** Lists a folder, or all that was not read. Without a path: the roots of the snapshot. */
export async function printEntries(
  archive: Archive,
  terminal: Terminal,
  path: Path | undefined,
  options: ListOptions,
): Promise<void> {
  const print = (at: Path, entry: Entry) =>
    terminal.print(options.json ? JSON.stringify(entryJson(at, entry)) : entryText(at, entry))
  const snapshot = await chosen(archive, terminal, options.at)
  const pages = objectPages(archive.primitives, archive.source, archive.keys)
  const wanted = path ?? (options.unread || options.recursive ? undefined : [utf8('/')])
  const found = wanted && (await findEntry(pages, snapshot, wanted))
  // What is no folder, nor one that could not be read, has nothing below it and is listed itself.
  if (found !== undefined && !hasBelow(found.entry) && !options.unread) print(found.path, found.entry)
  const folder = found?.path
  const deep = options.recursive || options.unread
  const range = folder === undefined ? wholeMap : deep ? subtreeRange(folder) : childrenRange(folder)
  for await (const items of scanMap(pages, snapshot.root, range)) {
    for (const { key, entry } of items) {
      if (options.unread && entry.kind !== 'unread') continue
      print(pathOf(key), entry)
    }
  }
}

const hasBelow = ({ kind }: Entry) => kind === 'folder' || kind === 'unread'

/** Throws `not_in_snapshot`. */
async function findEntry(pages: PageSource, snapshot: Snapshot, typed: Path): Promise<MeantEntry> {
  const found = await meantEntry(pages, snapshot.root, typed)
  if (found !== undefined) return found
  throw new Failure(
    'not_in_snapshot',
    `"${pathText(typed)}" is not in snapshot #${snapshot.commit.sequence}`,
    {
      hint: 'list what is there with: ls, or choose another snapshot with --at',
    },
  )
}

export interface RestoreCommandOptions {
  readonly to: string
  readonly at?: string
  readonly asRoot?: boolean
  readonly json?: boolean
  readonly signal?: AbortSignal
}

/** Restores a path, or all, into a folder; prints what did not come back exactly. */
export async function restoreInto(
  archive: Archive,
  system: System,
  terminal: Terminal,
  path: Path | undefined,
  options: RestoreCommandOptions,
): Promise<RestoreResult> {
  if (options.asRoot && system.effectiveUser() !== 0) {
    throw new Failure(
      'not_root',
      '--as-root gives back owners, device nodes and set-id bits, which only root can',
      {
        hint: 'run it as root, or leave out --as-root',
      },
    )
  }
  const snapshot = await chosen(archive, terminal, options.at)
  const pages = objectPages(archive.primitives, archive.source, archive.keys)
  const isWhole = path === undefined || path.length === 1
  const total = isWhole ? snapshot.commit.bytes : undefined
  const part = isWhole ? undefined : (await findEntry(pages, snapshot, path)).path
  const progress = progressLine<{ entries: number; bytes: number }>(
    ({ entries, bytes }) => `${entries} entries, ${bytesText(bytes)} restored`,
    ({ bytes }) => bytes,
    () => total,
  )
  const result = await restoreIntoFolder(system, {
    ...{ source: archive.source, pages, root: snapshot.root, to: options.to },
    path: part,
    asRoot: options.asRoot ?? false,
    onProgress: progress.show,
    ...(options.signal && { signal: options.signal }),
  }).finally(progress.end)
  terminal.print(
    options.json
      ? JSON.stringify(restoreJson(snapshot, options.to, result))
      : restoreText(snapshot, options.to, result),
  )
  if (isIncomplete(result)) throw new ExitCode(exitCodes.incomplete)
  return result
}

function restoreJson(
  snapshot: Snapshot,
  to: string,
  { report, damaged, damagedCount, lost }: RestoreResult,
): unknown {
  return {
    ...{
      sequence: snapshot.commit.sequence,
      to,
      written: report.written,
      leftOut: report.leftOut,
      bytes: report.bytes,
    },
    ...{ counts: report.counts, damagedCount },
    lost: lost.map(({ from, entries, code }) => ({ from: pathText(from), entries, code })),
    damaged: damaged.map(({ path, code }) => ({ path: path.map(nameText).join('/'), code })),
    issues: report.issues.map(({ what, path, detail }) => ({
      what,
      path: path.map(nameText).join('/'),
      detail,
    })),
  }
}

function snapshotRow({ commit, body, receivedAtMs }: Snapshot): string[] {
  const state = commit.complete ? 'complete' : 'incomplete'
  const { sequence, entries, bytes, unread } = commit
  return [
    `#${sequence}`,
    timeText(receivedAtMs),
    state,
    `${entries}`,
    bytesText(bytes),
    `${unread}`,
    shownText(body.label),
  ]
}

function snapshotJson({ id, commit, body, receivedAtMs }: Snapshot): unknown {
  const { sequence, complete, entries, bytes, unread, startedAtMs, endedAtMs } = commit
  // Where the device went on after the collector had been rolled back.
  const branch = commit.branch?.toHex()
  const { host, label } = body
  const times = { receivedAt: new Date(receivedAtMs).toISOString(), startedAtMs, endedAtMs }
  return {
    sequence,
    id,
    complete,
    entries,
    bytes,
    unread,
    ...times,
    host,
    label,
    branch,
    roots: body.roots.map(nameText),
  }
}

const kindLetters = {
  file: '-',
  folder: 'd',
  symlink: 'l',
  fifo: 'p',
  socket: 's',
  character_device: 'c',
  block_device: 'b',
  unread: '!',
} as const

function entryText(path: Path, entry: Entry): string {
  const mode = `${kindLetters[entry.kind]}${entry.mode.toString(8).padStart(4, '0')}`
  const owner = `${nameText(entry.user) || entry.uid}:${nameText(entry.group) || entry.gid}`
  const when = timeText(entry.mtimeS * 1000)
  const why =
    entry.unread === undefined ? '' : `  not read: ${entry.unread.reason} ${shownText(entry.unread.detail)}`
  const target = entry.target === undefined ? '' : ` -> ${nameText(entry.target)}`
  return `${mode}  ${owner}  ${String(entry.size).padStart(12)}  ${when}  ${pathText(path)}${target}${why}`.trimEnd()
}

function entryJson(path: Path, entry: Entry): unknown {
  const { kind, size, mode, uid, gid, mtimeS, mtimeNs, unread } = entry
  const sha256 = entry.sha256?.toHex()
  const target = entry.target === undefined ? undefined : nameText(entry.target)
  return { path: pathText(path), kind, size, mode, uid, gid, mtimeS, mtimeNs, sha256, target, unread }
}
