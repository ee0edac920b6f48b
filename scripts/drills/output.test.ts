// What a program prints may go nowhere: its reader has left, or the disk is full. Real processes, real pipes, /dev/full.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { makeFleet } from './fleet.ts'
import { type Program, run, wordsOf } from './processes.ts'
import { until } from './until.ts'

const programs = ['agent', 'collector', 'admin'] as const

/** Runs `--help` with its results going to `to`. */
async function helpTo(program: Program, to: number | 'pipe') {
  const [file, ...words] = wordsOf(program)
  const child = spawn(file, [...words, '--help'], { stdio: ['ignore', to, 'pipe'] })
  // Of a pipe, nobody reads the other end.
  child.stdout?.destroy()
  const said = text(child.stderr as NonNullable<typeof child.stderr>)
  const [code] = (await once(child, 'exit')) as [number | null]
  return { code, said: await said }
}

test('a reader who has enough ends a command without a word', async () => {
  for (const program of programs)
    assert.deepEqual(await helpTo(program, 'pipe'), { code: 0, said: '' }, program)
})

test('what cannot be written out is said once, and the exit code is not 0', {
  skip: process.platform !== 'linux',
}, async () => {
  const full = openSync('/dev/full', 'w')
  try {
    for (const program of programs) {
      const { code, said } = await helpTo(program, full)
      assert.equal(code, 1, program)
      assert.match(said, /^error: .* cannot be written out: ENOSPC.*\nhint: .*\n$/, program)
    }
  } finally {
    closeSync(full)
  }
})

test('a closed terminal ends what runs in it in order', async () => {
  await using fleet = await makeFleet()
  const root = fleet.path('home')
  mkdirSync(root)
  const laptop = await fleet.enroll('laptop', { roots: [root] })
  const agent = laptop.start('run')
  await agent.line(line => line.includes('"folders watched"'))
  const { collector } = fleet
  for (const running of [agent, collector]) {
    process.kill(running.pid, 'SIGHUP')
    const { code, err } = await running.ended
    assert.equal(code, 0, err)
  }
  assert.match(agent.err, /"agent stopped"/)
})

test('an agent whose log nobody reads any more goes on protecting', async () => {
  await using fleet = await makeFleet()
  const root = fleet.path('home')
  mkdirSync(root)
  const laptop = await fleet.enroll('laptop', { roots: [root] })
  const [file, ...words] = wordsOf('agent')
  const agent = spawn(file, [...words, 'run', '--state', laptop.state], { stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    agent.stdout.destroy()
    agent.stderr.destroy()
    const status = async () =>
      JSON.parse((await run('agent', ['status', '--json', '--state', laptop.state])).out)
    const committed = (sequence: number) => until(status, ({ snapshot }) => snapshot >= sequence)
    await committed(1)
    writeFileSync(`${root}/later`, 'x')
    await committed(2)
    assert.equal(agent.exitCode, null)
  } finally {
    agent.kill('SIGKILL')
    await once(agent, 'exit')
  }
})
