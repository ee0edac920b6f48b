import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { compareBytes, hex, utf8 } from '@backstay/proto/bytes'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { pathOf } from '@backstay/proto/content/map/key'
import { excludesOf } from '@backstay/proto/policy/excludes'
import type { System } from '../system/system.ts'
import { temporaryFolder } from '../system/testing/temporary-folder.ts'
import { rootTree } from './roots.ts'
import { type Left, type Run, type Step, type Wait, walk } from './walk.ts'

const text = (path: readonly Uint8Array[]) =>
  path
    .map(part => new TextDecoder().decode(part))
    .join('/')
    .slice(1)
const root = (path: string, patterns: readonly string[] = []) => ({
  path: utf8(path),
  excludes: excludesOf(patterns),
})

/** Steps below a folder, by path; the key order is checked on the way. */
function walked(system: System, steps: Iterable<Step | Run | Left | Wait>, below: string): string[] {
  const found: string[] = []
  let before: Uint8Array | undefined
  for (const step of steps) {
    if (step.kind === 'left') system.close(step.handle)
    if (!('key' in step)) continue
    assert.ok(before === undefined || compareBytes(before, step.key) < 0, `order at ${hex(step.key)}`)
    before = step.key.slice()
    const path = text(pathOf(step.key))
    if (path.startsWith(below)) found.push(`${step.kind} ${path.slice(below.length)}`)
  }
  return found
}

test('a walk comes by everything once, in the order of the map, and follows no link', async () => {
  using folder = await temporaryFolder()
  for (const name of ['b/x', 'a/b/c', 'ab', 'a-b', 'a/z']) {
    mkdirSync(join(folder.path, name, '..'), { recursive: true })
    writeFileSync(join(folder.path, name), '')
  }
  symlinkSync('/etc', join(folder.path, 'link'))
  const steps = walk({ system: folder.system, roots: rootTree([root(folder.path)]) })
  assert.deepEqual(walked(folder.system, steps, `${folder.path}/`), [
    'found a',
    'found a-b',
    'found ab',
    'found b',
    'found link',
    'found a/b',
    'found a/z',
    'found a/b/c',
    'found b/x',
  ])
})

test('several roots are one walk; one within another is walked once; one that is gone is said', async () => {
  using folder = await temporaryFolder()
  for (const name of ['one/file', 'two/deep/file', 'three/file']) {
    mkdirSync(join(folder.path, name, '..'), { recursive: true })
    writeFileSync(join(folder.path, name), '')
  }
  const roots = ['two/deep', 'one', 'two', 'gone', 'one'].map(name => root(join(folder.path, name)))
  const steps = walk({ system: folder.system, roots: rootTree(roots) })
  assert.deepEqual(walked(folder.system, steps, `${folder.path}/`), [
    'missing_root gone',
    'found one',
    'found two',
    'found one/file',
    'found two/deep',
    'found two/deep/file',
  ])
})

test('excluded folders are not entered', async () => {
  using folder = await temporaryFolder()
  for (const name of ['keep/a', 'node_modules/x/y', 'keep/node_modules/z']) {
    mkdirSync(join(folder.path, name, '..'), { recursive: true })
    writeFileSync(join(folder.path, name), '')
  }
  const steps = walk({ system: folder.system, roots: rootTree([root(folder.path, ['node_modules/'])]) })
  assert.deepEqual(walked(folder.system, steps, `${folder.path}/`), ['found keep', 'found keep/a'])
})

test('a folder that cannot be listed is said once, with its prefix', async () => {
  using folder = await temporaryFolder()
  mkdirSync(join(folder.path, 'closed'))
  writeFileSync(join(folder.path, 'closed/inside'), '')
  const system = {
    ...folder.system,
    tryOpenFolder: (at: number, name: Uint8Array) =>
      new TextDecoder().decode(name) === 'closed' ? -13 : folder.system.tryOpenFolder(at, name),
  }
  const steps = [...walk({ system, roots: rootTree([root(folder.path)]) })]
  const blocked = steps.filter(step => step.kind === 'blocked')
  assert.equal(blocked.length, 1)
  assert.deepEqual([blocked[0]?.reason, blocked[0]?.detail], ['denied', 'EACCES'])
})

test('the file systems of the kernel are not walked', async () => {
  using folder = await temporaryFolder()
  const steps = walk({ system: folder.system, roots: rootTree([root('/proc')]) })
  assert.deepEqual(walked(folder.system, steps, '/proc'), ['found '])
})

test('paths that are not absolute, or lead upwards, are no roots', () => {
  for (const bad of ['relative', '', '/a/../b', '/a/\0b'])
    assert.throws(() => componentsOf(utf8(bad)), { code: 'bad_root' })
  assert.deepEqual(
    componentsOf(utf8('//a/./b/')).map(part => new TextDecoder().decode(part)),
    ['/', 'a', 'b'],
  )
  assert.throws(() => excludesOf(['  ']), { code: 'bad_exclude' })
})
