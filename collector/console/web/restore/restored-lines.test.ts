import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Restored } from '../../restored.ts'
import { restoredLines } from './restored-lines.ts'

const found: Restored = {
  ...{ sequence: 7, folder: '/home/ada/papers', written: 3, leftOut: 2, bytes: 2048 },
  ...{ notes: {}, damaged: 0, lostParts: 0, named: [] },
  ...{ flaws: [], back: [] },
}

test('a restore that brought all back has nothing to say', () => {
  assert.deepEqual(restoredLines(found), [])
})

test('each entry that did not come back is told once, with its reason', () => {
  const lines = restoredLines({
    ...found,
    ...{ notes: { refused: 2, renamed: 1, unread: 4 }, damaged: 3, lostParts: 1 },
    named: [{ path: 'papers/thesis', code: 'segment_missing' }],
    aside: [
      { path: 'papers/mail.pst', code: 'refused', why: 'EBUSY' },
      { path: 'papers/notes', code: 'renamed', as: 'notes (restored)' },
    ],
    flaws: [{ path: 'papers/mail', code: 'unread' }],
  })
  assert.deepEqual(
    lines.map(({ path, why }) => `${path}: ${why}`),
    [
      'papers/thesis: bytes of it are missing in the store',
      '2 more files: damaged in the store',
      '1 part of a folder: lost in the store',
      'papers/mail.pst: the system of the device refused it (EBUSY)',
      'papers/notes: beside what is there, as “notes (restored)”',
      'papers/mail: the backup could not read it',
      '1 entry: the system of the device refused it',
      '3 entries: the backup could not read it',
    ],
  )
})
