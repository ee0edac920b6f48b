import assert from 'node:assert/strict'
import { constants, tmpdir } from 'node:os'
import { describe, test } from 'node:test'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { boundedThreads } from '../threads/bounded-threads.ts'
import type { Asked, BoundedCalls } from './bounded-calls.ts'
import { boundedSystem } from './bounded-system.ts'
import { loadSystem } from './load.ts'
import { emptyStat, fromRoot, type System } from './system.ts'
import { SystemError } from './system-error.ts'
import { linux } from './testing/linux-traits.ts'
import { systemConformance } from './testing/system-conformance.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const { ETIMEDOUT, EACCES } = constants.errno

describe('a system of which a thread makes every call', { skip: process.platform !== 'linux' }, () => {
  const calls = boundedThreads()
  const asked = new Set<string>()
  const counted: BoundedCalls = {
    ask(place, one) {
      asked.add(one.name)
      return calls.ask(place, one)
    },
    tell: calls.tell,
  }
  const load = async () =>
    boundedSystem(await loadSystem(), { calls: counted, mounts: () => [tmpdir()] }).system
  systemConformance(linux, load)

  test('is asked of a thread indeed', () => {
    for (const name of ['tryStatAt', 'read', 'listFolder', 'write', 'rename', 'attributes', 'openFolder'])
      assert.ok(asked.has(name), name)
  })
})

interface Stage {
  readonly system: System
  readonly asked: Asked[]
  readonly places: ReturnType<typeof boundedSystem>['places']
  readonly top: string
  /** What lies there answers no more. */
  hang(): void
}

async function withStage(
  deed: (stage: Stage) => void,
  isFar = (path: string) => `${path}/far`,
): Promise<void> {
  using folder = await temporaryFolder()
  const near = await loadSystem()
  for (const name of ['far', 'near']) near.makeFolder(folder.handle, utf8(name), 0o700)
  const asked: Asked[] = []
  let hangs = false
  const calls: BoundedCalls = {
    ask(_place, one) {
      asked.push(one)
      if (hangs) throw new SystemError(ETIMEDOUT, one.name)
      if (one.name === 'tryStatAt') {
        const stat = emptyStat()
        return { failed: near.tryStatAt(...(one.words as [number, Bytes]), stat), stat }
      }
      return (near[one.name as keyof System] as (...words: readonly unknown[]) => unknown)(...one.words)
    },
    tell: (_place, one) => void asked.push(one),
  }
  const bounded = boundedSystem(near, { calls, mounts: () => [isFar(folder.path)] })
  const hang = () => {
    hangs = true
  }
  deed({ ...bounded, asked, top: folder.path, hang })
}

const there = utf8('there')

test('only what lies on a mount is asked of others, and what leads there is known', () =>
  withStage(({ system, places, asked, top }) => {
    const above = system.openFolder(fromRoot, utf8(top))
    const near = system.openFolder(above, utf8('near'))
    system.makeFolder(near, there, 0o700)
    assert.equal(asked.length, 0)
    assert.deepEqual([places.leadsFar(above), places.mountOf(above)], [true, undefined])
    assert.deepEqual([places.leadsFar(near), places.mountOf(near)], [false, undefined])
    const far = system.openFolder(above, utf8('far'))
    system.makeFolder(far, there, 0o700)
    const below = system.openFolder(far, there)
    assert.deepEqual([places.leadsFar(below), places.mountOf(below)], [true, `${top}/far`])
    assert.equal(system.fileSystemKind(below), 'network')
    for (const handle of [below, far, near, above]) system.close(handle)
    assert.deepEqual(
      asked.map(({ name }) => name),
      ['openFolder', 'makeFolder', 'openFolder', 'close', 'close'],
    )
    assert.equal(places.leadsFar(above), false, 'a handle that is closed may be another by now')
  }))

test('a folder beside, whose name begins like that of a mount, is near', () =>
  withStage(
    ({ system, asked, top }) => {
      system.close(system.openFolder(fromRoot, utf8(`${top}/far`)))
      assert.equal(asked.length, 0)
    },
    path => `${path}/fa`,
  ))

test('what does not answer in time is an error of that place, and of no other', () =>
  withStage(({ system, top, hang }) => {
    const above = system.openFolder(fromRoot, utf8(top))
    const far = system.openFolder(above, utf8('far'))
    hang()
    const stat = emptyStat()
    const late = (error: unknown) => error instanceof SystemError && error.code === 'ETIMEDOUT'
    assert.equal(system.tryStatAt(above, utf8('far'), stat), -ETIMEDOUT)
    assert.equal(system.tryStat(far, stat), -ETIMEDOUT)
    assert.equal(system.tryOpenFolder(fromRoot, utf8(`${top}/far/x`)), -ETIMEDOUT)
    assert.equal(system.tryRead(far, new Uint8Array(1)), -ETIMEDOUT)
    assert.throws(() => [...system.listFolder(far)], late)
    assert.throws(() => system.attributes(far), late)
    assert.equal(system.tryStatAt(above, utf8('near'), stat), 0)
    assert.deepEqual([...system.listFolder(above)].length, 2)
    for (const handle of [far, above]) system.close(handle)
  }))

test('where a path leads is remembered for the time in which nobody answers', () => {
  let failing: number | undefined
  const calls: BoundedCalls = {
    ask(_place, { name }) {
      if (failing !== undefined) throw new SystemError(failing, name)
      return name === 'realPath' ? utf8('/srv/home') : name === 'exists' ? true : ['kim']
    },
    tell: () => undefined,
  }
  const { places } = boundedSystem({} as System, { calls, mounts: () => ['/net'] })
  const ask = () => [places.realPath(utf8('/home')), places.exists(utf8('/home')), places.foldersIn('/home')]
  const known = ask()
  assert.deepEqual(known, [utf8('/srv/home'), true, ['kim']])
  failing = ETIMEDOUT
  assert.deepEqual(ask(), known)
  assert.deepEqual(places.realPath(utf8('/other')), utf8('/other'))
  assert.equal(places.exists(utf8('/other')), false)
  assert.deepEqual(places.foldersIn('/other'), [])
  failing = EACCES
  assert.throws(() => places.exists(utf8('/home')), { code: 'EACCES' })
})

test('where nothing is mounted that could hang, nobody else is asked', async () => {
  const calls: BoundedCalls = {
    ask: () => assert.fail('asked'),
    tell: () => assert.fail('told'),
  }
  using folder = await temporaryFolder()
  const { system, places } = boundedSystem(await loadSystem(), { calls, mounts: () => [] })
  system.close(system.openFolder(fromRoot, utf8(folder.path)))
  assert.deepEqual(places.realPath(utf8('/nowhere/at/all')), utf8('/nowhere/at/all'))
  assert.equal(places.exists(utf8('/nowhere/at/all')), false)
})
