// A file server that is gone holds whoever touches its share, beyond any signal. The agent goes on with all else, says so, and comes back to it.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { makeFleet, need } from './fleet.ts'
import { jsonOf, type Running } from './processes.ts'
import { mountShare } from './share.ts'

interface Listed {
  readonly state: string
  readonly reasons: readonly { readonly code: string }[]
}

test('a share that does not answer holds up nothing but itself', { timeout: 300_000 }, async t => {
  await using fleet = await makeFleet()
  const [home, team] = [fleet.path('home'), fleet.path('team')]
  mkdirSync(home)
  await using inside = await mountShare(fleet.path('server/kim'), fleet.path('home', 'share'))
  await using apart = await mountShare(fleet.path('server/team'), team)
  if (inside === undefined || apart === undefined) {
    if (process.env.CI === 'true')
      assert.fail('no share can be mounted here: are bindfs and /dev/fuse there?')
    return t.skip('no share can be mounted here')
  }
  const write = (text: string, ...names: readonly string[]) => writeFileSync(fleet.path(...names), text)
  write('mine', 'home', 'thesis')
  for (const place of ['kim', 'team']) {
    mkdirSync(fleet.path('server', place, 'deep'))
    write(`of ${place}`, 'server', place, 'deep', 'plan')
  }
  const laptop = await fleet.enroll('laptop', { roots: [home, team] })
  const device = async () => {
    const listed = jsonOf<Listed[]>(need(await fleet.admin('devices', '--json')))
    return listed[0] ?? assert.fail('no device')
  }
  const stored = (agent: Running, from = 0) => agent.line(line => line.includes('"snapshot stored"'), from)
  /** Saves something in `home`, and waits until it is in a snapshot. */
  async function save(agent: Running, text: string): Promise<void> {
    const from = agent.lineCount
    write(text, 'home', 'thesis')
    await stored(agent, from)
  }
  const paths = async (path: string) => need(await fleet.admin('ls', laptop.id, path, '--recursive')).out

  let agent = laptop.start('run')
  await stored(agent)
  assert.match(await paths(home), /share\/deep\/plan/)

  await t.test('what is saved elsewhere is protected, and what was on it stays', async () => {
    for (const share of [inside, apart]) share.fallSilent()
    await save(agent, 'mine, changed')
    await save(agent, 'mine, changed again')
    assert.match(await paths(home), /share\/deep\/plan/)
    assert.match(await paths(team), /deep\/plan/)
  })

  await t.test(
    'an agent that starts meanwhile reads everything else, and says what does not answer',
    async () => {
      need(await agent.end('SIGTERM'))
      agent = laptop.start('run')
      await stored(agent)
      const { out } = need(await laptop.run('status'))
      assert.match(out, /lies where nothing answers/)
      while (!(await device()).reasons.some(({ code }) => code === 'root_hung')) await delay(100)
      assert.equal((await device()).state, 'at_risk')
      assert.match(await paths(home), /share\/deep\/plan/)
      assert.match(await paths(team), /deep\/plan/)
    },
  )

  await t.test('when it answers again, it is as if nothing had been', async () => {
    for (const place of ['kim', 'team']) write(`newer, of ${place}`, 'server', place, 'deep', 'newer')
    for (const share of [inside, apart]) share.speak()
    const isThere = async () =>
      /deep\/newer/.test(await paths(team)) && /share\/deep\/newer/.test(await paths(home))
    while (!(await isThere())) await delay(500)
    while ((await device()).reasons.some(({ code }) => code === 'root_hung')) await delay(100)
    need(await fleet.admin('restore', laptop.id, team, '--to', fleet.path('out')))
    assert.equal(readFileSync(fleet.path('out', 'deep', 'newer'), 'utf8'), 'newer, of team')
    need(await agent.end('SIGTERM'))
  })
})
