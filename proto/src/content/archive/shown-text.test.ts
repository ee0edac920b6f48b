import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Bytes, equalBytes, utf8 } from '../../bytes.ts'
import { meaningsOf, nameText, pathText } from './shown-text.ts'

const volume = utf8('/')
const isIn = (name: Bytes, typed: string) =>
  meaningsOf([volume, utf8(typed)]).some(path => equalBytes(path[1] as Bytes, name))

test('names that nobody can type are shown on one line, and found by what is shown', () => {
  for (const [name, shown] of [
    [Uint8Array.of(0x64, 0xff), 'd\\xff'],
    [utf8('a\nb'), 'a\\x0ab'],
    [utf8('\u009b31m'), '\\x9b31m'],
    [utf8('gpj\u202eexe'), 'gpj\\u202eexe'],
    [utf8('straße'), 'straße'],
  ] as const) {
    assert.equal(nameText(name), shown)
    assert.ok(isIn(name, shown), shown)
  }
  assert.equal(pathText([volume, utf8('home'), Uint8Array.of(0xfe)]), '/home/\\xfe')
})

test('who typed a backslash may mean it', () => {
  const [first, ...others] = meaningsOf([volume, utf8('a\\x0ab')])
  assert.deepEqual(first, [volume, utf8('a\\x0ab')])
  assert.ok(others.length > 0)
  assert.equal(meaningsOf([volume, utf8('plain\\name')]).length, 1)
})

test('every name is found by what is shown of it', () => {
  const name = fc.uint8Array({ minLength: 1, maxLength: 40 }).map(bytes => new Uint8Array(bytes))
  fc.assert(fc.property(name, bytes => isIn(bytes, nameText(bytes))))
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map(utf8)
  fc.assert(fc.property(text, bytes => isIn(bytes, nameText(bytes))))
})
