/** A closed folder at the target's top in which things are made before they get their name. */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:os'
import { type Bytes, hex, startsWith, utf8 } from '@backstay/proto/bytes'
import type { Handle, System } from '../system/system.ts'
import { checked, SystemError } from '../system/system-error.ts'
import { type Born, removeInherited } from './target-describe.ts'
import { homesIn } from './target-foreign.ts'
import { refusal } from './target-trouble.ts'

export interface Staging {
  readonly handle: Handle
  /** How things that we make here are born. */
  readonly born: Born
  /** Whether the file system keeps times to the nanosecond. */
  readonly keepsTimes: boolean
  /** A name that is not used here. */
  partName(): Bytes
  /** Removes a part, if it is there. */
  discard(part: Bytes): void
  /** Closes it; removes it when all is done, leaves it as a sign when not. */
  close(isDone: boolean): void
}

const prefix = '.backstay-part-'
/** Of the folder in which a restore makes things. */
export const partsName = (id: Bytes): Bytes => utf8(prefix + hex(id))

const acls = ['system.posix_acl_', 'system.macos_acl'].map(utf8)
/** No multiple of 100 ns, of a microsecond or of two seconds. */
const probe = { seconds: 1_000_000_001, nanoseconds: 123_456_789 } as const

/** `name`: what a restore under this name left when it was cut off is thrown away, and it goes on there. */
export function openStaging(system: System, top: Handle, name = partsName(randomBytes(8))): Staging {
  const made = system.tryMakeFolder(top, name, 0o700)
  if (made !== -constants.errno.EEXIST) checked(made, 'make folder')
  const handle = system.openFolder(top, name)
  if (made < 0) clear(system, handle)
  const inheritsAcl = system.attributes(handle).some(attribute => isAcl(attribute.name))
  if (inheritsAcl) removeInherited(system, handle)
  system.setMode(handle, 0o700)
  system.setTime(handle, probe.seconds, probe.nanoseconds)
  const { uid, gid, mtimeS, mtimeNs } = system.stat(handle)
  const permissions = inheritsAcl ? 0 : permissionsOfNewFiles(system, handle)
  let parts = 0
  return {
    handle,
    born: { uid, gid, inheritsAcl, permissions, homes: homesIn(system, handle) },
    keepsTimes: mtimeS === probe.seconds && mtimeNs === probe.nanoseconds,
    partName: () => utf8(`part-${++parts}`),
    discard(part) {
      try {
        system.remove(handle, part)
      } catch (error) {
        if (refusal(error) !== 'ENOENT') throw error
      }
    },
    close(isDone) {
      system.close(handle)
      if (isDone) removeOurs(system, top, name)
    },
  }
}

/** In the folder of somebody else it may have been moved away. */
function removeOurs(system: System, top: Handle, name: Bytes): void {
  try {
    system.removeFolder(top, name)
  } catch (error) {
    refusal(error)
  }
}

/** Only what is ours alone is gone on with: nobody else can have put anything into it. */
function clear(system: System, handle: Handle): void {
  const { uid, mode } = system.stat(handle)
  if (uid !== system.effectiveUser() || (mode & 0o077) !== 0)
    throw new SystemError(constants.errno.EEXIST, 'open folder')
  for (const { name } of [...system.listFolder(handle)]) {
    if (system.statAt(handle, name).kind === 'folder') system.removeFolder(handle, name)
    else system.remove(handle, name)
  }
}

/** As `Born.permissions`: asked of the file system, since nobody else knows what it makes of a mode. */
function permissionsOfNewFiles(system: System, folder: Handle): number {
  const given = [0o777, 0].map((mode, index) => {
    const name = utf8(`mode-${index}`)
    const file = system.createFile(folder, name, mode)
    const given = system.stat(file).mode
    system.close(file)
    system.remove(folder, name)
    return given
  })
  const [most = 0, least = 0] = given
  return least === 0 ? most & 0o777 : 0
}

const isAcl = (name: Bytes): boolean => acls.some(acl => startsWith(name, acl))
