// Orders on their way to where they last, with real processes: a policy, a job, a pause. Whoever takes one is killed with SIGKILL as
// soon as its disk moves for it, and at the moves after that. The same before every single step, and with power cuts, stands in
// scripts/sim/stopped-orders.test.ts and agent/src/service/job-part.test.ts; what moves where is the system's to tell.
import assert from 'node:assert/strict'
import { mkdirSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { makeFleet, need } from './fleet.ts'
import { jsonOf, type Running } from './processes.ts'

interface Told {
  readonly settings: readonly { readonly setting: string; readonly value: string }[]
}

interface Job {
  readonly job: string
  readonly state: string
  readonly code: string
}

/** Kills it at the nth move of such files below the folder, or when `work` is done without so many. */
async function killedAt<T>(
  victim: Running,
  { folder, files, move }: { folder: string; files: RegExp; move: number },
  work: () => Promise<T>,
): Promise<T> {
  let moves = 0
  const watcher = watch(folder, { recursive: true }, (_, name) => {
    if (files.test(name ?? '') && ++moves === move) void victim.end('SIGKILL')
  })
  try {
    return await work()
  } finally {
    watcher.close()
    await victim.end('SIGKILL')
  }
}

test('whoever is killed while an order comes to its disk has it, or gets it, and never does it twice', async t => {
  await using fleet = await makeFleet()
  const home = fleet.path('home')
  mkdirSync(home)
  writeFileSync(`${home}/file`, 'content')
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  const identity = join(laptop.state, 'identity')
  const started = async () => {
    const agent = laptop.start('run')
    await agent.line(line => line.includes('"collector connected"'))
    return agent
  }
  const battery = async () => {
    const { settings } = jsonOf<Told>(need(await laptop.run('policy', '--json')))
    return Number.parseInt(settings.find(({ setting }) => setting === 'battery')?.value ?? '0', 10)
  }
  const sign = (percent: number) => fleet.admin('policy', 'edit', '--yes', '--set', `battery=${percent}`)
  const isAcknowledged = async () =>
    need(await fleet.admin('policy', 'show', 'laptop')).out.includes('the device obeys this')
  const obeys = async (percent: number) => {
    while ((await battery()) !== percent || !(await isAcknowledged())) await delay(100)
  }
  let agent = await started()
  let percent = 20
  need(await sign(percent))
  await obeys(percent)

  for (const move of [1, 4]) {
    await t.test(`the agent, at move ${move} of a policy`, async () => {
      const before = percent++
      await killedAt(agent, { folder: identity, files: /^orders\.json/, move }, async () => {
        need(await sign(percent))
        await Promise.race([agent.ended, obeys(percent)])
      })
      const held = await battery()
      assert.ok(held === before || held === percent, `${held} is no policy that was signed`)
      t.diagnostic(`move ${move} of a policy: ${held === percent ? 'held' : 'not held'}`)
      if (await isAcknowledged()) assert.equal(held, percent, 'it went back')
      agent = await started()
      await obeys(percent)
    })
  }

  for (const move of [1, 100]) {
    await t.test(`the collector, at move ${move} of a policy`, async () => {
      percent++
      const victim = fleet.collector
      const signed = await killedAt(victim, { folder: fleet.data, files: /./, move }, () => sign(percent))
      const { lineCount } = agent
      await fleet.startCollector()
      // What it said yes to is there, and reaches the device by itself.
      if (signed.code !== 0) need(await sign(++percent))
      await agent.line(line => line.includes('"collector connected"'), lineCount)
      await obeys(percent)
      t.diagnostic(`move ${move} of the collector: ${signed.code === 0 ? 'signed' : 'refused'}`)
    })
  }

  for (const move of [1, 3]) {
    await t.test(`the agent, at move ${move} of a job`, async () => {
      const first = agent
      const job = await killedAt(
        first,
        { folder: identity, files: /^(jobs|begun)\.json/, move },
        async () => {
          const { job } = jsonOf<Job>(
            need(await fleet.admin('job', 'run', 'laptop', 'backup', '--no-wait', '--json')),
          )
          const reported = first.line(line => line.includes(job) && /"job (done|failed)"/.test(line))
          await Promise.race([first.ended, reported.catch(() => undefined)])
          return job
        },
      )
      agent = await started()
      const shown = async () =>
        jsonOf<readonly Job[]>(need(await fleet.admin('job', 'list', 'laptop', '--json'))).find(
          one => one.job === job,
        ) ?? assert.fail('the job is gone')
      while (!/done|failed/.test((await shown()).state)) await delay(100)
      const { state, code } = await shown()
      const lines = [first, agent].flatMap(({ err }) => err.split('\n'))
      const begun = lines.filter(line => line.includes('"job begun"') && line.includes(job)).length
      t.diagnostic(`move ${move} of a job: begun ${begun} times, ${state} ${code}`)
      assert.match(`${state} ${code}`, /^(done|failed interrupted)/)
      assert.ok(begun <= 1, 'it was begun twice')
    })
  }

  for (const move of [1, 100]) {
    await t.test(`the agent, at move ${move} of a pause`, async () => {
      const record = { folder: laptop.state, files: /^service\.json/, move }
      const said = await killedAt(agent, record, () => laptop.run('pause', '1h'))
      agent = await started()
      const status = need(await laptop.run('status')).out
      if (said.code === 0) assert.match(status, /paused/)
      t.diagnostic(`move ${move} of a pause: ${said.code === 0 ? 'said' : 'not said'}`)
      need(await laptop.run('resume'))
    })
  }
  assert.equal((await agent.end('SIGTERM')).code, 0)
})
