/**
 * Writes restored entries below one folder, and nowhere else, whoever meddles with that folder meanwhile.
 *
 * No path is ever resolved below the target: folders are walked handle by handle and symlinks never followed. Nothing
 * that is there is replaced: a taken name gets ` (restored)` behind it. What cannot be restored is listed.
 *
 *     using target = openTarget(system, utf8('/home/ada/Restored'), { asRoot: false, ownership: true, conflict: 'suffix' })
 *     target.writeSmall([utf8('notes')], folder)
 *     target.writeSmall([utf8('notes'), utf8('a.txt')], file, bytes)
 *     await target.write([utf8('notes'), utf8('disk.img')], image, runs)
 *     const report = target.finish()
 *
 * Entries come in the order of the map: all entries of a folder, then its subfolders, each with all that is below it.
 * Folders get their owner, mode and times when what is below them is done, and belong to us alone until then.
 *
 * Small files are written in place, by one write into a new file; everything else is made under a part name in a closed
 * folder `.backstay-part-…` at the top and then renamed (measured on ext4: a rename costs a third of writing a small
 * file). `finish` removes that folder: while it is there and no restore runs, a restore was interrupted, and the last
 * small file that it wrote may be cut short.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Entry, NodeKind } from '@backstay/proto/content/entry'
import { assert, Failure } from '@backstay/proto/failure'
import type { Handle, System } from '../system/system.ts'
import { isSystemError } from '../system/system-error.ts'
import { type Piece, pieceLength } from './file-batch.ts'
import { newFolder } from './new-folder.ts'
import { targetBatches } from './target-batches.ts'
import type { ContentRun, RunWriter } from './target-content.ts'
import { type DescribeOptions, describer, type Owner, type Ownership } from './target-describe.ts'
import { targetFolders } from './target-folders.ts'
import { foreignDetail, type Home, homeOf } from './target-foreign.ts'
import { hardLinks } from './target-links.ts'
import { nameTrouble } from './target-name.ts'
import { reporter as newReporter, type Outcome, type Report } from './target-report.ts'
import { openStaging } from './target-staging.ts'
import { thereBelow } from './target-there.ts'
import { openTop, type Top, usable } from './target-top.ts'
import { refusal } from './target-trouble.ts'
import { entryWriters, type GoingOn } from './target-writers.ts'
import { type BatchWriter, writeBatch } from './write-batch.ts'

export type { ContentRun } from './target-content.ts'
export type { Issue, IssueKind, Outcome, Report } from './target-report.ts'

export interface TargetOptions {
  /** Whether set-id bits, device nodes, trusted.* and security.* attributes and super-user's flags come back. Only ever a local decision. */
  readonly asRoot: boolean
  /** Where giving away is not permitted, it is listed. */
  readonly ownership: Ownership
  /** What to do when a name is taken: write beside it, or leave the entry out. */
  readonly conflict: 'suffix' | 'refuse'
  /**
   * It may go on where another with the same sign was cut off, or beside what others have there: files, links and folders
   * that are there and the same are left as they are and counted, and files are made as parts, so that what has its name is
   * whole. The sign is the name of the folder of parts.
   */
  readonly goesOn?: GoingOn & { readonly sign: Bytes }
  /** Who writes content; this thread, when not given. */
  readonly files?: FileWriter
}

export interface FileWriter extends BatchWriter, RunWriter {}

export interface Target extends Disposable {
  /**
   * Writes an entry; `components` go from the target's top down to and with its name, and none stands for the top
   * itself; the report keeps them. Content is needed for files only, and not read where a hard link does. One write at a time. Throws
   * `disk_full`, `target_moved`, and whatever the content throws: then nothing of this entry stays.
   */
  write(components: readonly Bytes[], entry: Entry, content?: AsyncIterable<ContentRun>): Promise<Outcome>
  /** The same for all that needs no stream: small files with their bytes, folders, links, special files. */
  writeSmall(components: readonly Bytes[], entry: Entry, bytes?: Bytes): Outcome
  /**
   * Writes a small file, one that is no hard link, at some time before `settled` resolves: several at a time, and by
   * whoever was given as `files`. What its pieces are made of must stay until then. Throws what an earlier one met.
   */
  writeLater(components: readonly Bytes[], entry: Entry, pieces: readonly Piece[]): void
  /**
   * Resolves when everything is written. Gives the paths of files whose content does not have its hash, which were not
   * written; each only once. Throws `disk_full` and what `files` failed with, and then too nothing is under way.
   */
  settled(): Promise<readonly (readonly Bytes[])[]>
  /** Something may be there already. */
  readonly mayGoOn: boolean
  /** Before it is fetched, in any order of folders: the name under which a file is there, the same. */
  findThere(components: readonly Bytes[], entry: Entry, signal?: AbortSignal): Promise<Bytes | undefined>
  /** Counts a file that is there, under the name that `findThere` gave. */
  keep(components: readonly Bytes[], entry: Entry, name: Bytes): Outcome
  /** Completes the folders and returns what happened. Without it the target stays marked as interrupted. */
  finish(): Report
}

