// The packages as people meet them: installed, upgraded, cut off and taken away on systems of their own.
//   npm run test:install [-- --keep STORY …]        --keep: the packages of the last run
import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { baseRoot } from './install/machine/base-root.ts'
import { first, second } from './install/packages.ts'
import { missing } from './install/story.ts'
import { needPinnedNode } from './needs.ts'

const top = join(import.meta.dirname, '..')

needPinnedNode()
const { values, positionals } = parseArgs({ options: { keep: { type: 'boolean' } }, allowPositionals: true })
if (!values.keep || !existsSync(second.packages)) makePackages()
// Once, and not by two stories side by side.
if (missing(['debootstrap']) === undefined) baseRoot()
const stories = positionals.length > 0 ? positionals : globSync('scripts/install/stories/*.ts', { cwd: top })
// The same runner, which fails when nothing was run.
run('scripts/test.ts', ...stories.sort())

/** For a release they would be smaller, and take minutes. */
function makePackages(): void {
  for (const { version, built } of [first, second]) {
    run('scripts/release/build.ts', '--targets', 'linux-x64', '--version', version, '--to', built)
    run('scripts/package/package.ts', '--targets', 'linux-x64', '--from', built, '--fast')
  }
}

function run(script: string, ...words: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [join(top, script), ...words], {
    cwd: top,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
