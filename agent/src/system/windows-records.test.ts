/** What the file systems of Windows answer, as bytes of the layouts in ntifs.h and [MS-FSCC]: read the same everywhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bytes, concat, fromHex, fromUtf8, hex, utf8, viewOf } from '@backstay/proto/bytes'
import { errno } from './error-numbers.ts'
import { emptyStat } from './system.ts'
import { isDescriptor, machinesOwn, toBeSet } from './windows-descriptor.ts'
import { entriesIn } from './windows-folder.ts'
import { nameKind, nativeFolder, nativePath } from './windows-names.ts'
import { mayOpen } from './windows-opening.ts'
import { linkTarget, symlinkData } from './windows-reparse.ts'
import { fillStat, kindOf } from './windows-stat.ts'
import { errorOf } from './windows-status.ts'
import { streamsIn } from './windows-streams.ts'
import { instantOf, ticksOf } from './windows-time.ts'

const bytesOf = (text: string): Bytes => fromHex(text.replaceAll(/\s/g, '')) ?? new Uint8Array()
const wide = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'utf16le'))
const [mountPoint, symlink, oneDrive, dedup] = [0xa0000003, 0xa000000c, 0x9000601a, 0x80000013]

test('a file: size, links, times of 100 ns, the number of its record', () => {
  // FILE_ALL_INFORMATION of a file of 5 bytes with two names, hidden and read-only.
  const all = bytesOf(`
    0080d3e1de7add01 0080d3e1de7add01 87d61234de7add01 88d61234de7add01 23000000 00000000
    0010000000000000 0500000000000000 02000000 00 00 0000  2a00000000001f00 00000000 81011200`)
  const stat = emptyStat()
  fillStat(stat, new DataView(concat(all, new Uint8Array(32)).buffer), 0)
  assert.partialDeepStrictEqual(stat, { kind: 'file', size: 5, links: 2, mode: 0o400, blocks: 8 })
  assert.equal(stat.inode, 0x1f0000 * 2 ** 32 + 42)
  assert.equal(stat.mtimeNs % 100, 0)
  assert.equal(new Date(stat.mtimeS * 1000).getUTCFullYear(), 2026)
})

test('junctions, mount points and symlinks are links; deduplicated and cloud files are files, cloud folders folders', () => {
  assert.equal(kindOf(0x410, mountPoint), 'symlink')
  assert.equal(kindOf(0x410, symlink), 'symlink')
  assert.equal(kindOf(0x420, symlink), 'symlink')
  assert.equal(kindOf(0x420, dedup), 'file')
  assert.equal(kindOf(0x400420, oneDrive), 'file')
  assert.equal(kindOf(0x410, oneDrive), 'folder')
  assert.equal(kindOf(0x420, 0x80000023), 'socket')
})

test('what lies in a cloud is never opened: by each of the three signs that it is not here', () => {
  for (const bit of [0x1000, 0x4_0000, 0x40_0000]) {
    assert.equal(mayOpen(0x420 | bit, oneDrive), -errno.EREMOTE)
    assert.equal(mayOpen(0x410 | bit, oneDrive), -errno.EREMOTE)
    assert.equal(mayOpen(0x20 | bit, 0), -errno.EREMOTE)
  }
  assert.equal(mayOpen(0x420, oneDrive), 1, 'one that is here is read through its reparse point')
  assert.equal(mayOpen(0x420, dedup), 1)
  assert.equal(mayOpen(0x410, mountPoint), -errno.ELOOP)
  assert.equal(mayOpen(0x20, 0), 0)
})

const junction = (target: string): Bytes => {
  const [substitute, print] = [wide(`\\??\\${target}`), wide(target)]
  const names = concat(substitute, new Uint8Array(2), print, new Uint8Array(2))
  const data = new Uint8Array(16 + names.length)
  const view = viewOf(data)
  view.setUint32(0, mountPoint, true)
  view.setUint16(4, 8 + names.length, true)
  view.setUint16(10, substitute.length, true)
  view.setUint16(12, substitute.length + 2, true)
  view.setUint16(14, print.length, true)
  data.set(names, 16)
  return data
}

test('a junction leads where its print name says, or its substitute name when it has none', () => {
  const data = junction('D:\\Old Documents')
  assert.equal(fromUtf8(linkTarget(data) ?? utf8('')), 'D:\\Old Documents')
  viewOf(data).setUint16(14, 0, true)
  assert.equal(fromUtf8(linkTarget(data) ?? utf8('')), 'D:\\Old Documents')
})

test('symlinks made from what a snapshot says, absolute and relative, lead there again', () => {
  for (const target of ['C:\\Users\\Ada', '..\\x', 'a', '\\\\server\\share', '資\\😀']) {
    const data = symlinkData(utf8(target))
    assert(data !== undefined)
    assert.equal(fromUtf8(linkTarget(data) ?? utf8('')), target)
    assert.equal(viewOf(data).getUint16(4, true), data.length - 8)
    assert.equal(viewOf(data).getUint32(16, true), /^(C:|\\\\)/.test(target) ? 0 : 1)
  }
  assert.equal(fromUtf8(linkTarget(symlinkData(utf8('../a/b')) as Bytes) ?? utf8('')), '..\\a\\b')
  assert.equal(symlinkData(new Uint8Array([0xff])), undefined)
})

test('damaged and unknown reparse data are no links', () => {
  const data = junction('D:\\x')
  for (let end = 0; end < data.length; end++) linkTarget(data.subarray(0, end))
  assert.equal(linkTarget(data.subarray(0, 15)), undefined)
  viewOf(data).setUint16(14, 0xfffe, true)
  viewOf(data).setUint16(10, 0xfffe, true)
  assert.equal(linkTarget(data), undefined)
  assert.equal(linkTarget(bytesOf('1a600090 08000000 0000000000000000')), undefined)
})

test('the names of a folder, without the dots, with the tag of a reparse point where others have its size', () => {
  const entry = (name: string, attributes: number, tag: number, isLast: boolean): Bytes => {
    const text = wide(name)
    const bytes = new Uint8Array(Math.ceil((104 + text.length) / 8) * 8)
    const view = viewOf(bytes)
    view.setUint32(0, isLast ? 0 : bytes.length, true)
    view.setUint32(56, attributes, true)
    view.setUint32(60, text.length, true)
    view.setUint32(64, tag, true)
    view.setUint32(96, 7, true)
    bytes.set(text, 104)
    return bytes
  }
  const batch = concat(
    entry('.', 0x10, 0, false),
    entry('..', 0x10, 0, false),
    entry('a\ud83db', 0x20, 0, false),
    entry('Documents and Settings', 0x416, mountPoint, true),
  )
  const found = [...entriesIn(viewOf(batch))].map(({ name, kind, inode }) => [hex(name), kind, inode])
  assert.deepEqual(found, [
    ['61eda0bd62', 'file', 7],
    [hex(utf8('Documents and Settings')), 'symlink', 7],
  ])
})

test('streams beside the content, and the content itself left out', () => {
  const one = (name: string, size: number, isLast: boolean): Bytes => {
    const text = wide(name)
    const bytes = new Uint8Array(Math.ceil((24 + text.length) / 8) * 8)
    viewOf(bytes).setUint32(0, isLast ? 0 : bytes.length, true)
    viewOf(bytes).setUint32(4, text.length, true)
    viewOf(bytes).setBigUint64(8, BigInt(size), true)
    bytes.set(text, 24)
    return bytes
  }
  const list = concat(one('::$DATA', 5, false), one(':Zone.Identifier:$DATA', 26, true))
  assert.deepEqual(streamsIn(list), [{ name: utf8('Zone.Identifier'), size: 26 }])
  assert.deepEqual(streamsIn(new Uint8Array()), [])
})

test('times go to the tick and back; before 1601 there are none', () => {
  assert.deepEqual(instantOf(116_444_736_000_000_001n), { seconds: 0, nanoseconds: 100 })
  assert.deepEqual(instantOf(116_444_735_999_999_999n), { seconds: -1, nanoseconds: 999_999_900 })
  assert.equal(ticksOf(-1, 999_999_999), 116_444_735_999_999_999n)
  assert.equal(ticksOf(-11_644_473_600, 0), undefined)
  assert.equal(ticksOf(10 ** 15, 0), undefined)
})

test('names that lead elsewhere or to a stream are none; reserved ones are', () => {
  for (const name of ['', 'a/b', 'a\\b', 'a:b', 'a\0']) assert.equal(nameKind(utf8(name)), undefined, name)
  for (const name of ['CON', 'nul.txt', 'a.', ' ', '...']) assert.equal(nameKind(utf8(name)), 'name')
  assert.deepEqual([nameKind(utf8('.')), nameKind(utf8('..'))], ['itself', 'above'])
})

test('absolute paths as the kernel takes them, of any length, and no others', () => {
  const native = (path: string) => {
    const found = nativePath(utf8(path))
    return found && fromUtf8(found)
  }
  assert.equal(native('C:'), '\\??\\C:\\')
  assert.equal(native('c:/Users/ada/'), '\\??\\c:\\Users\\ada')
  assert.equal(native('\\\\?\\C:\\CON'), '\\??\\C:\\CON')
  assert.equal(native('\\\\server\\share\\x'), '\\??\\UNC\\server\\share\\x')
  const copy = '\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3\\'
  assert.equal(native(copy), '\\??\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3\\')
  assert.equal(native('\\\\?\\UNC\\server\\share'), '\\??\\UNC\\server\\share')
  for (const bad of ['', 'x', '\\x', '/x', 'C:x', '1:\\x', 'C:\\a\0b'])
    assert.equal(native(bad), undefined, bad)
})

test('the folder above a native path, but not above a volume', () => {
  const above = (path: string) => {
    const found = nativeFolder(Uint16Array.from(path, (_, index) => path.charCodeAt(index)))
    return found && String.fromCharCode(...found)
  }
  assert.equal(above('\\??\\C:\\a\\b'), '\\??\\C:\\a\\')
  assert.equal(above('\\??\\C:\\a'), '\\??\\C:\\')
  assert.equal(above('\\Device\\HarddiskVolume3\\a'), '\\Device\\HarddiskVolume3\\')
  assert.equal(above('\\??\\C:\\'), undefined)
  assert.equal(above('\\Device\\HarddiskVolume3\\'), undefined)
})

test('a descriptor that points beyond its bytes is refused', () => {
  const own = machinesOwn()
  assert(isDescriptor(own))
  for (let end = 0; end < own.length; end++) assert(!isDescriptor(own.subarray(0, end)), `${end}`)
  for (const at of [4, 8, 16]) {
    const forged = own.slice()
    viewOf(forged).setUint32(at, own.length - 4, true)
    assert(!isDescriptor(forged))
  }
  const relative = own.slice()
  relative[3] = 0
  assert(!isDescriptor(relative))
})

test('what may be set of a descriptor, with its inheritance as it was', () => {
  const own = machinesOwn()
  assert.equal(toBeSet(own, { owners: false, audit: false }).what, 0x8000_0004)
  assert.equal(toBeSet(own, { owners: true, audit: true }).what, 0x8000_0007)
  const inherited = own.slice()
  viewOf(inherited).setUint16(2, 0x8404, true)
  const { descriptor, what } = toBeSet(inherited, { owners: true, audit: true })
  assert.equal(what, 0x2000_0007)
  assert.equal(viewOf(descriptor).getUint16(2, true), 0x8504)
})

test('statuses are errors that the rest of the agent knows', () => {
  assert.equal(errorOf(0), 0)
  assert.equal(errorOf(0xc0000035 | 0), -errno.EEXIST)
  assert.equal(errorOf(0xc0000043 | 0), -errno.EBUSY)
  assert.equal(errorOf(0xdeadbeef | 0), -errno.EIO)
})
