// What only macOS keeps of a file, on its way back: locked files are written all the same, and nothing is lost over it.
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { fromHex, utf8 } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'
import { macosSystem } from '../system/macos.ts'
import { macosStandIn } from '../system/testing/macos-stand-in.ts'
import { macosList } from '../system/testing/own-attributes.ts'
import { temporaryFolder } from '../system/testing/temporary-folder.ts'
import { openTarget, type TargetOptions } from './target.ts'
import { entry, file, folder, path, runs, symlink } from './testing/entries.ts'
import { targetFolder } from './testing/target-folder.ts'

const acl = { name: utf8('system.macos_acl'), value: macosList }
const flags = (name: string, hex: string): Attribute => ({
  name: utf8(`system.macos_${name}`),
  value: fromHex(hex) ?? new Uint8Array(),
})
/** UF_IMMUTABLE and hidden; SF_IMMUTABLE. */
const locked = flags('flags', '00008002')
const lockedByRoot = flags('super_flags', '00020000')
const all = [acl, locked, lockedByRoot]
const hashed = (content: string, attributes: readonly Attribute[]) =>
  file(content, { attributes, sha256: new Uint8Array(hash('sha256', content, 'buffer')) })

async function macTarget(options: Partial<TargetOptions>) {
  const standIn = await macosStandIn()
  const place = await temporaryFolder(undefined, async () => macosSystem(standIn.calls))
  const { system, handle } = place
  const rules = { asRoot: true, ownership: false, conflict: 'suffix', ...options } as const
  return {
    target: openTarget(system, utf8(`${place.path}/target`), rules),
    attributesOf(name: string): readonly Attribute[] {
      const top = system.openFolder(handle, utf8('target'))
      const found = system.attributesAt(top, utf8(name))
      system.close(top)
      return found
    },
    setOnTop: ({ name, value }: Attribute) => system.setAttributeAt(handle, utf8('target'), name, value),
    again: () => openTarget(system, utf8(`${place.path}/target`), rules),
    inodes: () => new Set(standIn.own.flags.keys()).size,
    [Symbol.dispose]() {
      standIn.own.flags.clear()
      place[Symbol.dispose]()
    },
  }
}

const goesOn = { mayEnter: () => true, isClosed: true, sign: utf8('.backstay-part-0000000000000000') }

if (process.platform === 'linux') {
  for (const [how, options] of Object.entries({ 'in place': {}, 'as parts first': { goesOn } })) {
    test(`locked files, links and folders come back with all in them, written ${how}`, async () => {
      using mac = await macTarget(options)
      const { target } = mac
      const [small, bytes] = hashed('small', all)
      target.writeSmall(path('folder'), folder({ attributes: all }))
      target.writeSmall(path('link'), symlink('small', { attributes: all }))
      target.writeSmall(path('small'), small, bytes)
      target.writeLater(path('later'), small, [{ inline: bytes }])
      assert.deepEqual(await target.settled(), [])
      await target.write(path('streamed'), entry({ size: 5, attributes: all }), runs('hello'))
      target.writeSmall(path('folder/inside'), small, bytes)
      const report = target.finish()
      assert.deepEqual(report.issues, [])
      assert.equal(report.written, 6)
      for (const name of ['folder', 'link', 'small', 'later', 'streamed'])
        assert.deepEqual(mac.attributesOf(name), all, name)
    })
  }

  test('the owner’s flags come back by default, the super-user’s are listed', async () => {
    using mac = await macTarget({ asRoot: false })
    mac.target.writeSmall(path('small'), ...file('small', { attributes: all }))
    const { issues } = mac.target.finish()
    assert.deepEqual(
      issues.map(({ what, detail }) => [what, detail]),
      [['attribute', 'system.macos_super_flags: only root restores it, when asked to']],
    )
    assert.deepEqual(mac.attributesOf('small'), [acl, locked])
  })

  test('where a list is inherited, what comes back has its own, or none', async () => {
    using mac = await macTarget({})
    mac.target.finish()
    // `everyone allow read`, for all that is made below.
    const inheritedBelow = macosList.slice(0, 68)
    inheritedBelow[39] = 1
    inheritedBelow.set([0, 0, 0, 0x61], 60)
    mac.setOnTop({ name: acl.name, value: inheritedBelow })
    const target = mac.again()
    target.writeSmall(path('plain'), ...file('plain'))
    target.writeSmall(path('own'), ...file('own', { attributes: [acl] }))
    target.writeSmall(path('folder'), folder())
    await target.write(path('streamed'), entry({ size: 5 }), runs('hello'))
    assert.deepEqual(target.finish().issues, [])
    for (const name of ['plain', 'folder', 'streamed']) assert.deepEqual(mac.attributesOf(name), [], name)
    assert.deepEqual(mac.attributesOf('own'), [acl])
  })

  test('a second name of a locked file is a copy, and that is listed', async () => {
    using mac = await macTarget({})
    const linkGroup = new Uint8Array(16).fill(1)
    const linked = file('linked', { attributes: [locked], linkGroup })
    for (const name of ['one', 'two']) mac.target.writeSmall(path(name), ...linked)
    const { issues, written } = mac.target.finish()
    assert.deepEqual(
      issues.map(({ what, detail }) => [what, detail]),
      [['copied_link', 'EPERM']],
    )
    assert.equal(written, 2)
    assert.deepEqual([mac.attributesOf('two'), mac.inodes()], [[locked], 2])
  })

  test('what goes on locks a file that was cut off before it was locked', async () => {
    using mac = await macTarget({ goesOn })
    mac.target.writeSmall(path('small'), ...hashed('small', []))
    const [small, bytes] = hashed('small', [locked])
    assert.equal(mac.target.writeSmall(path('small'), small, bytes).what, 'there')
    mac.target.finish()
    assert.deepEqual(mac.attributesOf('small'), [locked])
  })

  test('a forged list of rights is refused and listed, and the file is there', async () => {
    using mac = await macTarget({})
    const forged = { name: acl.name, value: macosList.slice(0, 60) }
    mac.target.writeSmall(path('small'), ...file('small', { attributes: [forged] }))
    const report = mac.target.finish()
    assert.deepEqual([report.written, report.issues[0]?.detail], [1, 'system.macos_acl: EINVAL'])
  })
}

test('another system says once that it keeps none of macOS, and none of Windows', async () => {
  using place = await targetFolder()
  const target = place.open()
  const windows = { name: utf8('system.ntfs_acl'), value: new Uint8Array(20) }
  for (const name of ['one', 'two'])
    target.writeSmall(path(name), ...file(name, { attributes: [...all, windows] }))
  const { issues } = target.finish()
  assert.deepEqual(
    issues.map(({ detail }) => detail),
    [
      'this file system keeps no access control lists and flags of macOS',
      'this file system keeps no attributes and permissions of Windows',
    ],
  )
})
