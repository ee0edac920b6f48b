/** Makes one entry in the folder where the writer stands, each kind in its way. */
import { constants } from 'node:os'
import type { Bytes } from '@backstay/proto/bytes'
import type { Entry } from '@backstay/proto/content/entry'
import { emptyStat, type Handle, type SpecialKind, type System } from '../system/system.ts'
import { checked } from '../system/system-error.ts'
import { newFolder } from './new-folder.ts'
import { isSameSmallFile, isSameSpecial } from './same-entry.ts'
import { makeSmallFile } from './small-file.ts'
import { type ContentRun, type RunWriter, writeRuns } from './target-content.ts'
import { type Describe, type Ownership, privateMode, type Subject } from './target-describe.ts'
import type { TargetFolders } from './target-folders.ts'
import type { HardLinks } from './target-links.ts'
import { claim, type IsThere, shownName } from './target-name.ts'
import type { Outcome, Reporter } from './target-report.ts'
import type { Staging } from './target-staging.ts'
import { refusal, whenDiskFull } from './target-trouble.ts'

export interface WriterParts {
  readonly system: System
  /** For messages. */
  readonly directory: string
  readonly conflict: 'suffix' | 'refuse'
  readonly folders: TargetFolders
  readonly staging: Staging
  readonly links: HardLinks
  readonly describe: Describe
  readonly reporter: Reporter
  readonly runWriter: RunWriter
  /** Where the restore may go on; says which folders that are there it may write into. */
  readonly goesOn: GoingOn | undefined
  readonly ownership: Ownership
}

/** Of a restore that may go on, where it or somebody else was before. */
export interface GoingOn {
  /** Whether a folder that is there is entered, and so counts as restored. */
  mayEnter(folder: Handle): boolean
  /**
   * All that is there was made under the same sign, closed to others: folders get their owner, mode and time when they are
   * complete. Otherwise folders that are there stay as they are.
   */
  readonly isClosed: boolean
}

/** Whether what has a name already is a folder that is entered. */
export function isEntered(
  system: Pick<System, 'tryOpenFolder' | 'close'>,
  goesOn: GoingOn | undefined,
  at: Handle,
  name: Bytes,
): boolean {
  const handle = goesOn === undefined ? -1 : system.tryOpenFolder(at, name)
  if (goesOn === undefined || handle < 0) return false
  try {
    return goesOn.mayEnter(handle)
  } finally {
    system.close(handle)
  }
}

export interface Writers {
  folder(name: Bytes, entry: Entry): Outcome
  smallFile(name: Bytes, entry: Entry, bytes: Bytes): Outcome
  streamedFile(name: Bytes, entry: Entry, content: AsyncIterable<ContentRun>): Promise<Outcome>
  symlink(name: Bytes, entry: Entry, target: Bytes): Outcome
  special(name: Bytes, entry: Entry, kind: SpecialKind): Outcome
  /** A file that is there, the same, under this name. */
  keep(name: Bytes, entry: Entry): Outcome
  /** Undefined when the entry needs a copy of its own: the first of its group, or it cannot be linked. */
  hardLink(name: Bytes, entry: Entry): Outcome | undefined
}

/** Nobody else's until owner and mode are set. */
const privateFolderMode = 0o700

