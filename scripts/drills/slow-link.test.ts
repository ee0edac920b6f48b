// An upload over a slow link: fills it, and after a cut goes on where it was.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { makeFleet, need } from './fleet.ts'
import { start } from './processes.ts'
import { slowProxy } from './slow-proxy.ts'
import { until } from './until.ts'

/** 20 Mbit/s, and 80 ms there and back; with SLOW=1 10 Mbit/s. What was on its way when the link was cut is at most one object. */
const link = { delayMs: 40, bytesPerSecond: process.env.SLOW ? 1_250_000 : 2_500_000 }
const bytes = process.env.SLOW ? 60_000_000 : 12_000_000
const stored = (line: string) => line.includes('"snapshot stored"')

test('an upload fills a slow link, and what was cut off goes on where it was', async t => {
  await using fleet = await makeFleet()
  await using proxy = await slowProxy(link)
  const root = fleet.path('home')
  mkdirSync(root)
  for (let n = 0; n < bytes / 1_000_000; n++) writeFileSync(`${root}/photo ${n}`, randomBytes(1_000_000))
  const laptop = await fleet.enroll('laptop', { roots: [root] })
  const agent = start('agent', ['run', '--state', laptop.state], { environment: { HTTPS_PROXY: proxy.url } })
  try {
    const carried = async (least: number) => {
      while (proxy.carriedUp < least) await delay(10)
      return { bytes: proxy.carriedUp, ms: performance.now() }
    }
    const [early, late] = [await carried(1_000_000), await carried(bytes / 2)]
    const rate = (1000 * (late.bytes - early.bytes)) / (late.ms - early.ms)
    t.diagnostic(`${((8 * rate) / 1e6).toFixed(1)} of ${(8 * link.bytesPerSecond) / 1e6} Mbit/s`)
    // Time says something of a machine that does nothing else.
    if (process.env.SLOW) assert(rate > 0.8 * link.bytesPerSecond, `${rate} bytes a second`)
    const mark = agent.lineCount
    // First nobody is told, then both ends are.
    proxy.cut()
    await until(
      () => proxy.hasLost,
      hasLost => hasLost,
    )
    proxy.breakAll()
    await agent.line(line => line.includes('"link failed"'), mark)
    proxy.mend()
    await agent.line(stored, mark)
    const again = proxy.carriedUp / bytes - 1
    t.diagnostic(`${(100 * again).toFixed(2)} % came twice, with all that goes with it`)
    assert(again < 0.02 + 1_000_000 / bytes, `${again} came twice`)
  } finally {
    await agent.end('SIGTERM')
  }
  need(await laptop.run('restore', `${root}/photo 7`, '--to', fleet.path('out')))
})
