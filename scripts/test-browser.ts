// The console as people use it: stories in a real browser with a real collector and real agents. Builds the page first.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { buildConsole } from './build-console.ts'
import { missingBrowser } from './console/chromium.ts'
import { needPinnedNode } from './needs.ts'

const top = join(import.meta.dirname, '..')

needPinnedNode()
const missing = missingBrowser()
if (missing !== undefined) {
  console.log(`the stories were not run: ${missing}`)
} else {
  await buildConsole(join(top, 'collector/console/web/dist'))
  const chosen = process.argv.slice(2)
  const stories = chosen.length > 0 ? chosen : globSync('scripts/console/stories/*.ts', { cwd: top }).sort()
  // The same runner, which fails when nothing was run.
  const words = [join(top, 'scripts/test.ts'), ...stories]
  process.exitCode = spawnSync(process.execPath, words, { cwd: top, stdio: 'inherit' }).status ?? 1
}
