import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isIncomplete, type Restored, readRestored } from './restored.ts'
import { restoredText } from './restored-text.ts'

const found: Restored = {
  ...{ sequence: 7, folder: '/home/ada/papers', written: 3, leftOut: 2, bytes: 2048, there: 4 },
  ...{ notes: { renamed: 1, taken: 1, refused: 1 }, damaged: 0, lostParts: 0, named: [] },
  flaws: [{ path: 'papers/tool', code: 'set_id' }],
  back: ['papers', 'papers/deep'],
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
    '  not as it was: papers/tool (set_id)',
    '  back: papers',
    '  back: papers/deep',
  ])
})

test('what was refused leaves a restore incomplete; what was left on purpose does not', () => {
  assert.ok(isIncomplete(found))
  assert.ok(!isIncomplete({ ...found, notes: { renamed: 1, taken: 1 } }))
})

test('what a device says of a restore is read as it wrote it, and nothing else is taken', () => {
  assert.deepEqual(readRestored(JSON.parse(JSON.stringify(found))), found)
  assert.equal(readRestored({ sequence: 7, folder: '/home/ada/papers' }), undefined, 'it failed on its way')
  for (const damage of [
    { written: -1 },
    { named: 'all' },
    { named: [{ path: 1, code: 'x' }] },
    { notes: { refused: '1' } },
    { aside: [{ path: 'x', code: 'overwritten' }] },
    { flaws: [{ code: 'unread' }] },
    { back: [7] },
  ])
    assert.throws(() => readRestored({ ...found, ...damage }), { code: 'bad_report' }, JSON.stringify(damage))
  const { flaws, back, ...before } = found
  assert.deepEqual(
    readRestored(before),
    { ...before, flaws: [], back: [] },
    `${flaws.length + back.length} less`,
  )
  assert.throws(() => readRestored([found]), { code: 'bad_report' })
})
