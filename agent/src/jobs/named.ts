/** Names of lost files, as many as fit into a report. */
import { reportSealedBytesMax } from '@backstay/proto/trust/report'

export interface Named {
  readonly path: string
  readonly code: string
}

const namesMax = 100
/** The rest is for all else that a report says, and for sealing it. */
const namesBytesMax = reportSealedBytesMax / 2

export function named(damaged: readonly Named[]): Named[] {
  const names: Named[] = []
  let bytes = 0
  for (const name of damaged.slice(0, namesMax)) {
    bytes += Buffer.byteLength(JSON.stringify(name))
    if (bytes > namesBytesMax) break
    names.push(name)
  }
  return names
}
