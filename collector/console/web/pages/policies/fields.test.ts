import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readValue, writeValue } from '../../../policy/setting-values.ts'
import { filledFrom, plainFrom } from './fields.ts'

const samples: readonly (readonly [key: string, value: unknown])[] = [
  ['sets.home', { roots: ['~', '/srv'], excludes: ['*.tmp'], share: false }],
  ['sets.docs', { presets: ['user-folders'], roots: [] }],
  ['excludes', ['node_modules/', 'build/']],
  ['retention', { within: '30d', daily: 90, weekly: 52 }],
  ['retention', 'forever'],
  ['schedule', 'continuous'],
  ['schedule', 'every 4h'],
  ['schedule', { windows: ['Mon-Fri 20:00-06:00'], 'catch-up': true }],
  ['rates', ['500 KiB/s Mon-Fri 08:00-18:00']],
  ['battery', 20],
  ['metered', false],
  ['restore', true],
  ['hooks', { before: 'dump' }],
  ['pause', '4h'],
  ['pause', false],
  ['objective', { 'at-risk': '24h', unprotected: '72h' }],
  ['reconcile', '6h'],
  ['version', '1.4.0'],
  ['version', false],
]

test('what is filled into the fields and taken out again is the same setting', () => {
  for (const [key, plain] of samples) {
    const setting = readValue(key, plain)
    const again = plainFrom(key, filledFrom(key, writeValue(setting)))
    assert.deepEqual(readValue(key, again), setting, `${key}: ${JSON.stringify(again)}`)
  }
})

test('empty fields are said to be wrong by the rule, never sent as something else', () => {
  assert.equal(plainFrom('battery', { '': '' }), undefined)
  assert.throws(() => readValue('battery', plainFrom('battery', { '': '' })), /whole number/)
  assert.throws(() => readValue('schedule', plainFrom('schedule', { '': 'tomorrow' })), /window/i)
})
