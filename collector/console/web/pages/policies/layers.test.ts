import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupItem } from '@backstay/proto/rest/policies'
import type { PolicyLayer } from '@backstay/proto/rest/settings'
import { chainOf, rowsOf, treeOf } from './layers.ts'

const group = (id: string, parent?: string, retired = false): GroupItem => ({
  ...{ id, name: id, retired, devices: 0, devicesBelow: 0 },
  ...(parent !== undefined && { parent }),
})
const setting = (key: string, text: string, locked = false) => ({ key, kind: key, text, value: text, locked })
const layer = (audience: string, ...settings: PolicyLayer['settings']): PolicyLayer => ({
  ...{ audience, layer: audience === '' ? 'fleet' : 'group', name: audience, sequence: 1, trustVersion: 1 },
  ...{ issuedAtMs: 1, settings, newer: false },
})

test('an inner layer wins, unless an outer one locked the setting', () => {
  const groups = [group('a'), group('b', 'a')]
  const layers = [
    layer('', setting('retention', 'a year', true), setting('pause', 'no')),
    layer('b', setting('retention', 'a day'), setting('pause', '1h')),
  ]
  const rows = rowsOf('b', groups, layers)
  assert.deepEqual(
    rows.map(({ key, shown, source, isHeld }) => [key, shown.text, source.name, isHeld]),
    [
      ['pause', '1h', 'b', false],
      ['retention', 'a year', 'Fleet', true],
    ],
  )
  assert.equal(rows[1]?.own?.text, 'a day')
})

test('groups stand below their parents; a ring or a lost parent loses nobody but itself', () => {
  const groups = [group('b', 'a'), group('a'), group('gone', undefined, true), group('lost', 'nowhere')]
  assert.deepEqual(
    treeOf(groups).map(({ group, depth }) => `${' '.repeat(depth)}${group.id}`),
    ['a', ' b', 'lost'],
  )
  const ring = [group('x', 'y'), group('y', 'x')]
  assert.ok(chainOf('x', ring).length <= 3)
  assert.deepEqual(treeOf(ring), [])
})
