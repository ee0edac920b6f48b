/** The target folder itself: made when it is not there, opened without following a symlink. */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { makeFolders } from '../system/make-folders.ts'
import { fromRoot, type Handle, type System } from '../system/system.ts'
import { refusal, whenDiskFull } from './target-trouble.ts'

export interface Top {
  readonly handle: Handle
  /** For messages. */
  readonly shown: string
  /** Nothing was in it. */
  readonly isFresh: boolean
}

/** Restored files may be private, so that the folder is its owner's alone until somebody opens it. */
const topMode = 0o700

export function openTop(system: System, directory: Bytes): Top {
  const shown = new TextDecoder().decode(directory)
  return usable(shown, () => {
    makeFolders(Buffer.from(directory), topMode)
    const handle = system.openFolder(fromRoot, directory)
    const [first] = system.listFolder(handle)
    return { handle, shown, isFresh: first === undefined }
  })
}

/** Throws `bad_target` or `disk_full` for what the system refuses at the top. */
export function usable<Result>(shown: string, open: () => Result): Result {
  try {
    return open()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : refusal(cause)
    whenDiskFull(code, shown)
    throw new Failure('bad_target', `cannot restore to "${shown}": ${code}`, {
      hint: 'choose a folder that you may write to, by its own path and not through a symlink',
      cause,
    })
  }
}
