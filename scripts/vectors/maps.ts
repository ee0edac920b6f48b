// Vectors of the snapshot map: docs/format.md §8.
import { hex, utf8 } from '@backstay/proto/bytes'
import { runContentVector } from '@backstay/proto/content/testing/vectors'
import { backstay } from '../../proto/src/content/content.pb.js'
import { type Book, openBook } from './book.ts'

const keys = { borderKey: '33'.repeat(32), epoch: 1, objectKey: '07'.repeat(32) }
const path = (...names: readonly string[]) => names.map(name => hex(utf8(name)))
const reference = (byte: string, key: string) => ({ id: byte.repeat(32), key: key.repeat(32) })
const inline = (text: string) => ({
  kind: 'file',
  size: utf8(text).length,
  mode: 0o644,
  content: { inline: hex(utf8(text)) },
})

export async function writeKeysOfPaths(): Promise<void> {
  const book = openBook('map-keys.json', 'Keys of paths, and ranges of keys.', runContentVector)
  const paths = [
    ['/'],
    ['/', 'a'],
    ['/', 'home', 'ada', 'notes.txt'],
    ['C:', 'Users', 'ada'],
    ['/', 'ä', '\u0001'],
  ]
  for (const names of paths) {
    await book.add(`the key of ${names.join('|')}`, 'key.encode', { path: path(...names) })
  }
  await book.add('names need not be UTF-8', 'key.encode', { path: ['2f', 'ff80', 'c3'] })
  await book.add('no components', 'key.encode', { path: [] }, 'bad_path')
  await book.add('an empty name', 'key.encode', { path: ['2f', ''] }, 'bad_path')
  await book.add('an empty folder', 'key.encode', { path: ['', '61'] }, 'bad_path')
  await book.add('a zero byte in a name', 'key.encode', { path: ['2f', '610062'] }, 'bad_path')
  const decode = (name: string, key: string, failure?: string) =>
    book.add(`path: ${name}`, 'key.decode', { key }, failure)
  await decode('a volume', '002f')
  await decode('a file in a folder', '2f00686f6d65000061')
  await decode('no bytes', '', 'bad_path')
  await decode('no name', '00', 'bad_path')
  await decode('a folder without a name behind it', '2f00', 'bad_path')
  await decode('no end of the folder', '2f', 'bad_path')
  await decode('a zero byte in the name', '2f00006100', 'bad_path')
  await book.add('ranges of a folder', 'key.ranges', { folder: path('/', 'home') })
  await book.add('ranges of all volumes', 'key.ranges', { folder: [] })
  book.write()
}

export async function writePages(): Promise<void> {
  const about = 'Maps: from entries to pages and their ids, all stored raw; and pages that are refused.'
  const book = openBook('map-pages.json', about, runContentVector)
  const build = (name: string, items: readonly object[], more: object = {}) =>
    book.add(name, 'map.build', { ...keys, ...more, items })
  await build('no entries', [])
  await build('one file', [{ path: path('/', 'a'), entry: inline('hello') }])
  await build('the same in another epoch', [{ path: path('/', 'a'), entry: inline('hello') }], { epoch: 2 })
  await build('every kind of entry', everyKind())
  await build('500 files', [{ count: 500, name: 'file', entry: inline('x') }])
  await build('500 files under another border key', [{ count: 500, name: 'file', entry: inline('x') }], {
    borderKey: '44'.repeat(32),
  })
  await build('2,500 files: three levels', [{ count: 2500, name: 'file', entry: inline('x') }])
  const attributes = [{ name: hex(utf8('user.large')), value: 'ab'.repeat(20_000) }]
  await build('12 files with large attributes', [
    { count: 12, name: 'file', entry: { ...inline('x'), attributes } },
  ])
  await writeForgedPages(book)
  book.write()
}

