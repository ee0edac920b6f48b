// The packages as people meet them: installed, upgraded, cut off and taken away on systems of their own.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { baseRoot } from './install/machine/base-root.ts'
import { missing } from './install/story.ts'
import { needPinnedNode } from './needs.ts'

const top = join(import.meta.dirname, '..')

needPinnedNode()
// Once, and not by two stories side by side.
if (missing(['debootstrap']) === undefined) baseRoot()
const chosen = process.argv.slice(2)
const stories = chosen.length > 0 ? chosen : globSync('scripts/install/stories/*.ts', { cwd: top }).sort()
// The same runner, which fails when nothing was run.
const words = [join(top, 'scripts/test.ts'), ...stories]
process.exitCode = spawnSync(process.execPath, words, { cwd: top, stdio: 'inherit' }).status ?? 1
