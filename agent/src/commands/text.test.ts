import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { agoText, bytesText, nameText, pathText, shownText, tableText } from './text.ts'

test('a name that turns the direction of writing around is not shown as another', () => {
  // U+202E makes a terminal show what follows from right to left: "invoice_gpj.exe" as "invoice_exe.jpg".
  equal(nameText(utf8('invoice_\u202egpj.exe')), 'invoice_\\u202egpj.exe')
  const marks = [
    0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
  ]
  for (const mark of [...marks, 0x2028, 0x2029]) {
    const shown = `a\\u${mark.toString(16).padStart(4, '0')}b`
    equal(nameText(utf8(`a${String.fromCharCode(mark)}b`)), shown)
    equal(shownText(`a${String.fromCharCode(mark)}b`), shown)
    equal(pathText([utf8('/'), utf8(`a${String.fromCharCode(mark)}b`)]), `/${shown}`)
  }
})

test('control characters reach no terminal, and bytes that are not UTF-8 are told apart', () => {
  equal(nameText(utf8('a\nb\x1b[2J\x7f\u009b')), 'a\\x0ab\\x1b[2J\\x7f\\x9b')
  equal(nameText(Uint8Array.of(0x61, 0xff, 0x1b)), 'a\\xff\\x1b')
})

test('names in all writings are shown as they are', () => {
  for (const name of ['Grüße.txt', 'שלום', 'العربية', '日本語', 'é', '👩‍👩‍👧', 'a b', 'a\\x0a']) {
    equal(nameText(utf8(name)), name)
  }
})

test('columns are as wide as their widest cell in characters', () => {
  const rows = [
    ['👍👍👍', 'x'],
    ['b', ''],
  ]
  equal(tableText(['a', 'second'], rows), 'a    second\n👍👍👍  x\nb')
})

test('amounts and times are read at a glance', () => {
  deepEqual([0, 1023, 1024, 5_000_000].map(bytesText), ['0 B', '1023 B', '1.0 KiB', '4.8 MiB'])
  const minute = 60_000
  const ages = [0, 1, 119, 120, 2879, 2880].map(minutes => agoText(1, 1 + minutes * minute))
  deepEqual(ages, [
    'just now',
    '1 minute ago',
    '119 minutes ago',
    '2 hours ago',
    '47 hours ago',
    '2 days ago',
  ])
  equal(agoText(0, 5), 'never')
})
