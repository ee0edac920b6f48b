import assert from 'node:assert/strict'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fromHex, utf8 } from '@backstay/proto/bytes'
import { isSystemError } from './system-error.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

test('attributes come back as bytes, sorted by name, by handle and by name', async () => {
  using folder = await temporaryFolder()
  const { system, handle, path } = folder
  writeFileSync(join(path, 'file'), '')
  const name = utf8('file')
  const file = system.openFile(handle, name)
  assert.deepEqual(system.attributes(file), [])
  const attributes = [
    { name: utf8('user.a'), value: new Uint8Array([0, 255, 0]) },
    { name: utf8('user.empty'), value: new Uint8Array() },
    { name: new Uint8Array([...utf8('user.'), 0xff, 0xfe]), value: utf8('x') },
  ]
  for (const { name, value } of attributes.toReversed()) system.setAttribute(file, name, value)
  assert.deepEqual(system.attributes(file), attributes)
  assert.deepEqual(system.attributesAt(handle, name), attributes)
  system.removeAttribute(file, utf8('user.a'))
  assert.equal(system.attributes(file).length, 2)
  system.close(file)
})

test('a large value comes back whole', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  // One block of ext4, less its headers.
  const value = new Uint8Array(3900).map((_, index) => index % 251)
  system.setAttribute(handle, utf8('user.large'), value)
  assert.deepEqual(system.attributes(handle)[0]?.value, value)
})

test('ACLs are attributes, access and default', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  // Version 2, then (tag u16, permissions u16, id u32): owner rwx, user 1000 r--, group r-x, mask r-x, other ---.
  const acl = fromHex(
    '02000000' +
      '01000700ffffffff' +
      '02000400e8030000' +
      '04000500ffffffff' +
      '10000500ffffffff' +
      '20000000ffffffff',
  ) as Uint8Array
  for (const kind of ['access', 'default']) {
    system.setAttribute(handle, utf8(`system.posix_acl_${kind}`), acl)
  }
  const found = system.attributes(handle)
  assert.deepEqual(
    found.map(attribute => new TextDecoder().decode(attribute.name)),
    ['system.posix_acl_access', 'system.posix_acl_default'],
  )
  for (const { value } of found) assert.deepEqual(value, acl)
})

test('a symlink and a FIFO have attributes of their own; the target keeps its', async t => {
  using folder = await temporaryFolder()
  const { system, handle, path } = folder
  writeFileSync(join(path, 'file'), '')
  symlinkSync('file', join(path, 'link'))
  system.makeSpecial(handle, utf8('pipe'), 'fifo', 0o600)
  assert.deepEqual(system.attributesAt(handle, utf8('link')), [])
  if (system.effectiveUser() !== 0) return t.diagnostic('trusted attributes need root')
  for (const name of ['link', 'pipe']) {
    system.setAttributeAt(handle, utf8(name), utf8('trusted.own'), utf8(name))
    assert.deepEqual(system.attributesAt(handle, utf8(name)), [
      { name: utf8('trusted.own'), value: utf8(name) },
    ])
  }
  assert.deepEqual(system.attributesAt(handle, utf8('file')), [])
})

test('user attributes of a symlink and names without a namespace are refused', async () => {
  using folder = await temporaryFolder()
  const { system, handle, path } = folder
  symlinkSync('file', join(path, 'link'))
  assert.throws(
    () => system.setAttributeAt(handle, utf8('link'), utf8('user.x'), utf8('')),
    error => isSystemError(error, 'EPERM'),
  )
  assert.throws(
    () => system.setAttribute(handle, utf8('plain'), utf8('')),
    error => isSystemError(error, 'ENOTSUP'),
  )
  assert.throws(
    () => system.setAttribute(handle, utf8(`user.${'n'.repeat(300)}`), utf8('')),
    error => isSystemError(error, 'ERANGE'),
  )
})
