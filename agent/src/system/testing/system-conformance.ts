/**
 * What every implementation of the system seam promises, asked of the real file system of the machine that runs it. What only
 * some platforms have (FIFOs, owners by number, streams) stands beside their implementations.
 */
import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import { type Bytes, equalBytes, hex, utf8 } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'
import { folderChain } from '../folder-chain.ts'
import { removeTree } from '../remove-tree.ts'
import { emptyStat, type Handle, type System } from '../system.ts'
import { isSystemError } from '../system-error.ts'
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts'

export interface Traits {
  /** Names that this platform holds and that a careless program loses. */
  readonly awkwardNames: readonly Bytes[]
  /** Names that it cannot hold: refused, never cut short or taken for another. */
  readonly noNames: readonly Bytes[]
  /** How exactly times are kept. */
  readonly timeNs: number
  /** `readme` and `README` are one name. */
  readonly foldsCase: boolean
  /** In a folder to be listed: enough for many buffers. */
  readonly manyNames: number
  /** Of a name 200 characters long, this often in itself: beyond what one path can be. */
  readonly depth: number
  /** Absolute, such as the root of a volume. */
  readonly root: Bytes
  /** What only this platform keeps of a file, sorted by name: testing/own-attributes.ts. */
  readonly own: readonly Attribute[]
}

const { EEXIST, EINVAL, ENOENT, ENOTDIR } = constants.errno
const [a, b, file] = [utf8('a'), utf8('b'), utf8('file')]
const namesOf = (system: System, folder: Handle): string[] =>
  Array.from(system.listFolder(folder), entry => hex(entry.name)).sort()

/** Of `file`, by a handle of its own. */
function readBack({ system, handle }: TemporaryFolder, from: number, length: number): Bytes {
  const opened = system.openFile(handle, file)
  const bytes = new Uint8Array(length)
  let read = 0
  for (let more = 1; read < length && more > 0; read += more)
    more = system.read(opened, bytes.subarray(read), from + read)
  system.close(opened)
  return bytes.subarray(0, read)
}

function make(system: System, folder: Handle, name: Bytes, content = utf8('hello')): void {
  const made = system.createFile(folder, name, 0o600)
  system.write(made, content)
  system.close(made)
}

