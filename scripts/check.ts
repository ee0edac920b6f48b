// Types, lint and format, generated code, layering: all that can be checked without running the product.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { generateAll } from './generate-proto.ts'
import { needPinnedNode } from './needs.ts'

const top = join(import.meta.dirname, '..')
needPinnedNode()
const wrong = [
  step('types', 'tsc', ['--noEmit']),
  step('lint and format', 'biome', ['check', '.']),
  await generated(),
  step('layering', 'node', ['--test', 'scripts/layering.test.ts']),
].filter(name => name !== undefined)
if (wrong.length > 0) console.error(`\nnot right: ${wrong.join(', ')}`)
else console.log('\nall checks passed')
process.exitCode = wrong.length > 0 ? 1 : 0

function step(name: string, program: string, words: readonly string[]): string | undefined {
  console.log(`— ${name}`)
  const { status } = spawnSync(join(top, 'node_modules/.bin', program), words, { cwd: top, stdio: 'inherit' })
  return status === 0 ? undefined : name
}

async function generated(): Promise<string | undefined> {
  console.log('— generated code')
  const stale = await generateAll(true)
  for (const file of stale) console.error(`not current: ${file} (run: npm run proto)`)
  return stale.length === 0 ? undefined : 'generated code'
}
