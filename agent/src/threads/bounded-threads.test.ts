import assert from 'node:assert/strict'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { utf8 } from '@backstay/proto/bytes'
import type { Asked, BoundedCalls } from '../system/bounded-calls.ts'
import { fromRoot } from '../system/system.ts'
import { temporaryFolder } from '../system/testing/temporary-folder.ts'
import { boundedThreads, isAnyHeldUp } from './bounded-threads.ts'

const onLinux = { skip: process.platform !== 'linux' }
const late = { code: 'ETIMEDOUT' }

/** Reading from a pipe that nobody writes into holds up a thread in the kernel, as a share does whose server is gone. */
async function withPipe(deed: (read: Asked, release: () => void) => void | Promise<void>): Promise<void> {
  using folder = await temporaryFolder()
  folder.system.makeSpecial(folder.handle, utf8('pipe'), 'fifo', 0o600)
  const pipe = openSync(`${folder.path}/pipe`, constants.O_RDWR)
  try {
    await deed({ name: 'read', words: [pipe, 1] }, () => writeSync(pipe, 'x'))
  } finally {
    closeSync(pipe)
  }
}

const exists = (path: string): Asked => ({ name: 'exists', words: [utf8(path)] })

/** A thread that came back says so with the next question. */
async function untilBack(calls: BoundedCalls, place: string): Promise<void> {
  for (;;) {
    try {
      calls.ask(place, exists('/'))
      return
    } catch {
      await delay(5)
    }
  }
}

test('a call that is held up is given up, and holds up no other place', onLinux, () =>
  withPipe(async (read, release) => {
    const calls = boundedThreads({ answerMs: 2000, nextAnswerMs: 60_000 })
    assert.equal(calls.ask('share', exists('/')), true)
    assert.throws(() => calls.ask('share', read), late)
    assert.ok(isAnyHeldUp())
    assert.equal(calls.ask('other', exists('/')), true)
    assert.equal(calls.ask('other', exists('/nowhere/at/all')), false)
    const before = performance.now()
    for (let again = 0; again < 100; again++) assert.throws(() => calls.ask('share', exists('/')), late)
    assert.ok(performance.now() - before < 2000, 'whoever asks such a place again does not wait again')
    release()
    await untilBack(calls, 'share')
    assert.equal(isAnyHeldUp(), false)
  }),
)

test('what was told to a place that is held up is done when it is back', onLinux, () =>
  withPipe(async (read, release) => {
    const calls = boundedThreads({ answerMs: 2000 })
    const opened = openSync(tmpdir(), constants.O_RDONLY)
    assert.throws(() => calls.ask('share', read), late)
    calls.tell('share', { name: 'close', words: [opened] })
    release()
    await untilBack(calls, 'share')
    // Both were asked of one thread, in this order.
    assert.throws(() => readSync(opened, new Uint8Array(1)), { code: 'EBADF' })
  }),
)

test('a call that fails says why', onLinux, () => {
  const calls = boundedThreads()
  const open = { name: 'openFolder', words: [fromRoot, utf8('/nowhere/at/all')] } as const
  assert.throws(() => calls.ask('share', open), { code: 'ENOENT' })
  calls.tell('share', open)
  const room = { name: 'freeBytes', words: ['/nowhere/at/all'] } as const
  assert.throws(() => calls.ask('share', room), { name: 'SystemError', code: 'ENOENT' })
  assert.throws(() => calls.ask('share', { name: 'openFolder', words: [] }), /in a thread for system calls/)
  assert.equal(calls.ask('share', exists('/')), true, 'and it goes on')
})

test('when too many places are held up, no more threads are risked', onLinux, async () => {
  const calls = boundedThreads({ answerMs: 2000, nextAnswerMs: 500 })
  const pipes: (() => void)[] = []
  const held: (() => void)[] = []
  for (let place = 0; place < 8; place++) {
    await new Promise<void>((resolve, reject) => {
      withPipe(async (read, release) => {
        pipes.push(release)
        assert.throws(() => calls.ask(`share ${place}`, read), late)
        await new Promise<void>(free => {
          held.push(free)
          resolve()
        })
      }).catch(reject)
    })
  }
  assert.throws(() => calls.ask('the ninth', exists('/')), late)
  for (const release of pipes) release()
  for (let place = 0; place < 8; place++) await untilBack(calls, `share ${place}`)
  for (const free of held) free()
  assert.equal(calls.ask('the ninth', exists('/')), true)
})
