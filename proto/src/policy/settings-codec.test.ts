// What makes no sense is refused before anyone signs it, and again on the device.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import { fleetId } from '../object/id.ts'
import { rootFault } from './places.ts'
import { decodePolicy, encodePolicy } from './policy.ts'
import type { Setting } from './settings.ts'

const order = {
  fleet: fleetId(new Uint8Array(32)),
  id: new Uint8Array(16),
  trustVersion: 1,
  issuedAtMs: 1,
  expiresAtMs: 0,
  sequence: 1,
  audience: [],
}
const set = { name: 'home', roots: [utf8('/home')], excludes: [], shareSegments: true, presets: [] }
const roundTrip = (...settings: Setting[]) =>
  decodePolicy(encodePolicy({ order, name: 'x', settings: settings.map(one => ({ ...one, locked: false })) }))

test('settings that make no sense are refused', () => {
  const bad: readonly [string, Setting][] = [
    ['a set without a name', { kind: 'backupSet', value: { ...set, name: '' } }],
    ['an unknown preset', { kind: 'backupSet', value: { ...set, presets: ['toString'] } }],
    ['a relative root', { kind: 'backupSet', value: { ...set, roots: [utf8('home')] } }],
    ['an unknown variable', { kind: 'backupSet', value: { ...set, roots: [utf8('%EVIL%\\x')] } }],
    ['a root that climbs', { kind: 'backupSet', value: { ...set, roots: [utf8('~/../root')] } }],
    ['an empty exclude', { kind: 'excludes', value: [' '] }],
    ['a window without a day', windowed({ days: [], fromMinute: 1, toMinute: 2 })],
    ['a window without length', windowed({ days: [1], fromMinute: 5, toMinute: 5 })],
    ['a window of 25 hours', windowed({ days: [1], fromMinute: 0, toMinute: 1500 })],
    ['no window at all', { kind: 'schedule', value: { kind: 'windows', windows: [], catchUp: true } }],
    ['every second', { kind: 'schedule', value: { kind: 'every', everyMs: 1000 } }],
    [
      'a ceiling below the quiet time',
      { kind: 'schedule', value: { kind: 'continuous', quietMs: 900, ceilingMs: 500 } },
    ],
    ['a rate of nothing', { kind: 'rates', value: [{ bytesPerSecond: 0, window: undefined }] }],
    ['101 percent', { kind: 'battery', value: 101 }],
    ['a hook that is a path', { kind: 'hooks', value: { before: '../x', after: '' } }],
    ['a hook that is a command', { kind: 'hooks', value: { before: '', after: 'x; rm' } }],
    ['a pause of a month', { kind: 'pause', value: 43_200 }],
    ['at risk after unprotected', { kind: 'objective', value: { atRiskHours: 9, unprotectedHours: 8 } }],
    ['never to reconcile', { kind: 'reconcile', value: 0 }],
    ['a version of two numbers', { kind: 'version', value: '1.4' }],
    ['a version that is a path', { kind: 'version', value: '../1.4.0' }],
    [
      'too many days',
      {
        kind: 'retention',
        value: { keepWithinDays: 36_526, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 },
      },
    ],
  ]
  for (const [name, setting] of bad) {
    assert.throws(
      () => roundTrip(setting),
      error => isFailure(error, 'bad_policy'),
      name,
    )
  }
  assert.throws(() => roundTrip({ kind: 'battery', value: 1 }, { kind: 'battery', value: 2 }), /twice/)
  const audience = [1, 2].map(n => new Uint8Array(16).fill(n))
  assert.throws(
    () => decodePolicy(encodePolicy({ order: { ...order, audience }, name: '', settings: [] })),
    /more than one/,
  )
})

function windowed(window: { days: number[]; fromMinute: number; toMinute: number }): Setting {
  return { kind: 'schedule', value: { kind: 'windows', windows: [window], catchUp: false } }
}

test('roots are absolute, or begin at a home or with a variable that exists', () => {
  for (const good of [
    '/',
    '/home',
    'C:\\Users',
    '~',
    '~/x y',
    braced('HOME'),
    braced('DATA', '/x'),
    '%APPDATA%\\Mozilla',
    '/a/..b',
  ]) {
    assert.equal(rootFault(utf8(good)), undefined, good)
  }
  assert.equal(rootFault(Uint8Array.of(0x2f, 0xff)), undefined)
  for (const bad of [
    '',
    '~ada',
    '$HOME',
    braced('home'),
    '%%',
    '~/a/./b',
    '/a\0',
    braced('HOME', 'x'),
    '~/..',
  ]) {
    assert.notEqual(rootFault(utf8(bad)), undefined, bad)
  }
})

/** As a shell would write it; a plain string would look like a template that somebody forgot. */
function braced(name: string, rest = ''): string {
  return `${'$'}{${name}}${rest}`
}
