/** After a backup the heap is full of what is not needed for hours. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (how: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void
let collect: Collect | undefined

/** `trim` gives freed memory back to the system. */
export function settleMemory(trim: () => void): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
  }
  // Also what code was compiled for, and the empty pages that V8 keeps for the next time.
  collect({ type: 'major', flavor: 'last-resort' })
  trim()
}
