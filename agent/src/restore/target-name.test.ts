import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import { fromUtf8, utf8 } from '@backstay/proto/bytes'
import { nameBytesMax } from '../system/system.ts'
import { claim, nameTrouble, suffixed } from './target-name.ts'

const { EEXIST, EACCES } = constants.errno

test('a name is a single component and nothing else', () => {
  for (const name of ['', '.', '..', 'a/b', '/', 'a\0b', '\0', 'x'.repeat(nameBytesMax + 1), '../x', 'a/']) {
    assert.notEqual(nameTrouble(utf8(name)), undefined, JSON.stringify(name))
  }
  const fine = ['...', '.a', '..a', 'a\\..\\b', 'C:x', 'CON', 'a:stream', ' ', '\n', '-rf', 'x'.repeat(255)]
  for (const name of fine) assert.equal(nameTrouble(utf8(name)), undefined, JSON.stringify(name))
  assert.equal(nameTrouble(new Uint8Array([0xff, 0x80])), undefined)
})

test('copies are numbered from the second on', () => {
  assert.equal(fromUtf8(suffixed(utf8('a.txt'), 1)), 'a.txt (restored)')
  assert.equal(fromUtf8(suffixed(utf8('a.txt'), 2)), 'a.txt (restored 2)')
})

test('a long name is cut in front of the suffix, never inside a character', () => {
  const long = suffixed(utf8('n'.repeat(255)), 1)
  assert.equal(long.length, 255)
  assert(fromUtf8(long).endsWith('n (restored)'))
  for (let shift = 0; shift < 4; shift++) {
    const name = utf8(`${'x'.repeat(shift)}${'\u{1f642}'.repeat(62)}`)
    const text = fromUtf8(suffixed(name, 12))
    assert(text.endsWith(' (restored 12)'))
    assert(utf8(text).length <= 255)
  }
  assert.equal(suffixed(new Uint8Array(255).fill(0x80), 1).length, 255 - 3)
})

test('claiming goes on until a name is free, stops at another error, and does not try when told to refuse', () => {
  const taken = new Set(['a', 'a (restored)', 'a (restored 2)'])
  const tried: string[] = []
  const make = (name: Uint8Array): number => {
    tried.push(fromUtf8(name))
    return taken.has(fromUtf8(name)) ? -EEXIST : 7
  }
  assert.deepEqual(claim(utf8('a'), 'suffix', make), { name: utf8('a (restored 3)'), result: 7 })
  assert.equal(tried.length, 4)
  assert.equal(claim(utf8('a'), 'refuse', make).result, -EEXIST)
  assert.equal(claim(utf8('a'), 'suffix', () => -EACCES).result, -EACCES)
  assert.equal(claim(utf8('a'), 'suffix', () => -EEXIST).result, -EEXIST)
})

test('on a file system that knows no case, neither of two names is lost', () => {
  const there = new Set<string>()
  const make = (name: Uint8Array): number => {
    const folded = fromUtf8(name).normalize('NFC').toLowerCase()
    if (there.has(folded)) return -EEXIST
    there.add(folded)
    return 0
  }
  const names = ['FOO', 'foo', 'Foo', 'caf\u00e9', 'cafe\u0301'].map(name =>
    claim(utf8(name), 'suffix', make),
  )
  assert.deepEqual(
    names.map(claimed => fromUtf8(claimed.name)),
    ['FOO', 'foo (restored)', 'Foo (restored 2)', 'caf\u00e9', 'cafe\u0301 (restored)'],
  )
})
