// Runs every test of the repository with node --test, and fails when it ran on the wrong Node or found no test.
import { type ChildProcess, spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { needPinnedNode } from './needs.ts'

const top = join(import.meta.dirname, '..')
/** Two at once on two cores: many tests start processes of their own. */
const concurrency = 2

needPinnedNode()
const chosen = process.argv.slice(2)
const files =
  chosen.length > 0
    ? chosen
    : globSync('{agent,collector,proto,scripts}/**/*.test.ts', {
        cwd: top,
        exclude: ['**/node_modules/**'],
      }).sort()
if (files.length === 0) throw new Error('no test was found')
const words = [
  '--test',
  `--test-concurrency=${concurrency}`,
  '--test-timeout=600000',
  '--test-reporter=spec',
  ...files,
]
const run = spawn(process.execPath, words, {
  cwd: top,
  stdio: ['ignore', 'pipe', 'inherit'],
  // Each file is a process of its own, and all of them load much the same: what Node makes of it is kept.
  env: { NODE_COMPILE_CACHE: join(top, 'node_modules/.cache/compiled'), ...process.env },
})
const { output, code } = await finished(run)
const passed = Number(/^ℹ pass (\d+)$/m.exec(output)?.[1] ?? 0)
const failed = Number(/^ℹ fail (\d+)$/m.exec(output)?.[1] ?? 0)
const skipped = Number(/^ℹ skipped (\d+)$/m.exec(output)?.[1] ?? 0)
if (passed === 0) console.error('error: no test ran')
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = code !== 0 || passed === 0 ? 1 : 0

async function finished(child: ChildProcess): Promise<{ output: string; code: number }> {
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text)
    // The counts stand at the end.
    output = (output + text).slice(-100_000)
  })
  const code = await new Promise<number>(resolve => child.on('close', status => resolve(status ?? 1)))
  return { output, code }
}
