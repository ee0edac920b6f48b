/** Makes one folder under a name that is free; among what others own it is theirs before it has its name. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Handle, System } from '../system/system.ts'
import type { Owner, Ownership } from './target-describe.ts'
import { type Claimed, claim } from './target-name.ts'
import type { Staging } from './target-staging.ts'
import { refusal } from './target-trouble.ts'
import { type GoingOn, isEntered } from './target-writers.ts'

export interface FolderRules {
  readonly conflict: 'suffix' | 'refuse'
  readonly goesOn: GoingOn | undefined
  readonly ownership: Ownership
}

export function newFolder(
  system: System,
  staging: Staging,
  { conflict, goesOn, ownership }: FolderRules,
  place: {
    readonly at: Handle
    readonly name: Bytes
    readonly mode: number
    readonly owner: Owner | undefined
  },
): Claimed {
  const { at, name, mode } = place
  const isThere = (taken: Bytes) => isEntered(system, goesOn, at, taken)
  if (goesOn === undefined || goesOn.isClosed)
    return claim(name, conflict, free => system.tryMakeFolder(at, free, mode), isThere)
  // Whoever owns the folder around it could exchange what is given away by its name.
  const part = staging.partName()
  const owner = typeof ownership === 'object' ? ownership : ownership ? place.owner : undefined
  const made = system.tryMakeFolder(staging.handle, part, 0o700)
  if (made < 0) return { name, result: made }
  if (owner !== undefined) system.setOwnerAt(staging.handle, part, owner.uid, owner.gid)
  const claimed = claim(name, conflict, free => system.tryRename(staging.handle, part, at, free), isThere)
  if (claimed.result < 0 || claimed.isThere) discard(system, staging.handle, part)
  return claimed
}

function discard(system: System, at: Handle, part: Bytes): void {
  try {
    system.removeFolder(at, part)
  } catch (error) {
    refusal(error)
  }
}
