// The system seam of macOS over a stand-in of its kernel: the same promises as anywhere, and what only a Mac has.
import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { errno } from './error-numbers.ts'
import { macosSystem } from './macos.ts'
import { macosStat, statBytes } from './macos-stat.ts'
import { emptyStat } from './system.ts'
import { isSystemError } from './system-error.ts'
import { macosStandIn } from './testing/macos-stand-in.ts'
import { macosList, macosOwn } from './testing/own-attributes.ts'
import { systemConformance, type Traits } from './testing/system-conformance.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

if (process.platform === 'linux') {
  const traits: Traits = {
    // Bytes that are no UTF-8 are refused by APFS, and taken by the Linux below.
    awkwardNames: ['a\nb', '.hidden', '..also', '...', 'C:', 'a\\b', 'Übung', '😀', 'x'.repeat(255)].map(
      utf8,
    ),
    noNames: [utf8(''), utf8('a/b'), new Uint8Array(256).fill(0x61), new Uint8Array(9000).fill(0x61)],
    timeNs: 1,
    foldsCase: false,
    manyNames: 5_000,
    depth: 25,
    root: utf8('/'),
    own: macosOwn,
  }
  systemConformance(traits, async () => macosSystem((await macosStandIn()).calls))

  test('what lies in a cloud is never opened, and the kernel is told that it may fetch nothing', async () => {
    const standIn = await macosStandIn()
    using folder = await temporaryFolder(undefined, async () => macosSystem(standIn.calls))
    const { system, handle } = folder
    assert.deepEqual(standIn.policies, [[3, 0, 1]])
    for (const name of [utf8('here'), utf8('away')]) system.close(system.createFile(handle, name, 0o600))
    system.makeFolder(handle, utf8('folder'), 0o700)
    for (const name of [utf8('away'), utf8('folder')]) standIn.inCloud.add(system.statAt(handle, name).inode)
    system.close(system.openFile(handle, utf8('here')))
    assert.equal(system.tryOpenFile(handle, utf8('away')), -errno.EREMOTE)
    assert.equal(system.tryOpenFolder(handle, utf8('folder')), -errno.EREMOTE)
    assert.equal(system.statAt(handle, utf8('away')).kind, 'file', 'it is listed and looked at all the same')
    standIn.inCloud.clear()
  })

  test('a resource fork is an attribute, as long as it is', async () => {
    using folder = await temporaryFolder(undefined, async () => macosSystem((await macosStandIn()).calls))
    const { system, handle } = folder
    const file = system.createFile(handle, utf8('song'), 0o600)
    const fork = new Uint8Array(3000).fill(7)
    system.setAttribute(file, utf8('com.apple.ResourceFork'), fork)
    system.setAttribute(file, utf8('com.apple.FinderInfo'), new Uint8Array(32))
    assert.deepEqual(
      system.attributesAt(handle, utf8('song')).map(({ name, value }) => [name.length, value.length]),
      [
        ['com.apple.FinderInfo'.length, 32],
        ['com.apple.ResourceFork'.length, 3000],
      ],
    )
    system.removeAttribute(file, utf8('com.apple.FinderInfo'))
    assert.equal(system.attributes(file).length, 1)
    system.close(file)
    system.makeSymlink(handle, utf8('link'), utf8('song'))
    assert.deepEqual(
      system.attributesAt(handle, utf8('link')),
      [],
      'those of the link, not of what it leads to',
    )
    assert.throws(
      () => system.setAttributeAt(handle, utf8('song'), new Uint8Array(200).fill(0x61), fork),
      error => isSystemError(error, 'ERANGE'),
    )
  })

  test('a list of rights goes to libSystem only when it is whole, and every list of its is given back', async () => {
    const standIn = await macosStandIn()
    using folder = await temporaryFolder(undefined, async () => macosSystem(standIn.calls))
    const { system, handle } = folder
    const file = system.createFile(handle, utf8('file'), 0o600)
    const acl = utf8('system.macos_acl')
    system.setAttribute(file, acl, macosList)
    const count = macosList.slice()
    count[39] = 3
    const forged = [
      ...[0, 20, 44, macosList.length - 1].map(length => macosList.slice(0, length)),
      ...[count, new Uint8Array(macosList.length), new Uint8Array(44 + 24 * 200)],
    ]
    for (const value of forged) {
      assert.throws(
        () => system.setAttribute(file, acl, value),
        error => isSystemError(error, 'EINVAL'),
      )
    }
    assert.deepEqual(system.attributes(file), [{ name: acl, value: macosList }])
    system.removeAttribute(file, acl)
    assert.deepEqual(system.attributes(file), [], 'an empty list is none')
    assert.equal(standIn.own.listsHeld(), 0)
    system.close(file)
  })

  test('flags are set beside those of the other, and what is the system’s own is neither kept nor touched', async () => {
    const standIn = await macosStandIn()
    using folder = await temporaryFolder(undefined, async () => macosSystem(standIn.calls))
    const { system, handle } = folder
    const file = system.createFile(handle, utf8('file'), 0o600)
    const { inode } = system.stat(file)
    // UF_COMPRESSED, UF_DATAVAULT, SF_RESTRICTED, SF_FIRMLINK: the system's.
    const systems = 0x0088_00a0
    standIn.own.flags.set(inode, systems)
    assert.deepEqual(system.attributes(file), [])
    const all = new Uint8Array(4).fill(0xff)
    system.setAttribute(file, utf8('system.macos_flags'), all)
    assert.equal(standIn.own.flags.get(inode), systems | 0x800f)
    system.setAttribute(file, utf8('system.macos_super_flags'), all)
    assert.equal(standIn.own.flags.get(inode), systems | 0x17_800f, 'never that it lies in a cloud')
    system.removeAttribute(file, utf8('system.macos_flags'))
    assert.equal(standIn.own.flags.get(inode), systems | 0x17_0000)
    for (const name of ['system.macos_flags', 'system.macos_other'])
      assert.throws(() => system.setAttribute(file, utf8(name), new Uint8Array(3)), isSystemError)
    standIn.own.flags.clear()
    system.close(file)
  })

  test('an extended attribute that calls itself a list of rights is not taken for one', async () => {
    const standIn = await macosStandIn()
    using folder = await temporaryFolder(undefined, async () => macosSystem(standIn.calls))
    const { system, handle } = folder
    const file = system.createFile(handle, utf8('file'), 0o600)
    standIn.calls.fsetxattr(file, utf8('system.macos_acl\0'), macosList, macosList.length, 0, 0)
    assert.deepEqual(system.attributes(file), [])
    system.close(file)
  })

  test('a symlink has no mode to be set', async () => {
    using folder = await temporaryFolder(undefined, async () => macosSystem((await macosStandIn()).calls))
    const { system, handle } = folder
    system.makeSymlink(handle, utf8('link'), utf8('nowhere'))
    assert.throws(
      () => system.setModeAt(handle, utf8('link'), 0o600),
      error => isSystemError(error) && error.errno === constants.errno.EOPNOTSUPP,
    )
  })
}

