import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filtersOf, isNarrowed, savedViews, saveViews, usualViews } from './views.ts'

test('who is retired is shown only when asked for', () => {
  assert.doesNotMatch(filtersOf(new URLSearchParams(), usualViews).state ?? '', /retired/)
  assert.equal(filtersOf(new URLSearchParams('view=retired'), usualViews).state, 'retired')
})

test('a filter in the address goes above that of the view', () => {
  const address = new URLSearchParams('view=attention&state=paused&q=anna')
  assert.deepEqual(filtersOf(address, usualViews), { state: 'paused', q: 'anna' })
  assert.ok(isNarrowed(address))
  assert.ok(!isNarrowed(new URLSearchParams('view=attention')))
})

test('saved views come back, and what is no view is left out', () => {
  let text = ''
  saveViews(
    {
      setItem: (_, value) => {
        text = value
      },
    },
    [{ id: 'v1', name: '<b>mine', query: 'os=linux' }],
  )
  assert.deepEqual(savedViews({ getItem: () => text }), [{ id: 'v1', name: '<b>mine', query: 'os=linux' }])
  for (const damage of ['', '{', '{}', '[1, null, {"id": 3}]', 'null']) {
    assert.deepEqual(savedViews({ getItem: () => damage }), [])
  }
})
