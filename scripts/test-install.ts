// The packages as people meet them: installed, upgraded, cut off and taken away on systems of their own.
//   npm run test:install [-- --keep STORY …]        --keep: the packages of the last run
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { baseRoot } from './install/machine/base-root.ts'
import { arm64, first, type Release, releaseKeyFile, second } from './install/packages.ts'
import { missing } from './install/story.ts'
import { needPinnedNode } from './needs.ts'
import { makeReleaseKey } from './release/sums.ts'

const top = join(import.meta.dirname, '..')

needPinnedNode()
const { values, positionals } = parseArgs({ options: { keep: { type: 'boolean' } }, allowPositionals: true })
if (!values.keep || !existsSync(second.packages)) makePackages()
makeBase()
const stories = positionals.length > 0 ? positionals : globSync('scripts/install/stories/*.ts', { cwd: top })
// The same runner, which fails when nothing was run.
run('scripts/test.ts', ...stories.sort())

/** Once, and not by two stories side by side. Where it cannot be made, each story says so. */
function makeBase(): void {
  try {
    baseRoot()
  } catch (error) {
    console.error(`no base system: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** For a release they would be smaller, and take minutes. */
function makePackages(): void {
  if (!existsSync(releaseKeyFile)) {
    mkdirSync(dirname(releaseKeyFile), { recursive: true })
    makeReleaseKey(releaseKeyFile)
  }
  for (const release of [first, second])
    make(release, 'linux-x64', ['backstay-agent', 'backstay-collector', 'backstay'])
  if (missing(['aarch64-linux-gnu-strip']) === undefined) make(arm64, 'linux-arm64', ['backstay-agent'])
}

function make({ version, built }: Release, target: string, programs: readonly string[]): void {
  const names = programs.join(',')
  run(
    'scripts/release/build.ts',
    '--targets',
    target,
    '--programs',
    names,
    '--version',
    version,
    '--to',
    built,
    '--key',
    releaseKeyFile,
  )
  const what = ['--targets', target, '--products', names, '--formats', 'deb,rpm']
  run('scripts/package/package.ts', ...what, '--from', built, '--fast', '--key', releaseKeyFile)
}

function run(script: string, ...words: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [join(top, script), ...words], {
    cwd: top,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