/** Less what the umask takes away: of folders that no entry described. */
const folderMode = 0o777
const noBytes: Bytes = new Uint8Array()

/** Opens a folder to restore into, and makes it when it is not there. Throws `bad_target` and `disk_full`. */
export function openTarget(system: System, directory: Bytes, options: TargetOptions): Target {
  return targetAt(system, openTop(system, directory), options)
}

/** The same in a folder that is open already; the target closes its handle. */
export function targetAt(system: System, top: Top, options: TargetOptions): Target {
  const staging = usable(top.shown, () => openStaging(system, top.handle, options.goesOn?.sign))
  const reporter = newReporter()
  const { asRoot, ownership, conflict, goesOn } = options
  const described: DescribeOptions = { asRoot, ownership, born: staging.born }
  const describe = describer(system, reporter, described)
  const files = options.files ?? writerHere(system)
  const folders = targetFolders(system, top.handle, {
    make: (at, name) => {
      if (nameTrouble(name) !== undefined) return undefined
      const rules = { conflict, goesOn, ownership }
      const claimed = newFolder(system, staging, rules, { at, name, mode: folderMode, owner: undefined })
      if (claimed.result < 0) return undefined
      if (claimed.isThere || goesOn?.isClosed === false) return claimed.name
      if (typeof ownership === 'object') give(at, claimed.name, ownership)
      return claimed.name
    },
    complete: (handle, entry, path) => describe({ handle, name: undefined }, entry, path),
    mayEnter: goesOn?.mayEnter ?? (() => true),
    lost: (path, code) => reporter.issue('refused', refusal(code), path),
  })
  const writers = entryWriters({
    ...{ system, staging, folders, describe, reporter, conflict, goesOn, ownership },
    directory: top.shown,
    runWriter: files,
    links: hardLinks(system, top.handle),
  })
  const rules = { ...described, conflict, ...(goesOn && { parts: staging.handle }) }
  const there = goesOn && thereBelow(system, top.handle, conflict)
  const batches = targetBatches({ folders, reporter, rules, writer: files, directory: top.shown })
  let topEntry: Entry | undefined
  let isBusy = false
  let isClosed = false
  const kept = new Set<Home>(staging.born.homes)
  if (!staging.keepsTimes) reporter.issue('time', 'the file system keeps times less exactly', [])

  function noteForeign({ attributes }: Entry): void {
    for (const attribute of attributes) {
      const home = homeOf(attribute)
      if (home === undefined || kept.has(home)) continue
      kept.add(home)
      reporter.issue('attribute', foreignDetail(home), [])
    }
  }

  /** A folder that no entry described. */
  function give(at: Handle, name: Bytes, { uid, gid }: Owner): void {
    try {
      system.setOwnerAt(at, name, uid, gid)
    } catch (error) {
      reporter.issue('owner', refusal(error))
    }
  }

  function leftOut(
    what: 'bad_name' | 'folder_left_out' | 'unread' | 'needs_root' | 'content',
    detail: string,
  ): Outcome {
    reporter.issue(what, detail)
    return reporter.leftOut()
  }

  /** The place of an entry, or why there is none. */
  function placed(components: readonly Bytes[], entry: Entry): Bytes | Outcome {
    reporter.begin(components)
    noteForeign(entry)
    const name = components.at(-1)
    assert(name !== undefined && !isBusy && !isClosed, 'one entry at a time, into an open target')
    const trouble = nameTrouble(name)
    if (trouble !== undefined) return leftOut('bad_name', trouble)
    return movedCheck(() => folders.goTo(components)) ? name : leftOut('folder_left_out', '')
  }

  /** What to make of an entry; `unread` ones come back as far as they are known. */
  function kindOf(entry: Entry, hasContent: boolean): NodeKind | undefined {
    if (entry.kind !== 'unread') return entry.kind
    const kind = entry.unread?.kind
    const isKnown = kind === 'folder' || (kind === 'file' && entry.content !== undefined && hasContent)
    reporter.issue('unread', `${entry.unread?.reason ?? ''} ${entry.unread?.detail ?? ''}`.trim())
    return isKnown ? kind : undefined
  }

  function withoutStream(
    name: Bytes,
    entry: Entry,
    kind: NodeKind | undefined,
    bytes: Bytes | undefined,
  ): Outcome {
    switch (kind) {
      case undefined:
        return reporter.leftOut()
      case 'folder':
        return writers.folder(name, entry)
      case 'symlink':
        return entry.target === undefined
          ? leftOut('content', 'no target')
          : (writers.hardLink(name, entry) ?? writers.symlink(name, entry, entry.target))
      case 'file':
        return writers.hardLink(name, entry) ?? smallFile(name, entry, bytes ?? noBytes)
      case 'character_device':
      case 'block_device':
        if (!asRoot) return leftOut('needs_root', kind)
        return writers.hardLink(name, entry) ?? writers.special(name, entry, kind)
      default:
        return writers.hardLink(name, entry) ?? writers.special(name, entry, kind)
    }
  }

  function smallFile(name: Bytes, entry: Entry, bytes: Bytes): Outcome {
    if (bytes.length !== entry.size) return leftOut('content', `${bytes.length} of ${entry.size} bytes`)
    return writers.smallFile(name, entry, bytes)
  }

  function writeTop(entry: Entry): Outcome {
    reporter.begin([])
    topEntry = entry
    return reporter.written(0)
  }

  function close(isDone: boolean): void {
    isClosed = true
    there?.[Symbol.dispose]()
    folders.close()
    staging.close(isDone)
    if (isDone && topEntry !== undefined) {
      if (top.isFresh) describe({ handle: top.handle, name: undefined }, topEntry, [])
      else if (goesOn !== undefined) reporter.there()
      else reporter.issue('taken', 'the folder was there before and stays as it was', [])
    }
    system.close(top.handle)
  }

  return {
    async write(components, entry, content) {
      if (components.length === 0) return writeTop(entry)
      const name = placed(components, entry)
      if (!(name instanceof Uint8Array)) return name
      const kind = kindOf(entry, content !== undefined)
      if (kind !== 'file' || content === undefined) return withoutStream(name, entry, kind, undefined)
      isBusy = true
      try {
        return writers.hardLink(name, entry) ?? (await writers.streamedFile(name, entry, content))
      } finally {
        isBusy = false
      }
    },
    writeSmall(components, entry, bytes) {
      if (components.length === 0) return writeTop(entry)
      const name = placed(components, entry)
      if (!(name instanceof Uint8Array)) return name
      return withoutStream(name, entry, kindOf(entry, bytes !== undefined), bytes)
    },
    writeLater(components, entry, pieces) {
      const name = placed(components, entry)
      if (!(name instanceof Uint8Array)) return
      const length = pieces.reduce((sum, piece) => sum + pieceLength(piece), 0)
      if (length === entry.size) batches.add(components, { name, entry, pieces })
      else leftOut('content', `${length} of ${entry.size} bytes`)
    },
    settled: batches.settled,
    mayGoOn: goesOn !== undefined,
    findThere: async (components, entry, signal) => there?.find(components, entry, signal),
    keep(components, entry, name) {
      const place = placed(components, entry)
      return place instanceof Uint8Array ? writers.keep(name, entry) : place
    },
    finish() {
      assert(batches.isEmpty, 'a target is finished when all is settled')
      movedCheck(() => folders.leaveAll())
      close(true)
      return reporter.report()
    },
    [Symbol.dispose]() {
      if (isClosed) return
      try {
        folders.leaveAll()
      } catch (error) {
        // What ended the restore has been thrown already; the folders not completed stay as they are.
        if (!isSystemError(error)) throw error
      } finally {
        close(false)
      }
    },
  }
}

function writerHere(system: System): FileWriter {
  return {
    writeFiles: async (batch, rules) => writeBatch(system, batch, rules),
    writeRun: async (file, bytes, position) => system.writeAround(file, bytes, position),
  }
}

/** Depth is walked back through `..`: see folder-chain.ts. */
function movedCheck<Result>(walk: () => Result): Result {
  try {
    return walk()
  } catch (error) {
    if (!isSystemError(error, 'ESTALE')) throw error
    throw new Failure('target_moved', 'the folders restored to were moved while they were being written', {
      hint: 'restore again into another folder that nobody changes meanwhile',
      cause: error,
    })
  }
}
