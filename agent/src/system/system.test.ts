import { utf8 } from '@backstay/proto/bytes'
import { linux } from './testing/linux-traits.ts'
import { macosOwn, windowsOwn } from './testing/own-attributes.ts'
import { systemConformance, type Traits } from './testing/system-conformance.ts'

/** wine keeps files on Linux, where names are UTF-8 for it, and makes whole paths of them, at most 4,095 bytes long. */
const isWine = process.env.BACKSTAY_WINE !== undefined

/** Three bytes that stand for a surrogate alone. */
const surrogate = new Uint8Array([0x61, 0xed, 0xa0, 0xbd, 0x62])

const windows: Traits = {
  awkwardNames: [
    ...(isWine ? [] : [surrogate]),
    ...['CON', 'nul.txt', 'ends.', 'ends ', 'two  spaces', '.hidden', 'Übung', '😀', '資'.repeat(80)].map(
      utf8,
    ),
  ],
  noNames: [
    ...['', 'a/b', 'a\\b', 'a:b', 'a:b:$DATA', '..\\a'].map(utf8),
    new Uint8Array([0xff, 0xfe]),
    new Uint8Array(256).fill(0x61),
  ],
  timeNs: 100,
  foldsCase: true,
  manyNames: 1500,
  depth: isWine ? 15 : 25,
  root: utf8('C:\\'),
  own: windowsOwn,
}

/** APFS takes UTF-8 only, and usually folds case. */
const macos: Traits = {
  ...linux,
  awkwardNames: ['a\nb', '.hidden', '..also', '...', 'C:', 'a\\b', 'Übung', '😀', 'x'.repeat(255)].map(utf8),
  foldsCase: true,
  own: process.geteuid?.() === 0 ? macosOwn : macosOwn.slice(0, 2),
}

const traits: Readonly<Partial<Record<NodeJS.Platform, Traits>>> = { win32: windows, darwin: macos }
systemConformance(traits[process.platform] ?? linux)
