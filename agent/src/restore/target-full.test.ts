import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import type { System } from '../system/system.ts'
import { SystemError } from '../system/system-error.ts'
import { openTarget } from './target.ts'
import { entry, file, folder, path, runs } from './testing/entries.ts'
import { targetFolder } from './testing/target-folder.ts'

const full = (error: unknown): boolean => {
  assert(isFailure(error, 'disk_full'))
  assert.equal(error.remedy, 'repair')
  assert.match(error.hint ?? '', /free some space/)
  return true
}

/** A disk on which nothing can be written after so many writes. */
function filling(system: System, writes: number, errno: number): System {
  let left = writes
  const spend = () => {
    if (left-- <= 0) throw new SystemError(errno, 'write')
  }
  return {
    ...system,
    write(...given) {
      spend()
      system.write(...given)
    },
    writeAround(...given) {
      spend()
      system.writeAround(...given)
    },
  }
}

for (const [errno, why] of [
  [28, /its disk is full/],
  [122, /the quota/],
] as const) {
  test(`a full disk (${errno}) ends the restore by name; what was written stays, half files do not`, async () => {
    using place = await targetFolder()
    using target = place.open({}, filling(place.system, 3, errno))
    target.writeSmall(path('a'), folder())
    target.writeSmall(path('a/1'), ...file('one'))
    target.writeSmall(path('a/2'), ...file('two'))
    await assert.rejects(target.write(path('a/3'), entry({ size: 4 }), runs('th', 're')), error => {
      assert.match((error as Error).message, why)
      assert((error as Error).message.includes(place.path))
      return full(error)
    })
    assert.throws(() => target.writeSmall(path('a/4'), ...file('four')), full)
    assert.deepEqual(target.finish().written, 3)
    assert.deepEqual(place.names('a'), ['1', '2'])
  })
}

test('a disk that is really full', async t => {
  using place = await targetFolder()
  mkdirSync(place.path)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place.path])
  if (mounted.status !== 0) return t.skip('mounting a small file system needs root')
  try {
    using target = openTarget(place.system, utf8(place.path), {
      asRoot: true,
      ownership: true,
      conflict: 'suffix',
    })
    target.writeSmall(path('fits'), entry({ size: 500_000 }), new Uint8Array(500_000).fill(1))
    const large = new Uint8Array(900_000).fill(2)
    assert.throws(() => target.writeSmall(path('small'), entry({ size: large.length }), large), full)
    await assert.rejects(target.write(path('large'), entry({ size: 900_000 }), runs({ data: large })), full)
    target.writeSmall(path('fits-too'), ...file('x'))
    target.finish()
    assert.deepEqual(place.names(), ['fits', 'fits-too'])
  } finally {
    spawnSync('umount', [place.path])
  }
})
