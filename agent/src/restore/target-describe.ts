/**
 * Gives what was written its owner, attributes, mode and time, in this order: giving a file away clears set-id bits and
 * capabilities, a mode may forbid setting attributes, and everything else touches nothing of the time of change. What may lock it
 * comes when it has its name.
 */
import { type Bytes, startsWith, utf8 } from '@backstay/proto/bytes'
import type { Attribute, Entry } from '@backstay/proto/content/entry'
import { emptyStat, type Handle, modeMask, type System } from '../system/system.ts'
import { type Home, homeOf, isLock } from './target-foreign.ts'
import { shownName } from './target-name.ts'
import type { Reporter } from './target-report.ts'
import { refusal } from './target-trouble.ts'

/** A file or folder by its own handle, or what `name` names in the folder of the handle. */
export interface Subject {
  readonly handle: Handle
  readonly name: Bytes | undefined
  /** It was made with the mode that its entry says. */
  readonly hasMode?: boolean
}

/** What of an entry is not its content. */
export type Described = Pick<Entry, 'mode' | 'uid' | 'gid' | 'mtimeS' | 'mtimeNs' | 'attributes' | 'target'>

/** Whether files are given to their owners, or to whom all of them are given instead. */
export type Ownership = boolean | Owner

/** What the file system gives to all that we make in the target. */
export interface Born {
  readonly uid: number
  readonly gid: number
  /** The top has a default ACL, which all below inherits. */
  readonly inheritsAcl: boolean
  /** Permissions that a new file gets when it is asked for; none where it may get others as well. */
  readonly permissions: number
  /** Whose own attributes are kept here. */
  readonly homes: readonly Home[]
}

export interface Owner {
  readonly uid: number
  readonly gid: number
}

export interface DescribeOptions {
  readonly asRoot: boolean
  readonly ownership: Ownership
  readonly born: Born
}

export interface Describe {
  /** All of it, of what has its name. */
  (subject: Subject, entry: Described, path?: readonly Bytes[]): void
  /** All but what may lock it. */
  unlocked(subject: Subject, entry: Described): void
  /** The rest. */
  lock(subject: Subject, entry: Described, path?: readonly Bytes[]): void
  /** The mode to make a file with, unless something else has to be set before anybody may see it. */
  birthMode(entry: Described): number | undefined
}

/** Nobody else's until owner and mode are set. */
export const privateMode = 0o600
const setIdBits = 0o6000
/** Every file system of ours holds these seconds; beyond them it may clamp in silence. */
const earliestS = -(2 ** 31)
const latestS = 2 ** 31 - 1
const rootOnly = ['trusted.', 'security.', 'system.macos_super_flags'].map(utf8)
const inherited = ['system.posix_acl_access', 'system.posix_acl_default', 'system.macos_acl'].map(utf8)

