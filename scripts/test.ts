// Runs every test of the repository in processes of their own, and fails when it ran on the wrong Node or found no test.
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { bundlePrograms } from './drills/bundled.ts'
import { needPinnedNode } from './needs.ts'

const top = join(import.meta.dirname, '..')
/** One more than there are cores: drills wait for one another's processes half of their time. */
const concurrency = availableParallelism() + 1
/** Of one file: what takes longer hangs, also where ten others work on the machine. */
const timeoutMs = 1_800_000
const preloaded = ['untracked.cjs', 'threads-of-one-file.cjs'].flatMap(name => [
  '--require',
  join(top, 'scripts/testing', name),
])
/** How long each file took when it ran here last, in milliseconds. */
const tookFile = join(top, 'node_modules/.cache/test-durations.json')

needPinnedNode()
process.chdir(top)
// Each file is a process of its own, and all of them load much the same: what Node makes of it is kept.
process.env.NODE_COMPILE_CACHE ??= join(top, 'node_modules/.cache/compiled')
const took = durations()
const chosen = process.argv.slice(2)
const files = chosen.length > 0 ? chosen : longestFirst(everyTest())
if (files.length === 0) throw new Error('no test was found')
if (process.env.SLOW !== '1') process.env.BACKSTAY_DRILL_PROGRAMS = await bundlePrograms()
const counts = { passed: 0, failed: 0, skipped: 0 }
const tests = run({ files, concurrency, timeout: timeoutMs, execArgv: preloaded })
tests.on('test:summary', ({ file, counts: all, success, duration_ms: ms }) => {
  // Of all files together; each file has one of its own before.
  if (file !== undefined) {
    took[relative(top, file)] = Math.round(ms)
    return
  }
  const { passed, skipped, todo } = all
  Object.assign(counts, { passed, skipped, failed: all.tests - passed - skipped - todo })
  if (!success) process.exitCode = 1
})
for await (const text of tests.compose(spec)) process.stdout.write(text)
mkdirSync(dirname(tookFile), { recursive: true })
writeFileSync(tookFile, JSON.stringify(took))
if (counts.passed === 0) {
  console.error('error: no test ran')
  process.exitCode = 1
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)

function everyTest(): string[] {
  const pattern = '{agent,collector,proto,scripts}/**/*.test.ts'
  return globSync(pattern, { cwd: top, exclude: ['**/node_modules/**'] }).sort()
}

/** Begun last, a long one would run alone in the end. As far as none has run here, the stories of whole systems are long. */
function longestFirst(all: readonly string[]): string[] {
  const isDrill = (file: string) => /^scripts\/(drills|sim)\//.test(file)
  const ms = (file: string) => took[file] ?? (isDrill(file) ? timeoutMs : 0)
  return all.toSorted((one, other) => ms(other) - ms(one))
}

function durations(): Record<string, number> {
  try {
    return JSON.parse(readFileSync(tookFile, 'utf8')) as Record<string, number>
  } catch {
    return {}
  }
}
