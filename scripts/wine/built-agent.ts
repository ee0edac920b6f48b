/** The agent for Windows as `npm run build` makes it: that of build/, or one made for these tests. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { top } from '../release/programs.ts'

/** Set by test-wine.ts, which builds once for all stories. */
const made = process.env.BACKSTAY_WINE_BUILD

export function builtAgent(): string {
  const folder = made ?? buildForWine()
  return join(folder, 'win-x64/backstay-agent')
}

export function buildForWine(): string {
  const folder = join(top, '.cache/wine/build')
  const words = [
    join(top, 'scripts/release/build.ts'),
    '--targets',
    'win-x64',
    '--programs',
    'backstay-agent',
    '--to',
    folder,
  ]
  execFileSync(process.execPath, words, { cwd: top, stdio: ['ignore', 'ignore', 'inherit'] })
  if (!existsSync(join(folder, 'SHA256SUMS'))) throw new Error('the build made nothing')
  return folder
}
