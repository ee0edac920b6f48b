import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { utf8 } from '@backstay/proto/bytes'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { systemClock } from '@backstay/proto/system-clock'
import { askMachine } from './machine.ts'
import { vitalSigns } from './vitals.ts'

test('the machine is asked once a day, and file systems are counted once each', async () => {
  const clock = simulatedClock()
  let asked = 0
  const ask = async () => {
    asked++
    return { machine: { system: 'Debian 12' }, silent: ['model'] }
  }
  const silent: string[] = []
  const signs = vitalSigns({ clock, ask, silent: fact => silent.push(fact), asked: () => undefined })
  const here = [utf8(tmpdir()), utf8(tmpdir()), utf8('/there/is/none')]
  await signs.take(here)
  const next = await signs.take(here)
  assert.deepEqual([next.system, next.model, next.disks.length], ['Debian 12', '', 1])
  const [disk] = next.disks
  assert.ok(disk !== undefined && disk.freeBytes > 0 && disk.freeBytes < disk.bytes)
  assert.ok(next.memoryBytes > next.memoryFreeBytes && next.agentMemoryBytes > 0 && next.uptimeMs > 0)
  assert.equal(asked, 1)
  await clock.advance(86_400_000)
  await signs.take([])
  assert.equal(asked, 2)
  assert.deepEqual(silent, ['model'], 'named once')
})

test('this machine can be asked on a thread that goes away', async () => {
  const { machine, silent } = await askMachine(systemClock)
  assert.deepEqual(silent, [])
  assert.ok((machine.system ?? '').length > 0)
})

test('a thread that hangs or dies leaves facts unknown', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'backstay-vitals-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const script = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return pathToFileURL(join(folder, name))
  }
  const clock = simulatedClock()
  const hangs = askMachine(clock, script('hangs.mjs', 'setInterval(() => {}, 1000)'))
  await clock.advance(10_000)
  assert.deepEqual(await hangs, { machine: {}, silent: ['system', 'model'] })
  const dies = await askMachine(clock, script('dies.mjs', 'throw new Error("no")'))
  assert.deepEqual(dies, { machine: {}, silent: ['system', 'model'] })
  const odd = `import { parentPort } from 'node:worker_threads'
    parentPort.postMessage(['system', 'X\\u001b[2J\\n  ' + 'y'.repeat(99)]); parentPort.close()`
  const { machine } = await askMachine(clock, script('odd.mjs', odd))
  assert.equal(machine.system?.length, 32)
  assert.ok(!/\p{Cc}/u.test(machine.system ?? ''))
})
