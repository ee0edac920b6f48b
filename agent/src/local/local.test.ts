import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { askOwner, ownState } from './local.ts'

const top = mkdtempSync(join(tmpdir(), 'backstay-local-'))
after(() => rmSync(top, { recursive: true }))
const newFolder = () => mkdtempSync(join(top, 'state-'))

test('one process owns a state folder, answers others, and leaves it free', async () => {
  const state = newFolder()
  assert.equal(await askOwner(state, 'status'), undefined)
  const owner = await ownState(state)
  owner.answer({ doing: 'backup', entries: 7 })
  assert.deepEqual(await askOwner(state, 'status'), { pid: process.pid, doing: 'backup', entries: 7 })
  await assert.rejects(ownState(state), { code: 'state_in_use', remedy: 'retry' })
  await owner[Symbol.asyncDispose]()
  assert.equal(await askOwner(state, 'status'), undefined)
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
