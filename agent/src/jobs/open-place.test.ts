// The user whose home it is may exchange whatever lies in it, at the worst moment.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { geteuid } from 'node:process'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { isFailure } from '@backstay/proto/failure'
import { pathCalls } from '../system/path-calls.ts'
import type { Handle, System } from '../system/system.ts'
import { temporaryFolder } from '../system/testing/temporary-folder.ts'
import { openPlace } from './open-place.ts'
import { baseFor, type Places } from './restored-place.ts'

const placesOf = (...homes: readonly string[]): Places => ({
  homes,
  realPath: pathCalls.realPath,
  elsewhere: '/nowhere',
  isOwnHome: () => true,
  freeBytes: () => 0,
})

test('what is exchanged between making a folder and opening it is not taken', async () => {
  using parent = await temporaryFolder()
  const home = join(parent.path, 'ada')
  const secret = join(parent.path, 'secret')
  const exchanges: Record<string, (made: string) => void> = {
    'by a symlink': made => fs.symlinkSync(secret, made),
    'by a folder with something in it': made => {
      fs.mkdirSync(made)
      fs.writeFileSync(join(made, 'root-owned'), '')
    },
    'by nothing': () => undefined,
    ...(geteuid?.() === 0 && {
      'by a folder of their own': (made: string) => {
        fs.mkdirSync(made)
        fs.chownSync(made, 12_345, 12_345)
      },
    }),
  }
  const places = placesOf(home)
  for (const name of ['Restored', 'job']) {
    for (const [how, exchange] of Object.entries(exchanges)) {
      fs.rmSync(home, { recursive: true, force: true })
      fs.rmSync(secret, { recursive: true, force: true })
      fs.mkdirSync(home)
      fs.mkdirSync(secret, { mode: 0o755 })
      const after = (made: Uint8Array) => {
        if (Buffer.from(made).toString() !== name) return
        const path = join(home, name === 'job' ? 'Restored/job' : name)
        fs.rmdirSync(path)
        exchange(path)
      }
      const system = exchanging(parent.system, after)
      const base = { folder: join(home, 'Restored'), home }
      assert.throws(
        () => openPlace(system, base, 'job', places),
        error => isFailure(error, 'bad_home') || isFailure(error, 'bad_target'),
        `${name} ${how}`,
      )
      assert.deepEqual([fs.statSync(secret).uid, fs.readdirSync(secret)], [geteuid?.(), []])
    }
  }
})

test('the innermost home counts, and a name that only begins like one does not', () => {
  const places = placesOf('/home/ada', '/home/ada/guest', '/root')
  const home = (path: string, isRoot = true) => baseFor(componentsOf(utf8(path)), places, isRoot).home
  assert.equal(home('/home/ada/papers'), '/home/ada')
  assert.equal(home('/home/ada/guest/x'), '/home/ada/guest')
  assert.equal(home('/home/ada'), '/home/ada')
  for (const path of ['/home/adam', '/home', '/', '/srv/home/ada']) assert.equal(home(path), undefined)
  assert.equal(home('/srv', false), '/home/ada', 'an agent that is not root’s has one home')
})

/** A system in which somebody else is quick. */
function exchanging(system: System, after: (made: Uint8Array) => void): System {
  return {
    ...system,
    makeFolder(at: Handle, name: Uint8Array, mode: number) {
      system.makeFolder(at, name, mode)
      after(name)
    },
    tryMakeFolder(at: Handle, name: Uint8Array, mode: number) {
      const made = system.tryMakeFolder(at, name, mode)
      if (made === 0) after(name)
      return made
    },
  }
}
