/** What only Windows has, asked of Windows itself, or of wine as far as that keeps it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fromUtf8, utf8, viewOf } from '@backstay/proto/bytes'
import { isSystemError } from './system-error.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { isDescriptor, machinesOwn } from './windows-descriptor.ts'

const file = utf8('file')
const isWine = process.env.BACKSTAY_WINE !== undefined

describe('windows', {
  skip: process.platform !== 'win32' && 'this is not Windows: npm run test:wine',
}, () => {
  test('hidden, system and when it was made come back, by handle and by name', async () => {
    using folder = await temporaryFolder()
    const { system, handle } = folder
    const made = system.createFile(handle, file, 0o600)
    const bits = new Uint8Array([0, 0, 0, 0x26])
    const created = new Uint8Array(8)
    viewOf(created).setBigInt64(0, 131_000_000_000_000_001n)
    system.setAttribute(made, utf8('system.ntfs_attrib_be'), bits)
    system.setAttribute(made, utf8('system.ntfs_crtime_be'), created)
    const found = new Map(system.attributes(made).map(({ name, value }) => [fromUtf8(name), value]))
    system.close(made)
    // wine keeps them in an attribute of the file below, and times of birth not at all.
    if (!isWine) assert.deepEqual(found.get('system.ntfs_crtime_be'), created)
    assert.deepEqual(found.get('system.ntfs_attrib_be'), bits)
    assert.deepEqual([...found.keys()], [...found.keys()].sort())
    const byName = system.attributesAt(handle, file)
    assert.deepEqual(
      byName,
      [...found].map(([name, value]) => ({ name: utf8(name), value })),
    )
  })

  test('a plain file and a plain folder have no bits worth keeping', async () => {
    using folder = await temporaryFolder()
    const { system, handle } = folder
    system.close(system.createFile(handle, file, 0o600))
    for (const found of [system.attributesAt(handle, file), system.attributes(handle)])
      assert(!found.some(({ name }) => fromUtf8(name) === 'system.ntfs_attrib_be'))
  })

  test('a descriptor is read whole and can be set; a damaged one is refused before the system sees it', async () => {
    using folder = await temporaryFolder()
    const { system, handle } = folder
    system.close(system.createFile(handle, file, 0o600))
    const name = utf8('system.ntfs_acl')
    const found = system.attributesAt(handle, file).find(one => fromUtf8(one.name) === fromUtf8(name))
    assert(found !== undefined && isDescriptor(found.value))
    system.setAttributeAt(handle, file, name, found.value)
    assert.throws(
      () => system.setAttributeAt(handle, file, name, machinesOwn().subarray(0, 30)),
      error => isSystemError(error, 'EINVAL'),
    )
  })

  test('streams are attributes, and an attribute of another system is refused', async t => {
    using folder = await temporaryFolder()
    const { system, handle } = folder
    const made = system.createFile(handle, file, 0o600)
    assert.throws(
      () => system.setAttribute(made, utf8('security.selinux'), utf8('x')),
      error => isSystemError(error, 'EOPNOTSUPP'),
    )
    if (isWine) t.diagnostic('wine has no streams')
    else {
      system.setAttribute(made, utf8('user.Zone.Identifier'), utf8('[ZoneTransfer]'))
      const found = system.attributes(made).find(({ name }) => fromUtf8(name) === 'user.Zone.Identifier')
      assert.deepEqual(found?.value, utf8('[ZoneTransfer]'))
      system.removeAttribute(made, utf8('user.Zone.Identifier'))
    }
    system.close(made)
  })

  test('a symlink is made and read, never followed; or nothing stays of it', async t => {
    using folder = await temporaryFolder()
    const { system, handle } = folder
    try {
      system.makeSymlink(handle, utf8('link'), utf8('..\\elsewhere'))
    } catch (error) {
      assert(isSystemError(error))
      assert.deepEqual([...system.listFolder(handle)], [])
      return t.diagnostic(`symlinks cannot be made here: ${error.code}`)
    }
    assert.equal(system.statAt(handle, utf8('link')).kind, 'symlink')
    assert.equal(fromUtf8(system.readLink(handle, utf8('link'))), '..\\elsewhere')
    assert(system.tryOpenFile(handle, utf8('link')) < 0)
  })
})