test('a stat is read where sys/stat.h puts its fields', () => {
  const calls = {
    errno: () => 0,
    fstat: () => 0,
    fstatat(_at: number, _path: Uint8Array, into: Uint8Array) {
      const view = new DataView(into.buffer)
      view.setInt32(0, (1 << 24) | 17, true)
      view.setUint16(4, 0o100644, true)
      view.setUint16(6, 2, true)
      view.setBigUint64(8, 0x1_2345_6789n, true)
      view.setUint32(16, 501, true)
      view.setUint32(20, 20, true)
      view.setBigInt64(48, -5n, true)
      view.setBigInt64(56, 999_999_999n, true)
      view.setBigInt64(64, 1_800_000_000n, true)
      view.setBigInt64(72, 1n, true)
      view.setBigInt64(96, 5_000_000_000n, true)
      view.setBigInt64(104, 16n, true)
      view.setUint32(116, 0x4000_0000, true)
      assert.equal(into.length, statBytes)
      return 0
    },
  }
  const stats = macosStat(calls)
  const stat = emptyStat()
  assert.equal(stats.tryStatAt(-100, utf8('x'), stat), 0)
  assert.deepEqual(stat, {
    ...{ kind: 'file', mode: 0o644, uid: 501, gid: 20, size: 5_000_000_000, blocks: 16, links: 2 },
    ...{ inode: 0x1_2345_6789, deviceMajor: 1, deviceMinor: 17, nodeMajor: 0, nodeMinor: 0, mount: 0 },
    ...{ mtimeS: -5, mtimeNs: 999_999_999, ctimeS: 1_800_000_000, ctimeNs: 1 },
  })
  assert.equal(stats.flags(), 0x4000_0000)
})
