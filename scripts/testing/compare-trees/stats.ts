/** What stat says about both. */
import type { Stat } from '@backstay/agent/system/system'
import type { Found } from '../compare-trees.ts'

const blockBytes = 512
/** A hole smaller than this may be filled by the way a file system allocates. */
const holeBytesMin = 65_536

export function statDifferences(a: Stat, b: Stat): Found[] {
  const found: Found[] = []
  const differ = (kind: Found['kind'], before: string, after: string): void => {
    if (before !== after) found.push({ kind, detail: `${before} → ${after}` })
  }
  // The mode of a symlink means nothing.
  if (a.kind !== 'symlink') differ('mode', a.mode.toString(8), b.mode.toString(8))
  differ('owner', `${a.uid}:${a.gid}`, `${b.uid}:${b.gid}`)
  differ('time', `${a.mtimeS}.${a.mtimeNs}`, `${b.mtimeS}.${b.mtimeNs}`)
  if (a.kind.endsWith('device')) {
    differ('device', `${a.nodeMajor}:${a.nodeMinor}`, `${b.nodeMajor}:${b.nodeMinor}`)
  }
  if (a.kind === 'file' && lostHoles(a, b)) {
    differ('sparse', `${a.blocks * blockBytes} allocated`, `${b.blocks * blockBytes} of ${b.size}`)
  }
  return found
}

/** A has holes, and B allocates clearly more: a tenth of them. */
function lostHoles(a: Stat, b: Stat): boolean {
  const holes = a.size - a.blocks * blockBytes
  const more = (b.blocks - a.blocks) * blockBytes
  return holes >= holeBytesMin && more >= Math.max(holeBytesMin, holes / 10)
}
