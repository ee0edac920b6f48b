/** Names of entries, as many as fit into a report. */
import { reportSealedBytesMax } from '@backstay/proto/trust/report'

const namesMax = 100
/** Of one of four lists; the rest is for all else that a report says, and for sealing it. */
const namesBytesMax = reportSealedBytesMax / 5

export function named<One extends { readonly path: string }>(all: readonly One[]): One[] {
  const names: One[] = []
  let bytes = 0
  for (const name of all.slice(0, namesMax)) {
    bytes += Buffer.byteLength(JSON.stringify(name))
    if (bytes > namesBytesMax) break
    names.push(name)
  }
  return names
}