export function describer(
  system: System,
  reporter: Pick<Reporter, 'issue'>,
  options: DescribeOptions,
): Describe {
  const { born } = options
  const stat = emptyStat()

  const ownerOf = (entry: Described): Owner =>
    typeof options.ownership === 'object' ? options.ownership : entry

  /** Whether it now belongs to whom it is to belong. */
  function giveAway({ handle, name }: Subject, entry: Described, path?: readonly Bytes[]): boolean {
    const { uid, gid } = ownerOf(entry)
    if (uid === born.uid && gid === born.gid) return true
    if (!options.ownership) return false
    const give = (toUser: number, toGroup: number): string | undefined => {
      try {
        if (name === undefined) system.setOwner(handle, toUser, toGroup)
        else system.setOwnerAt(handle, name, toUser, toGroup)
        return undefined
      } catch (error) {
        return refusal(error)
      }
    }
    const refused = give(uid, gid)
    if (refused === undefined) return true
    reporter.issue('owner', refused, path)
    // Who may not give away may still belong to the group.
    if (gid !== born.gid) give(born.uid, gid)
    return false
  }

  function attach({ handle, name }: Subject, attribute: Attribute, path?: readonly Bytes[]): void {
    try {
      if (name === undefined) system.setAttribute(handle, attribute.name, attribute.value)
      else system.setAttributeAt(handle, name, attribute.name, attribute.value)
    } catch (error) {
      reporter.issue('attribute', `${shownName(attribute.name)}: ${refusal(error)}`, path)
    }
  }

  function attachAll(subject: Subject, attributes: readonly Attribute[], path?: readonly Bytes[]): void {
    for (const attribute of attributes) {
      // Said once for the whole target (target.ts), and not of each file.
      const home = homeOf(attribute)
      if (home !== undefined && !born.homes.includes(home)) continue
      if (options.asRoot || !rootOnly.some(prefix => startsWith(attribute.name, prefix))) {
        attach(subject, attribute, path)
      } else {
        reporter.issue(
          'attribute',
          `${shownName(attribute.name)}: only root restores it, when asked to`,
          path,
        )
      }
    }
  }

  function setMode(
    { handle, name }: Subject,
    entry: Described,
    owned: boolean,
    path?: readonly Bytes[],
  ): void {
    let mode = entry.mode & modeMask
    if ((mode & setIdBits) !== 0 && !(options.asRoot && owned)) {
      // In the hands of another owner it would lend that owner's rights.
      reporter.issue(
        'set_id',
        options.asRoot ? 'not without its owner' : 'only root restores it, when asked to',
        path,
      )
      mode &= ~setIdBits
    }
    try {
      if (name === undefined) system.setMode(handle, mode)
      else system.setModeAt(handle, name, mode)
    } catch (error) {
      reporter.issue('mode', refusal(error), path)
    }
  }

  function setTime({ handle, name }: Subject, { mtimeS, mtimeNs }: Described, path?: readonly Bytes[]): void {
    try {
      if (name === undefined) system.setTime(handle, mtimeS, mtimeNs)
      else system.setTimeAt(handle, name, mtimeS, mtimeNs)
      if (mtimeS >= earliestS && mtimeS <= latestS) return
      if (name === undefined) system.tryStat(handle, stat)
      else system.tryStatAt(handle, name, stat)
      if (stat.mtimeS !== mtimeS) reporter.issue('time', `the file system holds no ${mtimeS} s`, path)
    } catch (error) {
      reporter.issue('time', refusal(error), path)
    }
  }

  function unlocked(subject: Subject, entry: Described, path?: readonly Bytes[]): void {
    const owned = giveAway(subject, entry, path)
    if (born.inheritsAcl && subject.name === undefined) removeInherited(system, subject.handle)
    if (entry.attributes.length > 0)
      attachAll(
        subject,
        entry.attributes.filter(attribute => !isLock(attribute)),
        path,
      )
    if (entry.target === undefined && !subject.hasMode) setMode(subject, entry, owned, path)
    setTime(subject, entry, path)
  }

  function lock(subject: Subject, { attributes }: Described, path?: readonly Bytes[]): void {
    if (attributes.length > 0) attachAll(subject, attributes.filter(isLock), path)
  }

  const describe = (subject: Subject, entry: Described, path?: readonly Bytes[]): void => {
    unlocked(subject, entry, path)
    lock(subject, entry, path)
  }
  return Object.assign(describe, {
    unlocked,
    lock,
    birthMode(entry: Described): number | undefined {
      const { mode, attributes } = entry
      const { uid, gid } = ownerOf(entry)
      const isOurs = uid === born.uid && gid === born.gid && attributes.length === 0
      return isOurs && (mode & modeMask & ~born.permissions) === 0 ? mode & modeMask : undefined
    },
  })
}

/** ACLs that a new entry got from its folder. */
export function removeInherited(system: Pick<System, 'removeAttribute'>, handle: Handle): void {
  for (const name of inherited) {
    try {
      system.removeAttribute(handle, name)
    } catch (error) {
      // Not there: ENODATA, or on a file system without ACLs ENOTSUP.
      refusal(error)
    }
  }
}
