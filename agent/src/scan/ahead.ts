/**
 * Keeps a walk some steps ahead of who uses it, and meanwhile lets the kernel fetch the files that will be read: on a
 * cold disk reading a source tree takes less than half the time (measured with 16 to 128 files; more gains nothing).
 */
import type { Handle, System } from '../system/system.ts'
import type { Step } from './walk.ts'

/** A folder is done with, once all steps before this one are. */
export interface Left {
  readonly kind: 'left'
  readonly handle: Handle
}

export interface AheadOptions {
  readonly system: Pick<System, 'tryOpenFile' | 'advise' | 'close'>
  /** Whether files that come now are likely to be read. */
  readonly willRead: () => boolean
}

export const stepsAhead = 24
/** Of a larger file the beginning; whoever reads it asks for the rest. */
const aheadBytesMax = 1024 * 1024

interface Waiting {
  readonly step: Step | Left
  readonly opened: Handle | undefined
}

/** Yields what is walked, with files opened already. Handles are valid until the next step. */
export function* ahead(steps: Iterable<Step | Left>, options: AheadOptions): Generator<Step> {
  const { system } = options
  const queue: Waiting[] = []
  try {
    for (const step of steps) {
      queue.push({ step, opened: openedEarly(step, options) })
      if (queue.length > stepsAhead) yield* use(queue.shift() as Waiting)
    }
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) yield* use(next)
  } finally {
    for (const { step, opened } of queue) {
      if (opened !== undefined) system.close(opened)
      if (step.kind === 'left') system.close(step.handle)
    }
  }

  function* use({ step, opened }: Waiting): Generator<Step> {
    if (step.kind === 'left') {
      system.close(step.handle)
      return
    }
    if (opened === undefined || step.kind !== 'found') {
      yield step
      return
    }
    try {
      step.opened = opened
      yield step
    } finally {
      system.close(opened)
    }
  }
}

/** What cannot be opened is found out again by who reads it, and reported there. */
function openedEarly(step: Step | Left, { system, willRead }: AheadOptions): Handle | undefined {
  if (step.kind !== 'found' || step.stat.kind !== 'file' || step.stat.size === 0 || !willRead())
    return undefined
  const handle = system.tryOpenFile(step.folder, step.name)
  if (handle < 0) return undefined
  system.advise(handle, 0, Math.min(step.stat.size, aheadBytesMax), 'soon')
  return handle
}
