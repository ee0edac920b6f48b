/**
 * Swaps the folders d-0 … of the target in `round-0`, then of the one in `round-1` as soon as it is there, for symlinks
 * to the outside and back, as fast as it can, until killed.
 */
import { existsSync, renameSync, symlinkSync, unlinkSync } from 'node:fs'
import { argv } from 'node:process'

const [, , target, outside, count] = argv

function attempt(deed: () => void): void {
  try {
    deed()
  } catch {
    // Not there yet, or not there any more: the next round comes at once.
  }
}

console.log('swapping')
let round = 0
while (true) {
  if (existsSync(`${target}/round-${round + 1}`)) round++
  for (let i = 0; i < Number(count); i++) {
    const name = `${target}/round-${round}/d-${i}`
    attempt(() => renameSync(name, `${name}.real`))
    attempt(() => symlinkSync(`${outside}`, name))
    attempt(() => unlinkSync(name))
    attempt(() => renameSync(`${name}.real`, name))
  }
}
