import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { noPolicy, type PolicyValues } from '@backstay/proto/policy/effective'
import type { BackupSet } from '@backstay/proto/policy/settings'
import { pathCalls } from '../system/path-calls.ts'
import { passwdHomes } from './machine.ts'
import { policyRoots } from './roots.ts'

const set: BackupSet = { name: 's', roots: [], excludes: [], presets: [], shareSegments: true }
const valuesOf = (changes: Partial<BackupSet>, excludes: readonly string[] = []): PolicyValues => ({
  ...noPolicy.values,
  backupSets: [{ ...set, ...changes }],
  excludes,
})
const linux = { system: 'linux', homes: ['/nowhere/ada', '/nowhere/bob'] } as const
const allThere = { ...pathCalls, exists: () => true }
const text = (roots: readonly { readonly path: Uint8Array }[]) =>
  roots.map(one => Buffer.from(one.path).toString())

test('homes, variables and presets become the folders of this system and its people', () => {
  const options = { machine: linux, paths: allThere }
  const roots = [
    utf8('~'),
    utf8('~/thesis'),
    utf8(braced('DATA', '/x')),
    utf8('%APPDATA%\\Mozilla'),
    utf8('C:\\Users'),
    utf8('/srv'),
  ]
  assert.deepEqual(text(policyRoots(valuesOf({ roots }), options)), [
    ...['/nowhere/ada', '/nowhere/bob', '/nowhere/ada/thesis', '/nowhere/bob/thesis'],
    ...['/nowhere/ada/.local/share/x', '/nowhere/bob/.local/share/x', '/srv'],
  ])
  const windows = { machine: { system: 'windows', homes: ['C:/Users/ada'] } as const, paths: allThere }
  assert.deepEqual(text(policyRoots(valuesOf({ roots }), windows)), [
    ...['C:/Users/ada', 'C:/Users/ada/thesis', 'C:/Users/ada/AppData/Local/x'],
    ...['C:/Users/ada/AppData/Roaming/Mozilla', 'C:\\Users'],
  ])
  const preset = policyRoots(valuesOf({ presets: ['user-folders'], excludes: ['*.iso'] }, ['*.tmp']), options)
  assert.deepEqual(text(preset), linux.homes)
  assert.deepEqual(preset[0]?.excludes.slice(0, 3), ['*.iso', '*.tmp', '.cache/'])
})

test('what a filled-in name leads to is left out where it never was, and reported where it was lately', () => {
  const machine = linux
  const none = { machine, paths: { ...pathCalls, exists: () => false } }
  assert.deepEqual(policyRoots(valuesOf({ roots: [utf8('~/Music')] }), none), [])
  const remembered = new Set(['/nowhere/bob/Music'])
  assert.deepEqual(text(policyRoots(valuesOf({ roots: [utf8('~/Music')] }), { ...none, remembered })), [
    '/nowhere/bob/Music',
  ])
  // A root that is named outright is always reported.
  assert.deepEqual(text(policyRoots(valuesOf({ roots: [utf8('/srv/gone')] }), none)), ['/srv/gone'])
})

test('people and root have homes, services have none', () => {
  const passwd = [
    'root:x:0:0:root:/root:/bin/bash',
    'daemon:x:1:1::/usr/sbin:/usr/sbin/nologin',
    'ada:x:1000:1000::/home/ada/:/bin/zsh',
    'nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin',
    'odd:x:1001:1001::relative:/bin/sh',
    '',
  ].join('\n')
  assert.deepEqual(
    [...passwdHomes(passwd)],
    [
      ['/root', [0]],
      ['/home/ada', [1000]],
    ],
  )
})

/** As a shell would write it; a plain string would look like a template that somebody forgot. */
function braced(name: string, rest = ''): string {
  return `${'$'}{${name}}${rest}`
}
