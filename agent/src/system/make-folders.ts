/** A folder with all that is above it. */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * As `mkdir -p`; throws the system's error. Node's own recursive way never ends where a folder above is there and the
 * system still says that there is none, as /proc does.
 */
export function makeFolders(path: string | Buffer, mode: number): void {
  const missing: (string | Buffer)[] = []
  for (let at = path; ; ) {
    const trouble = make(at, mode)
    const above = parentOf(at)
    if (trouble?.code !== 'ENOENT' || above === undefined) {
      if (trouble !== undefined) throw trouble
      break
    }
    missing.push(at)
    at = above
  }
  for (const at of missing.reverse()) {
    const trouble = make(at, mode)
    if (trouble !== undefined) throw trouble
  }
}

/** Undefined when it is there now. */
function make(path: string | Buffer, mode: number): NodeJS.ErrnoException | undefined {
  try {
    mkdirSync(path, { mode })
    return undefined
  } catch (error) {
    const trouble = error as NodeJS.ErrnoException
    return trouble.code === 'EEXIST' && isFolder(path) ? undefined : trouble
  }
}

function isFolder(path: string | Buffer): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Names are bytes: one letter is one byte here, there and back. */
function parentOf(path: string | Buffer): string | Buffer | undefined {
  const text = typeof path === 'string' ? path : path.toString('latin1')
  const above = dirname(text)
  if (above === text) return undefined
  return typeof path === 'string' ? above : Buffer.from(above, 'latin1')
}
