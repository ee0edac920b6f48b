import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const untracked = join(import.meta.dirname, 'untracked.cjs')

/** Nothing of what it waits for ever comes. */
const waiting = (deed: string) => `
  const { test } = require('node:test')
  test('waits', async () => {
    setInterval(() => undefined, 1000)
    ${deed}
    await new Promise(() => undefined)
  })`

for (const [kind, deed] of [
  ['an error that nobody catches', "setTimeout(() => { throw new Error('nobody caught this') })"],
  ['a rejection that nobody handles', "void Promise.reject(new Error('nobody caught this'))"],
] as const) {
  test(`${kind} ends its file at once, and is named`, () => {
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
    const words = ['--require', untracked, '--eval', waiting(deed)]
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', env })
    assert.equal(status, 1)
    assert.match(stderr, /nobody caught this/)
  })
}

test('a failed assertion fails its test alone', () => {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
  const text =
    "const { test } = require('node:test'); test('a', () => { throw new Error('no') }); test('b', () => {})"
  const words = ['--require', untracked, '--test-reporter', 'tap', '--eval', text]
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8', env })
  assert.equal(status, 1)
  assert.match(stdout, /^not ok 1 - a$/m)
  assert.match(stdout, /^ok 2 - b$/m)
})
