/** Names that programs stumble over. */
import type { Handle } from '@backstay/agent/system/system'
import { type Bytes, concat, utf8 } from '@backstay/proto/bytes'
import type { Random } from '../random.ts'
import type { Grove } from './grove.ts'

/** Not UTF-8: a lone continuation byte, a cut sequence, Latin-1, an overlong slash, a surrogate, all bytes above 127. */
const invalid: readonly Bytes[] = [
  [0x80],
  [0x61, 0xe2, 0x82],
  [0x63, 0x61, 0x66, 0xe9],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  Array.from({ length: 128 }, (_, index) => 128 + index),
].map(bytes => new Uint8Array(bytes))

const classes: Readonly<Record<string, readonly string[]>> = {
  'name with a line break': ['a\nb', '\n', 'a\r\nb', 'tab\there'],
  'name with quotes': ['"', "it's", '`id`', '$(id)', '$HOME', 'a"b\'c'],
  'name with shell characters': [
    '*',
    '?',
    '[a]',
    'a;b',
    'a|b',
    'a&b',
    '#a',
    '~',
    '!',
    '{a,b}',
    '\\',
    'a\\..\\b',
  ],
  'name that begins with a dash': ['-rf', '--', '-', '--help'],
  'name with spaces': [' ', '  two', 'end ', ' both ', 'in side'],
  'name with dots': ['...', '. ', '.hidden', 'end.', 'end..', '..also', '.a.b'],
  'pair of NFC and NFD': ['caf\u00e9', 'cafe\u0301', '\u1e9b\u0323', '\u017f\u0323\u0307'],
  'pair of cases': ['readme', 'README', 'ReadMe', 'stra\u00dfe', 'STRASSE', '\u0131', 'I', 'i', '\u0130'],
  'reserved on Windows': ['CON', 'nul', 'aux.txt', 'COM1', 'LPT9.log', 'C:x', 'a:stream', 'a<b>', 'PRN .txt'],
  'name beyond the basic plane': [
    '\u{1f642}',
    '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
    '\u202ereversed',
    '\ufeffmark',
  ],
  'name like ours': ['.backstay-part-0', 'a (restored)', '.backstay'],
}

export function awkwardNames(grove: Grove, at: Handle): void {
  for (const name of invalid) grove.attempt('name that is not UTF-8', () => grove.file(at, name, name))
  for (const [what, names] of Object.entries(classes)) {
    for (const name of names) grove.attempt(what, () => grove.file(at, utf8(name), utf8(what)))
  }
  const longest = [
    utf8('n'.repeat(255)),
    concat(utf8('\u00e9'.repeat(127)), utf8('x')),
    new Uint8Array(255).fill(0xff),
  ]
  for (const name of longest) grove.attempt('name of 255 bytes', () => grove.file(at, name, name))
  prefixes(grove, at)
}

/** Names that order differently as paths than as names: `a`, `a/b`, `a-b`, `a.b`, `ab`; and `x` beside `x.gz`. */
function prefixes(grove: Grove, at: Handle): void {
  grove.attempt('sibling prefixes', () => {
    grove.folder(at, utf8('p'), folder => {
      grove.folder(folder, utf8('a'), inner => {
        for (const name of ['b', 'a', 'ab', 'b.gz']) grove.file(inner, utf8(name), utf8(name))
      })
      for (const name of ['a b', 'a!', 'a-b', 'a.b', 'a0', 'x', 'x.gz', 'x.gz.old']) {
        grove.file(folder, utf8(name), utf8(name))
      }
      for (const name of ['ab', 'a\u0001', 'a+']) {
        grove.folder(folder, utf8(name), inner => grove.file(inner, utf8('b'), utf8(name)))
      }
      grove.folder(folder, new Uint8Array([0x61, 0xff]), inner => grove.file(inner, utf8('b')))
    })
  })
}

const decorations: readonly ((random: Random) => Bytes)[] = [
  () => utf8(''),
  () => utf8('.txt'),
  () => utf8(' copy'),
  () => utf8('\u00fcbung'),
  () => utf8('.tar.gz'),
  () => utf8("'s"),
  () => utf8('\n'),
  () => new Uint8Array([0xe9, 0xff]),
  random => utf8('long'.repeat(1 + random.below(60))),
]

/** A name that no other index of the same folder has. */
export function someName(random: Random, index: number): Bytes {
  const before = random.below(20) === 0 ? '-' : ''
  return concat(utf8(`${before}${index}`), random.pick(decorations)(random))
}
