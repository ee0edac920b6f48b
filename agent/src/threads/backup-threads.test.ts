import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

test('threads that are ended in the middle of their work are waited for', () => {
  // A backup whose collector died ended with exit code 13 and said nothing: the last answer of a thread that was being
  // ended let go of the process.
  const script = join(import.meta.dirname, 'testing/end-at-once.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.equal(stdout, '40')
})
