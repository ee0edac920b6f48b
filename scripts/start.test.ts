import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'backstay-start-'))
test.after(() => rmSync(folder, { recursive: true }))
const at = (...names: string[]) => join(folder, ...names)

function start(...words: string[]) {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'start.ts'), ...words], { encoding: 'utf8' })
}

/** One sentence, the next step, no stack trace. */
function requireRefusal(words: readonly string[], names: RegExp, code: number): void {
  const { status, stderr } = start(...words)
  assert.match(stderr, names)
  assert.match(stderr, /^error: [^\n]+\nhint: [^\n]+\n$/)
  assert.equal(status, code)
}

test('the demo takes no folder away that it did not make', () => {
  // Any folder with a "laptop" in it was taken for an earlier demo, and removed.
  mkdirSync(at('machines', 'laptop'), { recursive: true })
  writeFileSync(at('machines', 'laptop', 'kept'), 'kept')
  writeFileSync(at('machines', 'passphrase'), 'of somebody else')
  requireRefusal(['--exit', '--dir', at('machines')], /machines" is there and is no earlier demo/, 1)
  assert.equal(readFileSync(at('machines', 'laptop', 'kept'), 'utf8'), 'kept')
})

test('what the demo cannot do is said in a sentence', () => {
  writeFileSync(at('file'), 'x')
  requireRefusal(['--exit', '--dir', at('file')], /file" is there and is no earlier demo/, 1)
  requireRefusal(['--exit', '--dir', at('file', 'below')], /below" /, 1)
  requireRefusal(['--fast'], /--fast/, 2)
  requireRefusal(['--dir'], /--dir/, 2)
  requireRefusal(['elsewhere'], /elsewhere/, 2)
  if (process.platform === 'linux')
    requireRefusal(['--exit', '--dir', '/proc/demo'], /\/proc\/demo" cannot/, 1)
})

test('--help says what there is', () => {
  const { status, stdout } = start('--help')
  assert.match(stdout, /--exit.*--dir/)
  assert.equal(status, 0)
})
