import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isIncomplete, type Restored, restoredText } from './restored-text.ts'

const found: Restored = {
  ...{ sequence: 7, folder: '/home/ada/papers', written: 3, leftOut: 2, bytes: 2048, there: 4 },
  ...{ notes: { renamed: 1, taken: 1, refused: 1 }, damaged: 0, lostParts: 0, named: [] },
  aside: [
    { path: 'papers/thesis', code: 'renamed', as: 'thesis (restored)' },
    { path: 'papers/notes', code: 'taken' },
    { path: 'papers/mail.pst', code: 'refused', why: 'EBUSY' },
  ],
}

test('each name that did not come back under its own is said, with what became of it', () => {
  assert.deepEqual(restoredText(found).split('\n').slice(4), [
    '  there already, the same: 4',
    '  beside what is there: papers/thesis as "thesis (restored)"',
    '  left as it is: papers/notes',
    '  refused by its system: papers/mail.pst (EBUSY)',
  ])
})

test('what was refused leaves a restore incomplete; what was left on purpose does not', () => {
  assert.ok(isIncomplete(found))
  assert.ok(!isIncomplete({ ...found, notes: { renamed: 1, taken: 1 } }))
})
