// The agent that runs for years, in a minute: it commits what is saved, survives being killed, waits for a collector that
// is away, pauses when asked, and flags a root that looks emptied. Real processes on real sockets.
import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { test } from 'node:test'
import { type Device, makeFleet, need } from './fleet.ts'
import { jsonOf, type Running, start } from './processes.ts'
import { until } from './until.ts'

interface Status {
  readonly sentence: string
  readonly snapshot: number
}

const stored = (line: string) => line.includes('"snapshot stored"')

interface Stored {
  readonly why: string
}

async function started(device: Device): Promise<Running> {
  const running = device.start('run')
  await running.line(stored)
  await running.line(line => line.includes('"folders watched"'))
  return running
}

const status = async (device: Device) => jsonOf<Status>(await device.run('status', '--json'))

test('a saved file is committed at once, whatever happens in between', async t => {
  await using fleet = await makeFleet()
  const root = fleet.path('home')
  mkdirSync(`${root}/documents`, { recursive: true })
  writeFileSync(`${root}/documents/first`, 'one')
  const laptop = await fleet.enroll('laptop', { roots: [root] })
  assert.match((await status(laptop)).sentence, /^never backed up; no agent watches/)
  let agent = await started(laptop)
  let saved = 0

  const save = async (name: string) => {
    const mark = agent.lineCount
    const begunMs = performance.now()
    writeFileSync(`${root}/documents/${name}`, `content ${saved++}`)
    const { why } = JSON.parse(await agent.line(stored, mark)) as Stored
    // It was seen, and nobody waited for a time that had come.
    assert.equal(why, 'changes')
    return performance.now() - begunMs
  }
  const says = (wanted: RegExp) =>
    until(
      () => status(laptop),
      ({ sentence }) => wanted.test(sentence),
    )
  const restored = async (name: string) => {
    const to = fleet.path(`out-${saved++}`)
    need(await laptop.run('restore', `${root}/documents/${name}`, '--to', to))
  }

  await t.test('a save is committed when it is seen', async () => {
    const took = await save('second')
    t.diagnostic(`committed after ${Math.round(took)} ms`)
    assert.match((await status(laptop)).sentence, /^protected just now$/)
    await restored('second')
  })

  await t.test('one process owns the state; others ask it, and may read beside it', async () => {
    const second = await laptop.run('run')
    assert.equal(second.code, 1)
    assert.match(second.err, /another backstay-agent works with/)
    const { sequence } = await laptop.backup()
    assert.equal(sequence, (await status(laptop)).snapshot)
    need(await laptop.run('ls', root))
    // What is no folder was listed as nothing.
    assert.match(need(await laptop.run('ls', `${root}/documents/second`)).out, /^-.*\/documents\/second$/m)
  })

  await t.test('killed and started again, it goes on and finds what was saved meanwhile', async () => {
    await agent.end('SIGKILL')
    writeFileSync(`${root}/documents/while-dead`, 'x')
    agent = await started(laptop)
    await restored('while-dead')
    await save('after-kill')
  })

  await t.test('without a collector it says so, and catches up by itself', async () => {
    await fleet.collector.end('SIGTERM')
    const mark = agent.lineCount
    writeFileSync(`${root}/documents/offline`, 'x')
    await agent.line(line => line.includes('"link failed"'), mark)
    await says(/changes since .* wait: cannot reach the collector/)
    const told = await laptop.run('backup')
    assert.equal(told.code, 1)
    assert.match(told.err, /cannot reach the collector/)
    await fleet.startCollector()
    await agent.line(stored, mark)
    await restored('offline')
  })

  await t.test('paused, it leaves changes alone until it is resumed', async () => {
    assert.match(need(await laptop.run('pause', '1h')).out, /^paused until /)
    const mark = agent.lineCount
    writeFileSync(`${root}/documents/paused`, 'x')
    await says(/changes since .* wait: paused until/)
    await agent.end('SIGKILL')
    agent = laptop.start('run')
    await says(/paused until/)
    need(await laptop.run('resume'))
    await agent.line(stored)
    await restored('paused')
    assert.ok(mark > 0)
  })

  await t.test('the folder that it was started in may go', async () => {
    await agent.end('SIGTERM')
    const folder = fleet.path('terminal')
    mkdirSync(folder)
    agent = start('agent', ['run', '--state', relative(folder, laptop.state)], { folder })
    await agent.line(line => line.includes('"folders watched"'))
    rmdirSync(folder)
    writeFileSync(`${root}/documents/folderless`, 'x')
    await laptop.backup()
    await restored('folderless')
  })

  await t.test('a root that is suddenly empty is flagged, and older snapshots keep it', async () => {
    const mark = agent.lineCount
    renameSync(`${root}/documents`, fleet.path('elsewhere'))
    await agent.line(line => line.includes('"a root lost what it held"'), mark)
    await agent.line(stored, mark)
    assert.match((await status(laptop)).sentence, /^at risk: .*home is empty since/)
  })

  await t.test('told to end, it ends at once and in order', async () => {
    const { code, err } = await agent.end('SIGTERM')
    assert.equal(code, 0, err)
    assert.match(err, /"agent stopped"/)
    assert.match((await status(laptop)).sentence, /no agent watches/)
    const refused = await laptop.run('pause', '1h')
    assert.match(refused.err, /no agent runs/)
    for (const words of [
      ['run', '--every', 'soon'],
      ['run', '--window', '10:00-10:00'],
      ['run', '--rate', 'x'],
      ['pause', '8d'],
    ]) {
      assert.notEqual((await laptop.run(...words)).code, 0, words.join(' '))
    }
  })
})
