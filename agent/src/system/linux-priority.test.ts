import assert from 'node:assert/strict'
import { constants, getPriority } from 'node:os'
import { test } from 'node:test'
import { callNumber } from './linux-numbers.ts'
import { giveWay } from './linux-priority.ts'

test('the process gives way in processor time and at the disk', {
  skip: process.platform !== 'linux',
}, () => {
  const asked: unknown[] = []
  // Who may not lower itself at the disk works as before.
  giveWay({ ioprio_set: (...words) => asked.push(words) && -1 })
  // IOPRIO_WHO_PROCESS, this process, best effort (2) at its last level (7).
  assert.deepEqual(asked, [[callNumber.ioprio_set, 1, 0, 2 * 8192 + 7]])
  assert.ok(getPriority() >= constants.priority.PRIORITY_BELOW_NORMAL)
})
