import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderChain } from '@backstay/agent/system/folder-chain'
import type { Handle, System } from '@backstay/agent/system/system'
import { temporaryFolder } from '@backstay/agent/system/testing/temporary-folder'
import { utf8 } from '@backstay/proto/bytes'
import { aclValue } from './awkward-tree/rights.ts'
import { compareTrees, type DifferenceKind } from './compare-trees.ts'

type Deed = (system: System, at: Handle) => void
const mebibyte = 1024 * 1024

function makeTree(system: System, at: Handle): void {
  system.makeFolder(at, utf8('folder'), 0o755)
  using chain = folderChain(system, at)
  chain.enter(utf8('folder'))
  fileOf(system, chain.handle, 'file', 'content')
  fileOf(system, chain.handle, 'other', 'content')
  system.makeLink(chain.handle, utf8('file'), at, utf8('linked'))
  fileOf(system, at, 'attributes', '')
  system.setAttributeAt(at, utf8('attributes'), utf8('user.a'), utf8('value'))
  system.makeSymlink(at, utf8('symlink'), utf8('target'))
  system.makeSpecial(at, utf8('fifo'), 'fifo', 0o600)
  const sparse = system.createFile(at, utf8('sparse'), 0o600)
  system.resize(sparse, 4 * mebibyte)
  system.close(sparse)
  for (const name of ['linked', 'attributes', 'symlink', 'fifo', 'sparse'])
    system.setTimeAt(at, utf8(name), 5, 6)
  system.setTimeAt(chain.handle, utf8('other'), 5, 6)
  system.setTimeAt(at, utf8('folder'), 5, 6)
  system.setTime(at, 5, 6)
}

function fileOf(system: System, at: Handle, name: string, content: string): void {
  const file = system.createFile(at, utf8(name), 0o644)
  system.write(file, utf8(content))
  system.close(file)
}

/** Leaves the time of the top as all have it. */
function sameTime(deed: Deed): Deed {
  return (system, at) => {
    deed(system, at)
    system.setTime(at, 5, 6)
  }
}

/** Makes a file anew, with the time that all have. */
function rewritten(name: string, make: Deed): Deed {
  return sameTime((system, at) => {
    system.remove(at, utf8(name))
    make(system, at)
    system.setTimeAt(at, utf8(name), 5, 6)
  })
}

const planted: readonly (readonly [DifferenceKind, string, Deed])[] = [
  ['missing', 'fifo', sameTime((system, at) => system.remove(at, utf8('fifo')))],
  ['extra', 'new%20one', sameTime((system, at) => fileOf(system, at, 'new one', ''))],
  ['kind', 'fifo', rewritten('fifo', (system, at) => system.makeSpecial(at, utf8('fifo'), 'socket', 0o600))],
  [
    'target',
    'symlink',
    rewritten('symlink', (system, at) => system.makeSymlink(at, utf8('symlink'), utf8('targeT'))),
  ],
  ['mode', 'folder', (system, at) => system.setModeAt(at, utf8('folder'), 0o1755)],
  ['time', 'symlink', (system, at) => system.setTimeAt(at, utf8('symlink'), 5, 7)],
  ['time', '.', (system, at) => system.setTime(at, -5, 6)],
  [
    'attributes',
    'attributes',
    (system, at) => system.setAttributeAt(at, utf8('attributes'), utf8('user.b'), utf8('')),
  ],
  [
    'attributes',
    'attributes',
    (system, at) => system.setAttributeAt(at, utf8('attributes'), utf8('user.a'), utf8('Value')),
  ],
  [
    'acl',
    'folder',
    (system, at) => {
      const acl = aclValue([
        ['owner', 7],
        ['group', 5],
        ['other', 5],
      ])
      system.setAttributeAt(at, utf8('folder'), utf8('system.posix_acl_default'), acl)
    },
  ],
  [
    'sparse',
    'sparse',
    rewritten('sparse', (system, at) => {
      const file = system.createFile(at, utf8('sparse'), 0o600)
      system.write(file, new Uint8Array(4 * mebibyte))
      system.close(file)
    }),
  ],
  [
    'content',
    'attributes',
    rewritten('attributes', (system, at) => {
      fileOf(system, at, 'attributes', 'x')
      system.setAttributeAt(at, utf8('attributes'), utf8('user.a'), utf8('value'))
    }),
  ],
  ['link_group', 'folder/file', rewritten('linked', (system, at) => fileOf(system, at, 'linked', 'content'))],
]

test('equal trees are equal', async () => {
  using a = await temporaryFolder()
  using b = await temporaryFolder()
  makeTree(a.system, a.handle)
  makeTree(b.system, b.handle)
  assert.deepEqual(await compareTrees(a.path, b.path), [])
})

for (const [kind, path, deed] of planted) {
  test(`a planted difference is the only one found: ${kind} of ${path}`, async () => {
    using a = await temporaryFolder()
    using b = await temporaryFolder()
    makeTree(a.system, a.handle)
    makeTree(b.system, b.handle)
    deed(b.system, b.handle)
    const found = await compareTrees(a.path, b.path)
    if (kind === 'link_group') {
      // The name that stayed first names the group for the ones after it.
      assert.deepEqual(
        found.map(difference => difference.kind),
        ['link_group'],
      )
      return
    }
    assert.deepEqual(
      found.map(difference => [difference.kind, difference.path]),
      [[kind, path]],
    )
  })
}

test('owners and device numbers differ', async t => {
  using a = await temporaryFolder()
  using b = await temporaryFolder()
  if (a.system.effectiveUser() !== 0) return t.skip('only root gives files away and makes devices')
  for (const [{ system, handle }, minor] of [
    [a, 3],
    [b, 4],
  ] as const) {
    system.makeSpecial(handle, utf8('device'), 'character_device', 0o600, { major: 1, minor })
    system.makeSymlink(handle, utf8('link'), utf8('x'))
    system.setOwnerAt(handle, utf8('link'), minor, 0)
    for (const name of ['device', 'link']) system.setTimeAt(handle, utf8(name), 5, 6)
    system.setTime(handle, 5, 6)
  }
  const found = await compareTrees(a.path, b.path)
  assert.deepEqual(
    found.map(difference => [difference.kind, difference.path]),
    [
      ['device', 'device'],
      ['owner', 'link'],
    ],
  )
  assert.deepEqual(await compareTrees(a.path, b.path, { ignore: ['device', 'owner'] }), [])
})

test('the bytes after a hole that both have are compared', async () => {
  using a = await temporaryFolder()
  using b = await temporaryFolder()
  for (const [{ system, handle }, byte] of [
    [a, 1],
    [b, 2],
  ] as const) {
    const file = system.createFile(handle, utf8('sparse'), 0o600)
    system.write(file, new Uint8Array([byte]), 64 * mebibyte)
    system.setTime(file, 5, 6)
    system.close(file)
    system.setTime(handle, 5, 6)
  }
  const [difference, ...others] = await compareTrees(a.path, b.path)
  assert.equal(difference?.kind, 'content')
  assert.equal(difference?.detail, `from byte ${64 * mebibyte} on`)
  assert.deepEqual(others, [])
})
