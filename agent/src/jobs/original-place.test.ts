// Where no number says whose a folder is, only homes are written into. What owners allow: restore-job.test.ts.
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { isFailure } from '@backstay/proto/failure'
import { pathCalls } from '../system/path-calls.ts'
import type { System } from '../system/system.ts'
import { temporaryFolder } from '../system/testing/temporary-folder.ts'
import { openOriginal } from './original-place.ts'
import type { Places } from './restored-place.ts'

test('without owners by number, a home is gone back into and made whole, and nothing else is', async () => {
  using parent = await temporaryFolder()
  const system: System = { ...parent.system, numbersOwners: false, effectiveUser: () => 0 }
  const home = join(parent.path, 'ada')
  mkdirSync(join(parent.path, 'shared'))
  mkdirSync(home)
  symlinkSync(join(parent.path, 'shared'), join(home, 'away'))
  const places: Places = {
    ...{ homes: [home], realPath: pathCalls.realPath, elsewhere: '/nowhere' },
    ...{ isOwnHome: () => true, freeBytes: () => 0 },
  }
  const path = (text: string) => componentsOf(utf8(text))
  const open = (wish: string, root: string) =>
    openOriginal(system, path(`${parent.path}/${wish}`), true, [path(`${parent.path}/${root}`)], places)
  const refused = (wish: string, root: string, code: string) =>
    assert.throws(
      () => open(wish, root),
      error => isFailure(error, code),
      wish,
    )
  {
    using place = open('ada/papers/deep', 'ada/papers')
    assert.deepEqual([place.isFresh, place.ownership], [true, false])
    assert.ok(place.mayEnter(place.handle))
  }
  refused('shared/data', 'shared', 'not_in_place')
  refused('shared/data', 'ada', 'not_in_place')
  refused('ada/away/x', 'ada/away', 'bad_place')
})
