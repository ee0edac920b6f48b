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
  readonly parts?: Parts
  /** Gives the written file the rest. */
  readonly complete: (file: Handle) => void
  /** When it has its name: what may keep us from giving it one. */
  readonly lock: (file: Handle) => void
}

interface Parts {
  readonly handle: Handle
  readonly isThere: IsThere
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
  const { conflict, parts, mode } = way
  const place = parts?.handle ?? folder
  const create = (free: Bytes) => system.tryCreateFile(place, free, mode)
  const made = parts === undefined ? claim(name, conflict, create) : claim(partName(), 'refuse', create)
  const file = made.result
  if (file < 0) return refusal(file)
  const claimed = orRefusal(() => {
    try {
      if (bytes.length > 0) system.write(file, bytes)
      way.complete(file)
      const claimed = parts === undefined ? made : settled(parts, made.name)
      if (isNew(claimed)) way.lock(file)
      return claimed
    } finally {
      system.close(file)
    }
  })
  if (typeof claimed !== 'string' && isNew(claimed)) return claimed
  orRefusal(() => system.remove(place, made.name))
  if (typeof claimed === 'string') return claimed
  return claimed.result < 0 ? refusal(claimed.result) : claimed

  /** Gives a part its name. */
  function settled({ handle, isThere }: Parts, part: Bytes): Claimed {
    return claim(name, conflict, free => system.tryRename(handle, part, folder, free), isThere)
  }
}

const partName = (): Bytes => utf8(`part-${randomBytes(8).toString('hex')}`)
const isNew = ({ result, isThere }: Claimed): boolean => result >= 0 && !isThere

/** What a deed gave, or the name of the error that it met. */
function orRefusal<Result>(deed: () => Result): Result | string {
  try {
    return deed()
  } catch (error) {
    return refusal(error)
  }
}
