import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bytes, fromHex, utf8 } from '@backstay/proto/bytes'
import { setUnits, wtf8 } from './wtf8.ts'

const unitsIn = (text: string) => Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))

function back(bytes: Bytes): string | undefined {
  const units = new Uint16Array(64)
  const count = setUnits(units, 0, bytes)
  return count < 0 ? undefined : String.fromCharCode(...units.subarray(0, count))
}

test('what is well-formed is UTF-8, and comes back', () => {
  for (const text of ['', 'a', 'Übung', '資料', '😀.txt', 'a\u{10ffff}b']) {
    assert.deepEqual(wtf8(unitsIn(text)), utf8(text))
    assert.equal(back(utf8(text)), text)
  }
})

test('surrogates that stand alone keep three bytes each and come back', () => {
  assert.deepEqual(wtf8(unitsIn('a\ud83db')), fromHex('61eda0bd62'))
  for (const text of ['\ud800', '\udfff', 'x\ude00', '\ude00\ud83d', 'a\ud83d', '\ud83d\ud83d\ude00'])
    assert.equal(back(wtf8(unitsIn(text))), text)
})

test('random units come back', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  let state = seed
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
    return state >> 8
  }
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: next() % 12 }, () =>
      String.fromCharCode(next() % 3 === 0 ? 0xd800 + (next() % 0x800) : 1 + (next() % 0xfffe)),
    ).join('')
    assert.equal(back(wtf8(unitsIn(text))), text, `SEED=${seed}`)
  }
})

test('bytes that no name of Windows has are refused: a device of another system may have them', () => {
  for (const bad of [
    'ff',
    'c3',
    '80',
    'c080',
    'e08080',
    'f0808080',
    'f5808080',
    'f4908080',
    'eda0bdedb880',
    '61e2',
  ])
    assert.equal(back(fromHex(bad) as Bytes), undefined, bad)
})

test('what does not fit is refused', () => {
  assert(setUnits(new Uint16Array(2), 0, utf8('abc')) < 0)
  assert(setUnits(new Uint16Array(2), 1, utf8('😀')) < 0)
})
