/**
 * One small file: made by a single write, described, and gone again when anything was refused. Under its name at once, or
 * where a restore may go on, under a part name first: then what has its name is whole, whenever all ends.
 */
import { randomBytes } from 'node:crypto'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import type { Handle, System } from '../system/system.ts'
import { type Claimed, claim, type IsThere } from './target-name.ts'
import { refusal } from './target-trouble.ts'

export interface SmallFileWay {
  readonly conflict: 'suffix' | 'refuse'
  /** That the new file has from the beginning. */
  readonly mode: number
  /** Where its part is made, and how to know it when it is there already. */
  readonly parts?: { readonly handle: Handle; readonly isThere: IsThere }
  /** Gives the written file the rest. */
  readonly complete: (file: Handle) => void
}

type Writing = Pick<System, 'tryCreateFile' | 'write' | 'close' | 'remove' | 'tryRename'>

/** The name that it got, or the name of the error that left it out. */
export function makeSmallFile(
  system: Writing,
  folder: Handle,
  name: Bytes,
  bytes: Bytes,
  way: SmallFileWay,
): Claimed | string {
  const { conflict, parts } = way
  if (parts === undefined) return makeFile(system, folder, name, bytes, way)
  const part = makeFile(system, parts.handle, utf8(`part-${randomBytes(8).toString('hex')}`), bytes, way)
  if (typeof part === 'string') return part
  const claimed = claim(
    name,
    conflict,
    free => system.tryRename(parts.handle, part.name, folder, free),
    parts.isThere,
  )
  if (claimed.result < 0 || claimed.isThere) refusalOf(() => system.remove(parts.handle, part.name))
  return claimed.result < 0 ? refusal(claimed.result) : claimed
}

function makeFile(
  system: Writing,
  folder: Handle,
  name: Bytes,
  bytes: Bytes,
  { conflict, mode, complete }: SmallFileWay,
): Claimed | string {
  const claimed = claim(name, conflict, free => system.tryCreateFile(folder, free, mode))
  const { name: written, result: file } = claimed
  if (file < 0) return refusal(file)
  const refused = refusalOf(() => {
    try {
      if (bytes.length > 0) system.write(file, bytes)
      complete(file)
    } finally {
      system.close(file)
    }
  })
  if (refused === undefined) return claimed
  refusalOf(() => system.remove(folder, written))
  return refused
}

/** The name of the error that a deed met, if any. */
function refusalOf(deed: () => void): string | undefined {
  try {
    deed()
    return undefined
  } catch (error) {
    return refusal(error)
  }
}
