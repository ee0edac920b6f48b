import assert from 'node:assert/strict'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Command } from 'commander'
import { type ProgramSurroundings, runProgram } from './command-line.ts'

async function ran(work: () => Promise<void>, around: Partial<ProgramSurroundings> = {}) {
  const said: string[] = []
  const terminal = {
    print: (text: string) => void said.push(text),
    say: (text: string) => void said.push(text),
  }
  const program = new Command('program').addCommand(new Command('work').action(work))
  const code = await runProgram(program, ['work'], { terminal, environment: {}, ...around })
  return { code, said }
}

test('who interrupts a command is told so, and not of a mistake in Backstay', async () => {
  const interrupted = new AbortController()
  const { code, said } = await ran(
    async () => {
      interrupted.abort()
      interrupted.signal.throwIfAborted()
    },
    { signal: interrupted.signal },
  )
  assert.equal(code, 1)
  assert.deepEqual(said[0], 'error: interrupted')
  assert.match(said[1] ?? '', /^hint: /)
})

test('a mistake is called one, with its place when that is wanted', async () => {
  const failing = async () => {
    throw new TypeError('x is not a function')
  }
  const { code, said } = await ran(failing, { signal: new AbortController().signal })
  assert.equal(code, 1)
  assert.match(
    said.join('\n'),
    /^error: unexpected: x is not a function\nhint: this is a mistake in Backstay/,
  )
  assert.match(
    (await ran(failing, { environment: { BACKSTAY_DEBUG: '1' } })).said.join('\n'),
    /command-line\.test\.ts/,
  )
})

test('a word too many is named, and what is known where it stands', async () => {
  const said: string[] = []
  const terminal = { print: () => undefined, say: (text: string) => void said.push(text) }
  const run = async (...words: string[]) => {
    said.length = 0
    const owners = new Command('owners')
      .addCommand(
        new Command('list').action(() => undefined),
        { isDefault: true },
      )
      .addCommand(new Command('add').argument('<name>').action(() => undefined))
    const status = new Command('status').action(() => undefined)
    const policy = new Command('policy').addCommand(new Command('show').action(() => undefined))
    const program = new Command('program').addCommand(owners).addCommand(status).addCommand(policy)
    const code = await runProgram(program, words, { terminal, environment: {} })
    return [code, said[0]]
  }
  assert.deepEqual(await run('owners'), [0, undefined])
  assert.deepEqual(await run('owners', 'frob'), [
    2,
    'error: "frob" means nothing to owners, which knows list, add',
  ])
  assert.deepEqual(await run('policy', 'set'), [2, 'error: "set" means nothing to policy, which knows show'])
  assert.deepEqual(await run('owners', 'add', 'ada', 'bob'), [
    2,
    'error: "bob" is one word more than add takes',
  ])
  assert.deepEqual(await run('status', 'now'), [2, 'error: "now" is one word more than status takes'])
})

test('too many open files are no mistake of ours', async () => {
  const full = async () => {
    throw Object.assign(new Error('open folder: EMFILE'), { code: 'EMFILE' })
  }
  const { code, said } = await ran(full)
  assert.equal(code, 1)
  assert.match(said.join('\n'), /^error: too many files are open \(EMFILE\)\nhint: .*ulimit -n/)
})

test('who types in a folder that was removed is told so', async () => {
  const before = process.cwd()
  const folder = mkdtempSync(join(tmpdir(), 'backstay-'))
  process.chdir(folder)
  rmdirSync(folder)
  try {
    const { code, said } = await ran(async () => assert.fail('nothing is begun'))
    assert.equal(code, 1)
    assert.match(said.join('\n'), /^error: the folder .* is not there any more\nhint: change to another/)
  } finally {
    process.chdir(before)
  }
})
