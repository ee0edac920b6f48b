import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Failure } from '@backstay/proto/failure'
import { askOwner } from './ask-owner.ts'
import { ownState } from './local.ts'

const top = mkdtempSync(join(tmpdir(), 'backstay-local-'))
after(() => rmSync(top, { recursive: true }))
const newFolder = () => mkdtempSync(join(top, 'state-'))

test('one process owns a state folder, answers others, and leaves it free', async () => {
  const state = newFolder()
  assert.equal(await askOwner(state, { ask: 'status' }), undefined)
  const owner = await ownState(state)
  owner.answer({ doing: 'backup', entries: 7 })
  assert.deepEqual(await askOwner(state, { ask: 'status' }), {
    pid: process.pid,
    doing: 'backup',
    entries: 7,
  })
  await assert.rejects(ownState(state), { code: 'state_in_use', remedy: 'retry' })
  await owner[Symbol.asyncDispose]()
  assert.equal(await askOwner(state, { ask: 'status' }), undefined)
  await (await ownState(state))[Symbol.asyncDispose]()
})

test('whoever asks and never hangs up does not keep the owner from ending', async () => {
  // A backup that was asked for its status ended with exit code 13 and without a word: its socket had unread bytes.
  const state = newFolder()
  const owner = await ownState(state)
  const asking = connect(join(state, 'agent.sock'))
  asking.on('error', () => undefined)
  await once(asking, 'connect')
  asking.write('status')
  await owner[Symbol.asyncDispose]()
  asking.destroy()
})

test('an owner that is too busy to answer is still the owner, until it is killed', async () => {
  const state = newFolder()
  const script = `
    import { writeSync } from 'node:fs'
    import { ownState } from ${JSON.stringify(import.meta.resolve('./local.ts'))}
    const owner = await ownState(${JSON.stringify(state)})
    writeSync(1, 'owned')
    while (owner) {}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  await assert.rejects(ownState(state), { code: 'state_in_use' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  await (await ownState(state))[Symbol.asyncDispose]()
})

test('a question is answered by who serves, with progress and failures on the way', async () => {
  const state = newFolder()
  await using owner = await ownState(state)
  await assert.rejects(askOwner(state, { ask: 'resume' }), { code: 'state_in_use', remedy: 'retry' })
  owner.serve(async question => {
    if (question.ask === 'pause') return { forMs: question.forMs }
    throw new Failure('unreachable', 'there is no way', { remedy: 'retry', hint: 'wait' })
  })
  assert.deepEqual(await askOwner(state, { ask: 'pause', forMs: 5 }), { forMs: 5 })
  await assert.rejects(askOwner(state, { ask: 'backup' }), {
    code: 'unreachable',
    remedy: 'retry',
    hint: 'wait',
  })
})

test('whoever asks and leaves is not waited for, and an owner that ends says so to who waits', async () => {
  const state = newFolder()
  const owner = await ownState(state, 10)
  const left = Promise.withResolvers<void>()
  owner.serve(async (question, _, signal) => {
    if (question.ask === 'resume') return new Promise(() => undefined)
    signal.addEventListener('abort', () => left.resolve(), { once: true })
    await left.promise
  })
  const stop = new AbortController()
  const asked = askOwner(state, { ask: 'backup' }, { signal: stop.signal })
  setImmediate(() => stop.abort(new Error('left')))
  await assert.rejects(asked, /left/)
  await left.promise
  const waiting = askOwner(state, { ask: 'resume' })
  const refused = assert.rejects(waiting, { code: 'no_answer', remedy: 'retry' })
  await new Promise(resolve => setTimeout(resolve, 20))
  await owner[Symbol.asyncDispose]()
  await refused
})

test('who has no progress to show is waited for all the same', async () => {
  // A backup of a million files counts nothing in its first seconds, and was given up on.
  const state = newFolder()
  await using owner = await ownState(state, 2)
  const shown: unknown[] = []
  owner.serve(async (_, progress) => {
    progress(undefined)
    while (shown.length === 0) await new Promise(resolve => setTimeout(resolve, 2))
    return 'done'
  })
  const onProgress = (now: unknown) => void shown.push(now)
  assert.equal(await askOwner(state, { ask: 'backup' }, { onProgress }), 'done')
  assert.deepEqual(shown[0], {})
})

test('nonsense on the socket is refused in words, and too much of it cut', async () => {
  const state = newFolder()
  await using _ = await ownState(state)
  const said = async (text: string) => {
    const socket = connect(join(state, 'agent.sock'))
    socket.on('error', () => undefined)
    socket.end(text)
    let answer = ''
    for await (const chunk of socket) answer += chunk
    return answer
  }
  for (const text of [
    '',
    '\n',
    'status',
    '{}',
    '[1]',
    '{"ask":"delete"}',
    '{"ask":null}\n{"ask":"status"}\n',
  ]) {
    assert.match(await said(text), /"bad_question"/, text)
  }
  for (const forMs of ['0', '-1', '1e99', '"1h"', '1.5', '604800001']) {
    assert.match(await said(`{"ask":"pause","forMs":${forMs}}`), /"bad_duration"/, forMs)
  }
  assert.equal(await said('x'.repeat(100_000)).catch(() => ''), '')
})
