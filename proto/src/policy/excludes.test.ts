import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isFailure } from '../failure.ts'
import { excludesOf } from './excludes.ts'
import { presets } from './places.ts'

test('patterns mean what they mean in .gitignore: names anywhere, paths from the root, folders, and exceptions', () => {
  const excludes = excludesOf(['*.tmp', '/build/', 'cache/', '!keep.tmp'])
  assert.ok(excludes !== undefined)
  const asked: readonly (readonly [string, boolean, boolean])[] = [
    ['a.tmp', false, true],
    ['deep/er/a.tmp', false, true],
    ['deep/keep.tmp', false, false],
    ['a.TMP', false, false],
    ['build', true, true],
    ['build', false, false],
    ['deep/build', true, false],
    ['deep/cache', true, true],
    ['deep/cache/keep.tmp', false, true],
    ['~', false, false],
    ['...', false, false],
  ]
  for (const [path, folder, expected] of asked)
    assert.equal(excludes.excluded(path, folder), expected, `${path}${folder ? '/' : ''}`)
})

test('no patterns match nothing, and what is no pattern is refused', () => {
  assert.equal(excludesOf([]), undefined)
  for (const pattern of ['', ' ', 'a\0b'])
    assert.throws(
      () => excludesOf([pattern]),
      error => isFailure(error, 'bad_exclude'),
    )
})

test("a server's preset leaves out what a collector on the same machine stores, and keeps its keys", () => {
  const excludes = excludesOf(presets.server?.linux.excludes ?? [])
  assert.ok(excludes !== undefined)
  assert.ok(excludes.excluded('lib/backstay/packs', true))
  assert.ok(excludes.excluded('lib/backstay/catalog.sqlite', false))
  assert.ok(excludes.excluded('lib/backstay/catalog.sqlite-wal', false))
  assert.ok(!excludes.excluded('lib/backstay', true))
  assert.ok(!excludes.excluded('lib/backstay/identity/collector-keys.json', false))
})

test('answers stay the same however many were asked for, and none is kept', () => {
  const excludes = excludesOf(['*.tmp', '!important.tmp', '/build/'])
  assert.ok(excludes !== undefined)
  const before = heapBytes()
  for (let index = 0; index < 200_000; index++) {
    const folder = `folder-${index % 400}/of-some-length/below-another-${index >> 9}`
    assert.equal(excludes.excluded(`${folder}/file-${index}.tmp`, false), true)
    if (index % 100 > 0) continue
    assert.equal(excludes.excluded(`${folder}/important.tmp`, false), false)
    assert.equal(excludes.excluded(`build/${folder}/file-${index}`, false), true)
  }
  const grew = heapBytes() - before
  assert.ok(grew < 4 * 1024 * 1024, `the heap grew by ${grew} bytes`)
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}
