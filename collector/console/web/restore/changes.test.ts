import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SnapshotRow } from '../keys/vault-answers.ts'
import { pairsOf } from './pairs.ts'

const row = (sequence: number, complete = true): SnapshotRow => ({
  ...{ sequence, complete, receivedAtMs: sequence * 1000, entries: 1, bytes: 1, unread: 0, label: '' },
})

test('each complete snapshot is compared with the complete one before it, the newest first', () => {
  const rows = [row(5), row(4, false), row(3), row(2), row(1, false)]
  assert.deepEqual(pairsOf(rows), [
    { before: 3, after: 5 },
    { before: 2, after: 3 },
  ])
  assert.deepEqual(pairsOf(rows, 1), [{ before: 3, after: 5 }])
  for (const few of [[], [row(1)], [row(2, false), row(1)]]) assert.deepEqual(pairsOf(few), [])
})
