// A kit is typed from paper at night: every mistake is found and named, and only the right fleet's kit is taken.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isFailure } from '../failure.ts'
import { nodePrimitives as p } from '../node.ts'
import type { FleetId } from '../object/id.ts'
import { testIdentity } from '../trust/testing/fleet.ts'
import { fingerprintOf, type Kit, kitCheckWords, kitGroups, kitLines, readKit } from './kit.ts'
import { randomPassphrase, sameWords, wordsFrom } from './words.ts'

const kit: Kit = {
  fleet: 'ab'.repeat(32) as FleetId,
  ownerSeed: new Uint8Array(32).fill(5),
  identity: testIdentity(0).identity,
}
const typed = kitLines(kit).map(line => line.text)
const code = (expected: string) => (error: unknown) => isFailure(error, expected)

describe('a recovery kit', () => {
  it('is read back as it was printed', () => {
    assert.deepEqual(readKit(typed.join('\n')), kit)
    assert.deepEqual(
      typed.map(line => line.length),
      [74, 78, 77],
    )
  })

  it('is read with spaces, small letters, labels and lines broken anywhere', () => {
    const spaced = kitLines(kit).map(line => {
      const { prefix, groups } = kitGroups(line)
      assert.equal(groups.length, 10)
      return `Line ${line.number} (${line.name}): ${prefix.toLowerCase()} ${groups.slice(0, 5).join(' ')}\n   ${groups.slice(5).join(' ')}`
    })
    assert.deepEqual(readKit(`my kit\r\n\r\n${spaced.join('\n\n')}\n\nthe end`), kit)
    assert.deepEqual(readKit(spaced.toReversed().join('\n')), kit)
  })

  it('is read from a saved page', () => {
    const rows = kitLines(kit).map(line => {
      const { prefix, groups } = kitGroups(line)
      return `<tr><td>${line.name}</td><td><code>${prefix}</code> ${groups.map(group => `<span>${group}</span>`).join('')}</td></tr>`
    })
    const help = '<p>Line 3 begins with AGE-SECRET-KEY-PQ-1.</p>'
    assert.deepEqual(
      readKit(`<!doctype html><style>p{color:red}</style>${help}<table>${rows.join('')}</table>`),
      kit,
    )
  })

  it('with any character mistyped names the line', () => {
    for (const [index, line] of typed.entries()) {
      for (let at = 0; at < line.length; at++) {
        const wrong = line[at] === 'Q' ? 'P' : 'Q'
        const mistyped = typed.with(index, line.slice(0, at) + wrong + line.slice(at + 1))
        assert.throws(
          () => readKit(mistyped.join('\n')),
          error => isFailure(error, 'kit_typo') && error.message.includes(`line ${index + 1} `),
          `line ${index + 1}, character ${at}`,
        )
      }
    }
  })

  it('with characters left out, doubled, swapped or a line missing names the line', () => {
    const [first, second, third] = typed as [string, string, string]
    const swapped = second.slice(0, 40) + second[41] + second[40] + second.slice(42)
    const cases: [string, string[]][] = [
      ['line 1 ', [first.slice(0, -1), second, third]],
      ['line 2 ', [first, second.slice(0, 30) + second.slice(31), third]],
      ['line 3 ', [first, second, `${third.slice(0, 30)}${third[30]}${third.slice(30)}`]],
      ['line 2 ', [first, swapped === second ? second.slice(1) : swapped, third]],
      ['line 3 ', [first, second]],
      ['line 1 ', [second, third]],
    ]
    for (const [line, lines] of cases) {
      assert.throws(
        () => readKit(lines.join('\n')),
        error => isFailure(error, 'kit_typo') && error.message.includes(line),
        line,
      )
    }
  })

  it('of another fleet, or something else altogether, is refused', () => {
    assert.throws(() => readKit(typed.join('\n'), 'cd'.repeat(32) as FleetId), code('wrong_kit'))
    assert.deepEqual(readKit(typed.join('\n'), kit.fleet), kit)
    for (const text of ['', 'hello', '<html></html>', 'AGE-SECRET-KEY-1XYZ', 'x'.repeat(5_000_000)]) {
      assert.throws(() => readKit(text), code('bad_kit'))
    }
  })

  it('never shows a key in a failure', () => {
    assert.throws(
      () => readKit(typed.join('\n').slice(0, -3)),
      error =>
        isFailure(error) && !`${error.message}${error.hint}`.includes((typed[2] as string).slice(18, 40)),
    )
  })

  it('has check words that change with every part of it', async () => {
    const words = await kitCheckWords(p, kit)
    assert.equal(words.length, 4)
    const others = [
      { ...kit, fleet: 'ac'.repeat(32) as FleetId },
      { ...kit, ownerSeed: new Uint8Array(32).fill(6) },
      { ...kit, identity: testIdentity(1).identity },
    ]
    for (const other of others) assert.notDeepEqual(await kitCheckWords(p, other), words)
    assert.ok(sameWords(` ${words.join('   ').toUpperCase()}\n`, words))
    assert.ok(!sameWords(words.slice(1).join(' '), words))
    assert.ok(!sameWords('', words))
  })

  it('shows its fleet in a form that people can compare', () => {
    assert.equal(fingerprintOf(kit.fleet), Array(8).fill('abab').join(' '))
  })
})

describe('words', () => {
  it('come from eleven bits each', () => {
    assert.deepEqual(wordsFrom(new Uint8Array(3), 2), ['abandon', 'abandon'])
    assert.deepEqual(wordsFrom(new Uint8Array(3).fill(255), 2), ['zoo', 'zoo'])
    // 00000000 001|00000000 010|…
    assert.deepEqual(wordsFrom(Uint8Array.of(0x00, 0x20, 0x08), 2), ['ability', 'able'])
    assert.throws(() => wordsFrom(new Uint8Array(2), 2), RangeError)
  })

  it('of a passphrase are seven and never the same twice', () => {
    const phrases = Array.from({ length: 100 }, () => randomPassphrase(p))
    for (const phrase of phrases) assert.equal(phrase.split(' ').length, 7)
    assert.equal(new Set(phrases).size, 100)
  })
})