export function entryWriters(parts: WriterParts): Writers {
  const { system, conflict, folders, staging, links, describe, reporter, goesOn } = parts
  const stat = emptyStat()

  /** Names the trouble and leaves the entry out; throws when the disk is full. */
  function leftOut(code: string): Outcome {
    whenDiskFull(code, parts.directory)
    reporter.issue(code === 'EEXIST' ? 'taken' : 'refused', code)
    return reporter.leftOut()
  }

  function done(name: Bytes, written: Bytes, bytes: number): Outcome {
    if (written !== name) reporter.issue('renamed', shownName(written))
    return reporter.written(bytes)
  }

  /** Describes what was made, and looks at what will be the first of its group. */
  function complete(subject: Subject, entry: Entry): void {
    describe.unlocked(subject, entry)
    if (entry.linkGroup === undefined) return
    const { handle, name } = subject
    checked(name === undefined ? system.tryStat(handle, stat) : system.tryStatAt(handle, name, stat), 'stat')
  }

  function remember(entry: Entry, written: Bytes): void {
    if (entry.linkGroup !== undefined) links.remember(entry.linkGroup, folders.path, written, stat)
  }

  function there(written: Bytes, entry: Entry): Outcome {
    // It was cut off before it could be locked, perhaps.
    if (goesOn?.isClosed === true) describe.lock({ handle: folders.handle, name: written }, entry)
    if (entry.linkGroup !== undefined) {
      checked(system.tryStatAt(folders.handle, written, stat), 'stat')
      remember(entry, written)
    }
    return reporter.there()
  }

  /** Gives a finished part its name; `file`: it is open. */
  function settle(
    { part, file }: { readonly part: Bytes; readonly file?: Handle },
    name: Bytes,
    entry: Entry,
    bytes: number,
    isThere: IsThere,
  ): Outcome {
    const claimed = claim(
      name,
      conflict,
      free => system.tryRename(staging.handle, part, folders.handle, free),
      goesOn && isThere,
    )
    if (claimed.isThere) {
      staging.discard(part)
      return there(claimed.name, entry)
    }
    if (claimed.result < 0) {
      staging.discard(part)
      return leftOut(refusal(claimed.result))
    }
    remember(entry, claimed.name)
    const itself = { handle: folders.handle, name: claimed.name }
    describe.lock(file === undefined ? itself : { handle: file, name: undefined }, entry)
    return done(name, claimed.name, bytes)
  }

  /** Makes a part that is no file. */
  function staged(name: Bytes, entry: Entry, make: (part: Bytes) => void): Outcome {
    const part = staging.partName()
    try {
      make(part)
      complete({ handle: staging.handle, name: part }, entry)
    } catch (error) {
      const code = refusal(error)
      staging.discard(part)
      return leftOut(code)
    }
    return settle({ part }, name, entry, 0, taken => isSameSpecial(system, folders.handle, taken, entry))
  }

  return {
    folder(name, entry) {
      const place = { at: folders.handle, name, mode: privateFolderMode, owner: entry }
      const claimed = newFolder(system, staging, parts, place)
      const isOurs = !claimed.isThere || goesOn?.isClosed === true
      folders.expect(name, claimed.result < 0 ? undefined : claimed.name, isOurs ? entry : undefined)
      if (claimed.isThere) return reporter.there()
      return claimed.result < 0 ? leftOut(refusal(claimed.result)) : done(name, claimed.name, 0)
    },

    smallFile(name, entry, bytes) {
      const mode = describe.birthMode(entry)
      const made = makeSmallFile(system, folders.handle, name, bytes, {
        ...{ conflict, mode: mode ?? privateMode },
        ...(goesOn !== undefined && {
          parts: {
            handle: staging.handle,
            isThere: taken => isSameSmallFile(system, folders.handle, taken, entry),
          },
        }),
        complete: handle => complete({ handle, name: undefined, hasMode: mode !== undefined }, entry),
        lock: handle => describe.lock({ handle, name: undefined }, entry),
      })
      if (typeof made === 'string') return leftOut(made)
      if (made.isThere) return there(made.name, entry)
      remember(entry, made.name)
      return done(name, made.name, bytes.length)
    },

    keep(name, entry) {
      const known = system.tryStatAt(folders.handle, name, stat)
      if (known === 0 && stat.kind === 'file' && stat.size === entry.size) return there(name, entry)
      reporter.issue('content', 'changed meanwhile')
      return reporter.leftOut()
    },

    async streamedFile(name, entry, content) {
      const part = staging.partName()
      const file = system.tryCreateFile(staging.handle, part, privateMode)
      if (file < 0) return leftOut(refusal(file))
      let length: number
      let settled: Outcome | undefined
      try {
        try {
          length = await writeRuns(system, parts.runWriter, file, content, entry)
          if (length === entry.size) {
            complete({ handle: file, name: undefined }, entry)
            // Looked for before it was fetched (target-there.ts).
            settled = settle({ part, file }, name, entry, length, () => false)
          }
        } finally {
          system.close(file)
        }
      } catch (error) {
        staging.discard(part)
        return leftOut(refusal(error))
      }
      if (settled !== undefined) return settled
      staging.discard(part)
      reporter.issue('content', length > entry.size ? 'longer than its size' : `ends after ${length} bytes`)
      return reporter.leftOut()
    },

    symlink(name, entry, target) {
      return staged(name, entry, part => {
        system.makeSymlink(staging.handle, part, target, entry.attributes)
      })
    },

    special(name, entry, kind) {
      return staged(name, entry, part => {
        system.makeSpecial(staging.handle, part, kind, privateMode, entry.device)
      })
    },

    hardLink(name, { linkGroup }) {
      if (linkGroup === undefined || !links.has(linkGroup)) return undefined
      const claimed = claim(
        name,
        conflict,
        free => links.link(linkGroup, folders.handle, folders.path, free),
        taken => goesOn !== undefined && links.isLinked(linkGroup, folders.handle, taken),
      )
      if (claimed.isThere) return reporter.there()
      if (claimed.result === 0) return done(name, claimed.name, 0)
      if (claimed.result === -constants.errno.EEXIST) return leftOut('EEXIST')
      reporter.issue('copied_link', refusal(claimed.result))
      return undefined
    },
  }
}
