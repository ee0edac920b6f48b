/** One small file: made under its name by a single write, described, and gone again when anything was refused. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Handle, System } from '../system/system.ts'
import { type Claimed, claim } from './target-name.ts'
import { refusal } from './target-trouble.ts'

export interface SmallFileWay {
  readonly conflict: 'suffix' | 'refuse'
  /** That the new file has from the beginning. */
  readonly mode: number
  /** Gives the written file the rest. */
  readonly complete: (file: Handle) => void
}

/** The name that it got, or the name of the error that left it out. */
export function makeSmallFile(
  system: Pick<System, 'tryCreateFile' | 'write' | 'close' | 'remove'>,
  folder: Handle,
  name: Bytes,
  bytes: Bytes,
  { conflict, mode, complete }: SmallFileWay,
): Bytes | string {
  const { name: written, result: file }: Claimed = claim(name, conflict, free =>
    system.tryCreateFile(folder, free, mode),
  )
  if (file < 0) return refusal(file)
  const refused = refusalOf(() => {
    try {
      if (bytes.length > 0) system.write(file, bytes)
      complete(file)
    } finally {
      system.close(file)
    }
  })
  if (refused === undefined) return written
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