/** In order of their keys. */
function everyKind(): object[] {
  const [one, two] = [reference('aa', '01'), reference('bb', '02')]
  const times = { mtimeS: -1, mtimeNs: 999_999_999, uid: 1000, gid: 4_294_967_295 }
  const names = { user: hex(utf8('ada')), group: 'ff80' }
  const attributes = [{ name: hex(utf8('user.note')), value: '00ff' }]
  const extents = [{ segment: two, start: 7, length: 100 }, { length: 4096 }, { segment: one, length: 5 }]
  const entries: [string, object][] = [
    ['block', { kind: 'block_device', mode: 0o660, device: { major: 8, minor: 1 } }],
    ['character', { kind: 'character_device', mode: 0o666, device: { major: 1, minor: 3 } }],
    ['empty', { ...inline(''), ...times, ...names, attributes }],
    [
      'extents',
      { kind: 'file', size: 4201, mode: 0o600, sha256: 'cc'.repeat(32), content: { extents }, sparse: true },
    ],
    ['fifo', { kind: 'fifo', mode: 0o644 }],
    ['folder', { kind: 'folder', mode: 0o1755, staleSinceS: 1_767_225_600 }],
    ['linked', { ...inline('two names'), linkGroup: 'dd'.repeat(16) }],
    ['socket', { kind: 'socket', mode: 0o755 }],
    ['symlink', { kind: 'symlink', mode: 0o777, target: 'ff2e2e' }],
    ['tree', { kind: 'file', size: 2 ** 40, mode: 0o644, content: { tree: { ...one, extents: 40_000 } } }],
    ['unread', { kind: 'unread', unread: { kind: 'file', reason: 'denied', detail: 'EACCES' } }],
    [
      'unread before',
      { ...inline('old'), kind: 'unread', unread: { kind: 'file', reason: 'io', detail: 'EIO' } },
    ],
  ]
  return entries.map(([name, entry]) => ({ path: path('/', name), entry }))
}

