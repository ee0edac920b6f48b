import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { isFailure } from '@backstay/proto/failure'
import { processTerminal, type Streams } from './terminal.ts'

function piped() {
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const terminal = processTerminal({ input, output, errors } as unknown as Streams)
  return { input, terminal, said: textOf(errors), printed: textOf(output) }
}

/** All that was written to a stream so far. */
function textOf(stream: PassThrough): () => string {
  let text = ''
  stream.on('data', chunk => {
    text += chunk
  })
  return () => text
}

it('keeps results apart from what is said to people', async () => {
  const { terminal, said, printed } = piped()
  terminal.print('result')
  terminal.say('remark')
  await setImmediate()
  assert.equal(printed(), 'result\n')
  assert.equal(said(), 'remark\n')
  assert.equal(terminal.interactive, false)
})

it('reads one line for each question, though all were piped in at once', async () => {
  const { input, terminal, said } = piped()
  input.write('one\ntwo\n')
  assert.equal(await terminal.ask('first? '), 'one')
  assert.equal(await terminal.ask('second? ', { hidden: true }), 'two')
  await setImmediate()
  assert.equal(said(), 'first? \nsecond? \n', 'and shows no answer')
  terminal[Symbol.dispose]()
})

it('says so when input ends before the answer', async () => {
  const { input, terminal, said } = piped()
  const asked = terminal.ask('anyone? ')
  input.end()
  await assert.rejects(asked, error => isFailure(error, 'no_answer'))
  await setImmediate()
  assert.equal(said(), 'anyone? \n', 'what is said next has a line of its own')
  await assert.rejects(terminal.ask('still? '), error => isFailure(error, 'no_answer'))
})

it('says so to whoever waits for an answer when the terminal is let go', async () => {
  const { terminal } = piped()
  const asked = terminal.ask('anyone? ')
  terminal[Symbol.dispose]()
  await assert.rejects(asked, error => isFailure(error, 'no_answer'))
})
