// The agent for Windows, under wine: its seam to the system, its executable, its package.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { needPinnedNode } from './needs.ts'
import { buildForWine } from './wine/built-agent.ts'
import { missingTools } from './wine/wine.ts'

const top = join(import.meta.dirname, '..')

needPinnedNode()
const missing = missingTools()
if (missing !== undefined) {
  console.log(`the stories under wine were not run: ${missing}`)
  if (process.env.CI === 'true') process.exitCode = 1
} else {
  const chosen = process.argv.slice(2)
  const stories = chosen.length > 0 ? chosen : globSync('scripts/wine/stories/*.ts', { cwd: top }).sort()
  buildForWine()
  // The same runner, which fails when nothing was run.
  const words = [join(top, 'scripts/test.ts'), ...stories]
  const run = spawnSync(process.execPath, words, { cwd: top, stdio: 'inherit' })
  process.exitCode = run.status ?? 1
}