/** `load`: another implementation than that of this platform. */
export function systemConformance(traits: Traits, load?: () => Promise<System>): void {
  const ownFolder = () => temporaryFolder(undefined, load)

  test('awkward names are made, listed, looked at, opened, renamed and removed as the bytes that they are', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    for (const name of traits.awkwardNames) make(system, handle, name)
    assert.deepEqual(namesOf(system, handle), traits.awkwardNames.map(hex).sort())
    for (const name of traits.awkwardNames) {
      assert.equal(system.statAt(handle, name).size, 5, hex(name))
      system.close(system.openFile(handle, name))
      system.rename(handle, name, handle, a)
      system.rename(handle, a, handle, name)
      system.remove(handle, name)
    }
    for (const name of traits.awkwardNames) system.makeFolder(handle, name, 0o700)
    for (const name of traits.awkwardNames) system.close(system.openFolder(handle, name))
    assert.deepEqual(namesOf(system, handle), traits.awkwardNames.map(hex).sort())
    for (const name of traits.awkwardNames) system.removeFolder(handle, name)
    assert.deepEqual([...system.listFolder(handle)], [])
  })

  test('what is no name is refused by every call', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    make(system, handle, a)
    const stat = emptyStat()
    for (const name of traits.noNames) {
      assert(system.tryCreateFile(handle, name, 0o600) < 0, hex(name))
      assert(system.tryMakeFolder(handle, name, 0o700) < 0, hex(name))
      assert(system.tryOpenFile(handle, name) < 0, hex(name))
      assert(system.tryStatAt(handle, name, stat) < 0, hex(name))
      assert(system.tryRename(handle, a, handle, name) < 0, hex(name))
    }
    assert.deepEqual(namesOf(system, handle), [hex(a)])
    assert.equal(system.tryOpenFile(handle, utf8('a\0b')), -EINVAL)
  })

  test('a folder opens; a file and nothing do not, and say which', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    system.makeFolder(handle, utf8('real'), 0o700)
    make(system, handle, file)
    system.close(system.openFolder(handle, utf8('real')))
    assert.equal(system.tryOpenFolder(handle, file), -ENOTDIR)
    assert.equal(system.tryOpenFolder(handle, utf8('none')), -ENOENT)
    assert.equal(system.tryOpenFile(handle, utf8('none')), -ENOENT)
    assert.throws(
      () => system.openFile(handle, utf8('none')),
      error => isSystemError(error, 'ENOENT') && error.message === 'open: ENOENT',
    )
    assert.throws(() => system.close(-1), isSystemError)
  })

  test('`.` is the folder itself, `..` the one above it', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    system.makeFolder(handle, a, 0o700)
    const below = system.openFolder(handle, a)
    const [itself, above] = [system.openFolder(below, utf8('.')), system.openFolder(below, utf8('..'))]
    assert.equal(system.stat(itself).inode, system.stat(below).inode)
    assert.equal(system.stat(above).inode, system.stat(handle).inode)
    for (const opened of [below, itself, above]) system.close(opened)
  })

  test('a folder of many names is listed whole, twice, with another one in between', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    system.makeFolder(handle, utf8('other'), 0o700)
    const other = system.openFolder(handle, utf8('other'))
    make(system, other, file)
    system.makeFolder(handle, utf8('many'), 0o700)
    const many = system.openFolder(handle, utf8('many'))
    for (let i = 0; i < traits.manyNames; i++) system.close(system.createFile(many, utf8(`name-${i}`), 0o600))
    const names = new Set<string>()
    for (const { name } of system.listFolder(many)) {
      if (names.size % 100 === 0) assert.equal(namesOf(system, other).length, 1)
      names.add(hex(name))
    }
    assert.equal(names.size, traits.manyNames)
    assert.equal(namesOf(system, many).length, traits.manyNames)
    for (const opened of [other, many]) system.close(opened)
  })

  test('stat and listing agree; a handle and a name say the same', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    make(system, handle, file)
    system.makeFolder(handle, utf8('folder'), 0o700)
    for (const { name, kind, inode } of system.listFolder(handle)) {
      const stat = system.statAt(handle, name)
      assert.equal(stat.kind, new TextDecoder().decode(name))
      assert(kind === undefined || kind === stat.kind)
      assert.equal(inode, stat.inode)
    }
    const opened = system.openFile(handle, file)
    assert.deepEqual(system.stat(opened), system.statAt(handle, file))
    system.close(opened)
    const [stat, above] = [system.statAt(handle, file), system.stat(handle)]
    assert.deepEqual([stat.size, stat.links], [5, 1])
    assert.deepEqual(
      [stat.deviceMajor, stat.deviceMinor, stat.mount],
      [above.deviceMajor, above.deviceMinor, above.mount],
    )
    assert(stat.inode > 0 && stat.inode !== above.inode && stat.ctimeS > 1_600_000_000)
  })

  test('reads at its own position and at a given one, and 0 at the end', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    make(system, handle, file, utf8('abcdefgh'))
    const opened = system.openFile(handle, file)
    const three = new Uint8Array(3)
    assert.equal(system.read(opened, three), 3)
    assert.deepEqual(three, utf8('abc'))
    assert.equal(system.read(opened, three, 6), 2)
    assert.deepEqual(three.subarray(0, 2), utf8('gh'))
    assert.equal(system.read(opened, three), 3)
    assert.deepEqual(three, utf8('def'))
    assert.equal(system.read(opened, three, 8), 0)
    assert(system.tryRead(handle, three) < 0)
    system.advise(opened, 0, 0, 'sequential')
    system.close(opened)
  })

  test('writes whole, at positions, and leaves zeros where it resized', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    const made = system.createFile(handle, file, 0o600)
    system.write(made, utf8('abc'))
    system.write(made, utf8('xyz'), 10)
    system.write(made, utf8('def'))
    system.write(made, new Uint8Array())
    system.resize(made, 20)
    system.sync(made)
    system.close(made)
    const bytes = new Uint8Array(32)
    const read = system.openFile(handle, file)
    assert.equal(system.read(read, bytes), 20)
    assert.deepEqual(bytes.subarray(0, 20), utf8('abcdef\0\0\0\0xyz\0\0\0\0\0\0\0'))
    system.close(read)
  })

  test('writes large pieces whole, wherever they begin and end', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    const bytes = Uint8Array.from({ length: 2_500_000 }, (_, at) => at * 31 + (at >> 8))
    for (const begin of [0, 1, 4095, 4096, 700_001]) {
      const made = system.createFile(handle, file, 0o600)
      system.resize(made, begin + bytes.length)
      for (const [from, to] of [
        [0, 300_000],
        [300_000, 300_001],
        [300_001, 2_400_000],
        [2_400_000, bytes.length],
      ] as const) {
        system.writeAround(made, bytes.subarray(from, to), begin + from)
        // At once, by whoever looks.
        assert.deepEqual(readBack(folder, begin + from, to - from), bytes.subarray(from, to))
      }
      assert.deepEqual(readBack(folder, 0, begin), new Uint8Array(begin))
      // The handle is as it was.
      system.write(made, utf8('abc'))
      system.close(made)
      assert.deepEqual(readBack(folder, 0, 3), utf8('abc'))
      assert.equal(system.statAt(handle, file).size, begin + bytes.length)
      system.remove(handle, file)
    }
  })

  test('data and holes are found, or it is said that nobody knows', async t => {
    using folder = await ownFolder()
    const { system, handle } = folder
    const mebibyte = 1024 * 1024
    const written = system.createFile(handle, file, 0o600)
    system.resize(written, 16 * mebibyte, true)
    system.write(written, new Uint8Array(mebibyte).fill(1), 4 * mebibyte)
    system.close(written)
    assert.equal(system.statAt(handle, file).size, 16 * mebibyte)
    const opened = system.openFile(handle, file)
    const found = [
      system.seekData(opened, 0),
      system.seekHole(opened, 4 * mebibyte),
      system.seekData(opened, 5 * mebibyte),
      system.seekHole(opened, 0),
    ]
    system.close(opened)
    if (found[0] === undefined) return t.diagnostic('this file system does not say where holes are')
    assert.deepEqual(found, [4 * mebibyte, 5 * mebibyte, Number.POSITIVE_INFINITY, 0])
  })

  test('a new file, a folder and a rename never take the place of anything', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    make(system, handle, a)
    make(system, handle, b)
    assert.equal(system.tryCreateFile(handle, a, 0o600), -EEXIST)
    assert.equal(system.tryMakeFolder(handle, a, 0o700), -EEXIST)
    assert.equal(system.tryRename(handle, a, handle, b), -EEXIST)
    assert.throws(
      () => system.makeLink(handle, a, handle, b),
      error => isSystemError(error, 'EEXIST'),
    )
    system.makeFolder(handle, utf8('below'), 0o700)
    const below = system.openFolder(handle, utf8('below'))
    system.rename(handle, a, below, utf8('c'))
    assert.deepEqual(namesOf(system, below), [hex(utf8('c'))])
    system.close(below)
  })

  test('names that differ in case are two, or one that is taken', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    make(system, handle, utf8('readme'))
    const second = system.tryCreateFile(handle, utf8('README'), 0o600)
    if (second >= 0) system.close(second)
    assert.equal(second < 0 ? second : 0, traits.foldsCase ? -EEXIST : 0)
  })

  test('a link is a second name of the same; a folder cannot have one', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    make(system, handle, a)
    system.makeLink(handle, a, handle, b)
    const [one, two] = [system.statAt(handle, a), system.statAt(handle, b)]
    assert.deepEqual([one.inode, one.links], [two.inode, 2])
    system.makeFolder(handle, utf8('folder'), 0o700)
    assert.throws(() => system.makeLink(handle, utf8('folder'), handle, utf8('second')), isSystemError)
  })

  test('remove takes files and not folders, removeFolder empty folders and not files', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    system.makeFolder(handle, utf8('folder'), 0o700)
    make(system, handle, file)
    assert.throws(() => system.remove(handle, utf8('folder')), isSystemError)
    assert.throws(() => system.removeFolder(handle, file), isSystemError)
    const below = system.openFolder(handle, utf8('folder'))
    make(system, below, file)
    assert.throws(() => system.removeFolder(handle, utf8('folder')), isSystemError)
    system.remove(below, file)
    system.close(below)
    system.remove(handle, file)
    system.removeFolder(handle, utf8('folder'))
    assert.deepEqual([...system.listFolder(handle)], [])
  })

  test('a file that may not be written says so, is removed all the same, and can be made writable again', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    make(system, handle, a)
    system.setModeAt(handle, a, 0o400)
    assert.equal(system.statAt(handle, a).mode & 0o200, 0)
    system.setModeAt(handle, a, 0o600)
    assert.equal(system.statAt(handle, a).mode & 0o200, 0o200)
    const opened = system.openFile(handle, a)
    system.setMode(opened, 0o400)
    assert.equal(system.stat(opened).mode & 0o200, 0)
    system.close(opened)
    system.close(system.createFile(handle, b, 0o400))
    for (const name of [a, b]) system.remove(handle, name)
    assert.deepEqual([...system.listFolder(handle)], [])
  })

  test('times are as exact as the platform keeps them, before 1970 and after 2106, of files and folders', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    system.makeFolder(handle, utf8('folder'), 0o700)
    make(system, handle, file)
    const opened = system.openFile(handle, file)
    const times = [
      [0, 100],
      [-1, 999_999_999],
      [-2_000_000_000, 123_456_789],
      [1_700_000_000, 987_654_321],
      [4_400_000_000, 500],
      [15_000_000_000, 100],
    ] as const
    for (const [seconds, nanoseconds] of times) {
      system.setTime(opened, seconds, nanoseconds)
      system.setTimeAt(handle, utf8('folder'), seconds, nanoseconds)
      for (const stat of [system.stat(opened), system.statAt(handle, utf8('folder'))]) {
        const kept = nanoseconds - (nanoseconds % traits.timeNs)
        assert.deepEqual([stat.mtimeS, stat.mtimeNs], [seconds, kept])
      }
    }
    system.close(opened)
  })

  test('what only this platform keeps of a file is set and read, by handle and by name', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    for (const name of [a, b]) make(system, handle, name)
    const ownOf = (found: readonly Attribute[]) =>
      found.filter(one => traits.own.some(({ name }) => equalBytes(name, one.name)))
    assert.deepEqual(ownOf(system.attributesAt(handle, a)), [], 'a new file has none')
    const opened = system.openFile(handle, a)
    for (const { name, value } of traits.own) {
      system.setAttribute(opened, name, value)
      system.setAttributeAt(handle, b, name, value)
    }
    for (const found of [system.attributes(opened), ...[a, b].map(name => system.attributesAt(handle, name))])
      assert.deepEqual(ownOf(found), traits.own)
    system.close(opened)
  })

  test('a path beyond all limits is walked handle by handle, down and up, and removed', async () => {
    using folder = await ownFolder()
    const { system, handle } = folder
    const name = utf8('d'.repeat(200))
    using chain = folderChain(system, handle, 8)
    const inodes: number[] = []
    for (let depth = 0; depth < traits.depth; depth++) {
      inodes.push(system.stat(chain.handle).inode)
      system.makeFolder(chain.handle, name, 0o700)
      chain.enter(name)
    }
    make(system, chain.handle, file)
    while (chain.depth > 0) {
      chain.leave()
      assert.equal(system.stat(chain.handle).inode, inodes.pop())
    }
    removeTree(system, handle, name)
    assert.deepEqual([...system.listFolder(handle)], [])
  })

  test('the root of a volume opens and is a folder', async () => {
    using folder = await ownFolder()
    const { system } = folder
    const root = system.openFolder(-100, traits.root)
    assert.equal(system.stat(root).kind, 'folder')
    assert(namesOf(system, root).length > 0)
    system.close(root)
  })
}
