import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bytes, concat, fromHex, viewOf } from '@backstay/proto/bytes'
import type { Guarded } from './system.ts'
import { machinesOwn } from './windows-descriptor.ts'
import { isGuarded } from './windows-guard.ts'

const bytes = (text: string): Bytes => fromHex(text) ?? new Uint8Array()
const sid = {
  system: bytes('010100000000000512000000'),
  administrators: bytes('01020000000000052000000020020000'),
  installer: bytes('010600000000000550000000b589fb381984c2cb5c6c236d5700776ec0026487'),
  users: bytes('01020000000000052000000021020000'),
  authenticated: bytes('01010000000000050b000000'),
  ada: bytes('010500000000000515000000010000000200000003000000e9030000'),
} as const

interface Rule {
  readonly whose: Bytes
  readonly rights: number
  readonly kind?: number
  readonly flags?: number
}

/** As Windows lays it out; `rules` undefined: a list is said to be there, and is not. */
function descriptor(owner: Bytes, rules: readonly Rule[] | undefined): Bytes {
  const entries = (rules ?? []).map(({ whose, rights, kind = 0, flags = 0 }) => {
    const head = new Uint8Array(8)
    const view = viewOf(head)
    view.setUint8(0, kind)
    view.setUint8(1, flags)
    view.setUint16(2, 8 + whose.length, true)
    view.setUint32(4, rights, true)
    return concat(head, whose)
  })
  const list = concat(new Uint8Array(8), ...entries)
  viewOf(list).setUint8(0, 2)
  viewOf(list).setUint16(2, list.length, true)
  viewOf(list).setUint16(4, entries.length, true)
  const head = new Uint8Array(20)
  const view = viewOf(head)
  view.setUint8(0, 1)
  view.setUint16(2, 0x8004, true)
  view.setUint32(4, 20, true)
  view.setUint32(16, rules === undefined ? 0 : 20 + owner.length, true)
  return concat(head, owner, ...(rules === undefined ? [] : [list]))
}

const all = 0x1f_01ff
const readAndRun = 0x12_00a9
const modify = 0x13_01bf
const closed: readonly Rule[] = [
  { whose: sid.system, rights: all },
  { whose: sid.administrators, rights: all },
]
const every: readonly Guarded[] = ['program', 'folder', 'above']
const judged = (owner: Bytes, rules: readonly Rule[] | undefined): readonly Guarded[] =>
  every.filter(as => isGuarded(descriptor(owner, rules), as))

test('what is the system’s and administrators’ alone is guarded; others may read and run it', () => {
  assert.ok(isGuarded(machinesOwn(), 'folder'))
  for (const owner of [sid.system, sid.administrators, sid.installer])
    assert.deepEqual(judged(owner, [...closed, { whose: sid.users, rights: readAndRun }]), every)
})

test('the root of a drive and ProgramData, as Windows makes them, are guarded above, and hold no programs of ours', () => {
  const drive = [
    ...closed,
    { whose: sid.users, rights: readAndRun, flags: 3 },
    { whose: sid.authenticated, rights: modify, flags: 0xb },
    { whose: sid.authenticated, rights: 0x4 },
  ]
  assert.deepEqual(judged(sid.installer, drive), ['above'])
  const programData = [
    ...closed,
    { whose: sid.users, rights: readAndRun },
    { whose: sid.users, rights: 0x116, flags: 2 },
  ]
  assert.deepEqual(judged(sid.system, programData), ['above'])
})

test('a right by which somebody else could put another file there is found, each of them', () => {
  const rights = [0x1_0000, 0x4_0000, 0x8_0000, 0x1000_0000, 0x4000_0000, all, modify]
  for (const right of rights)
    assert.deepEqual(
      judged(sid.system, [...closed, { whose: sid.ada, rights: right }]),
      [],
      right.toString(16),
    )
  for (const right of [0x2, 0x4, 0x10, 0x100])
    assert.deepEqual(judged(sid.system, [{ whose: sid.ada, rights: right }]), ['above'], right.toString(16))
  assert.deepEqual(judged(sid.system, [{ whose: sid.ada, rights: 0x40 }]), ['program'])
})

test('an owner can give himself every right: another’s file is not guarded whatever its list says', () => {
  assert.deepEqual(judged(sid.ada, closed), [])
  assert.deepEqual(judged(sid.users, closed), [])
})

test('no list, an entry that nobody understands, and one that is cut off guard nothing; denials take nothing away', () => {
  assert.deepEqual(judged(sid.system, undefined), [])
  assert.deepEqual(judged(sid.system, [...closed, { whose: sid.ada, rights: readAndRun, kind: 5 }]), [])
  assert.deepEqual(judged(sid.system, [{ whose: sid.ada, rights: all, kind: 1 }, ...closed]), every)
  const whole = descriptor(sid.system, closed)
  for (let length = 0; length < whole.length; length++)
    for (const as of every) assert.ok(!isGuarded(whole.slice(0, length), as), String(length))
  const counted = whole.slice()
  viewOf(counted).setUint16(20 + sid.system.length + 4, 3, true)
  for (const as of every) assert.ok(!isGuarded(counted, as))
})