async function writeForgedPages(book: Book): Promise<void> {
  const children = ['01'.repeat(32)]
  const key = new Uint8Array(32).fill(2)
  const read = (
    name: string,
    tree: string,
    page: backstay.content.Page.$Properties,
    ids = children,
    failure = 'bad_page',
  ) => {
    const bytes = hex(backstay.content.Page.encode(page).finish())
    return book.add(
      `a page with ${name}`,
      'page.decode',
      { tree, bytes, children: ids },
      failure || undefined,
    )
  }
  const file = { key: utf8('a'), kind: 1, size: 4, extents: [{ segment: 1, length: 4 }] }
  const child = { firstKey: utf8('a'), child: 0, entries: 1, bytes: 2, unread: 0 }
  await read('one file', 'map', { entries: [file], keys: key }, children, '')
  await read('one child', 'map', { level: 1, children: [child], keys: key }, children, '')
  await read(
    'one extent',
    'extents',
    { extents: [{ offset: 5, segment: 1, start: 6, length: 7 }], keys: key },
    children,
    '',
  )
  const folder = (name: string, shared = 0) => ({ key: utf8(name), shared, kind: 2 })
  const long = 'a'.repeat(30 * 1024)
  const longKeys = [folder(long), ...'0123456789'.split('').map(name => folder(name, long.length))]
  const wrong: [string, string, backstay.content.Page.$Properties, string[]?][] = [
    ['keys in the wrong order', 'map', { entries: [folder('b'), folder('a')] }, []],
    ['a key twice', 'map', { entries: [folder('a'), folder('a')] }, []],
    ['more shared than there is', 'map', { entries: [folder('a'), folder('b', 2)] }, []],
    ['keys that open to 300 KiB', 'map', { entries: longKeys }, []],
    [
      'a child that is not there',
      'map',
      { entries: [{ ...file, extents: [{ segment: 2, length: 4 }] }], keys: key },
    ],
    ['a child that is not used', 'map', { entries: [folder('a')], keys: key }],
    ['no key for its child', 'map', { entries: [file] }],
    ['a key for no child', 'map', { entries: [folder('a')], keys: key }, []],
    ['children on a leaf', 'map', { entries: [folder('a')], children: [child], keys: key }],
    ['entries on an inner page', 'map', { level: 1, entries: [folder('a')], children: [child], keys: key }],
    ['extents in a map', 'map', { extents: [{ length: 1 }] }, []],
    ['entries in an extent tree', 'extents', { entries: [folder('a')] }, []],
    ['no children above level 0', 'map', { level: 1 }, []],
    ['level 65', 'map', { level: 65, children: [child], keys: key }],
    ['first keys in the wrong order', 'map', { level: 1, children: [child, child], keys: key }],
    ['a count beyond 2^53', 'map', { level: 1, children: [{ ...child, bytes: 2 ** 53 }], keys: key }],
    ['extents with a gap', 'extents', { extents: [{ length: 5 }, { offset: 6, length: 1 }] }, []],
    ['an extent without length', 'extents', { extents: [{ offset: 6 }] }, []],
    ['an offset beyond 2^53', 'extents', { extents: [{ offset: 2 ** 53, length: 1 }] }, []],
    ['kind 0', 'map', { entries: [{ ...folder('a'), kind: 0 }] }, []],
    ['kind 9', 'map', { entries: [{ ...folder('a'), kind: 9 }] }, []],
    ['a file shorter than it says', 'map', { entries: [{ ...file, size: 5 }], keys: key }],
    ['a size beyond 2^53', 'map', { entries: [{ ...folder('a'), size: 2 ** 53 }] }, []],
    ['more than a second of nanoseconds', 'map', { entries: [{ ...folder('a'), mtimeNs: 1e9 }] }, []],
  ]
  for (const [name, tree, page, ids] of wrong) await read(name, tree, page, ids)
  await book.add(
    'a page of random bytes',
    'page.decode',
    { tree: 'map', bytes: 'ff'.repeat(9), children: [] },
    'bad_page',
  )
  const later = { key: utf8('a'), kind: 8, unread: { kind: 99, reason: 'abducted', detail: '' } }
  await read('a reason from a later version', 'map', { entries: [later] }, [], '')
}

export async function writeExtentTrees(): Promise<void> {
  const book = openBook('extent-trees.json', 'Long lists of extents as trees.', runContentVector)
  const segments = [reference('aa', '01'), reference('bb', '02')]
  const extents = (count: number, length: number) =>
    Array.from({ length: count }, (_, index) => {
      const segment = segments[index % 3]
      return { offset: index * length, length, ...(segment === undefined ? {} : { segment, start: index }) }
    })
  const build = (name: string, count: number, length: number) =>
    book.add(name, 'extents.build', { ...keys, extents: extents(count, length) })
  await build('17 extents', 17, 16_384)
  await build('400 extents', 400, 16_384)
  await build('extents beyond 4 GiB', 20, 2 ** 40)
  book.write()
}

export async function writeDiffs(): Promise<void> {
  const book = openBook('map-diff.json', 'What differs between two maps.', runContentVector)
  const many = (count: number) => ({ count, name: 'file', entry: inline('x') })
  const extra = (name: string) => ({ path: path('/', name), entry: inline('y') })
  const differ = (name: string, before: readonly object[], after: readonly object[]) =>
    book.add(name, 'map.diff', { ...keys, before, after })
  await differ('nothing', [many(300)], [many(300)])
  await differ('one more', [many(300)], [many(300), extra('file 00299 copy')])
  await differ('three less', [many(303)], [many(300)])
  await differ('all of them', [], [many(3)])
  await differ('one changed', [many(200), extra('z')], [many(200), { ...extra('z'), entry: inline('z') }])
  await differ('a larger map', [many(40)], [many(1), extra('file 00000 a'), extra('file 00000 b')])
  book.write()
}
