/** Names of entries, as many as fit into a report. */
import { reportSealedBytesMax } from '@backstay/proto/trust/report'

export interface Named {
  readonly path: string
  readonly code: string
}

const namesMax = 100
/** Of one of two lists; the rest is for all else that a report says, and for sealing it. */
const namesBytesMax = reportSealedBytesMax / 3

export function named<One extends Named>(damaged: readonly One[]): One[] {
  const names: One[] = []
  let bytes = 0
  for (const name of damaged.slice(0, namesMax)) {
    bytes += Buffer.byteLength(JSON.stringify(name))
    if (bytes > namesBytesMax) break
    names.push(name)
  }
  return names
}
