/** What file systems of Linux hold. */
import { utf8 } from '@backstay/proto/bytes'
import { linuxOwn } from './own-attributes.ts'
import type { Traits } from './system-conformance.ts'

export const linux: Traits = {
  awkwardNames: [
    new Uint8Array([0xff, 0xfe, 0x80]),
    new Uint8Array(255).fill(0xe9),
    ...['a\nb', '.hidden', '..also', '...', 'C:', 'a\\b', 'Übung', '😀'].map(utf8),
  ],
  noNames: [utf8(''), utf8('a/b'), new Uint8Array(256).fill(0x61), new Uint8Array(9000).fill(0x61)],
  timeNs: 1,
  foldsCase: false,
  // A buffer takes a thousand of them.
  manyNames: process.env.SLOW === '1' ? 30_000 : 4_000,
  depth: 25,
  root: utf8('/'),
  own: linuxOwn,
}
