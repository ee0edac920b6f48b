import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { parcelCommands } from './parcel-commands.ts'

const path = (...names: readonly string[]) => names.map(utf8)

test('a basket is one command for each moment, quoted for a shell', () => {
  const wishes = [
    { sequence: 12, path: path('/', 'home', 'ada', 'my papers') },
    { sequence: 9, path: path('C:', 'a') },
    { sequence: 12, path: path('/', 'home', "o'brien; rm -rf") },
  ]
  assert.deepEqual(parcelCommands('ab12', wishes, undefined), [
    `backstay parcel ab12 '/home/ada/my papers' '/home/o'\\''brien; rm -rf' --at "#12" --to DEVICE`,
    `backstay parcel ab12 'C:\\a' --at "#9" --to DEVICE`,
  ])
  const named = parcelCommands('ab12', wishes.slice(1, 2), 'cd34')
  assert.deepEqual(named, [`backstay parcel ab12 'C:\\a' --at "#9" --to cd34`])
})

test('a name that nobody can type is named as lists show it', () => {
  const wishes = [{ sequence: 1, path: [utf8('/'), Uint8Array.of(0x61, 0xff)] }]
  assert.deepEqual(parcelCommands('ab12', wishes, 'cd'), [`backstay parcel ab12 '/a\\xff' --at "#1" --to cd`])
})
