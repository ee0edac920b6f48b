// A copied state folder: two machines with one identity. It is noticed, both are backed up, and nothing of either is lost.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeFleet, need, openDevice } from './fleet.ts'
import { jsonOf } from './processes.ts'

interface Listed {
  readonly state: string
  readonly reasons: readonly { readonly code: string; readonly sinceMs: number }[]
}

test('test 31, clone: a copy of a device is found, and both go on', async t => {
  await using fleet = await makeFleet()
  const folder = (name: string) => {
    mkdirSync(fleet.path(name), { recursive: true })
    writeFileSync(fleet.path(name, 'mine'), `of ${name}`)
    return fleet.path(name)
  }
  const [home, elsewhere] = [folder('home'), folder('elsewhere')]
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  const listed = async () => jsonOf<Listed[]>(need(await fleet.admin('devices', '--json')))[0]
  const codes = async () => (await listed())?.reasons.map(({ code }) => code) ?? []
  const copied = (name: string) => {
    cpSync(laptop.state, fleet.path(name), { recursive: true })
    return openDevice(name, laptop.id, fleet.path(name))
  }

  await laptop.backup(home)
  const copy = copied('copy')
  await t.test(
    'one machine alone is no copy, however often it comes, and whoever reads beside it',
    async () => {
      await laptop.backup(home)
      need(await laptop.run('snapshots'))
      await laptop.backup(home)
      assert.ok(!(await codes()).includes('cloned'))
    },
  )

  await t.test('the copy is noticed at once when the device has gone on', async () => {
    const { err } = need(await copy.run('backup', elsewhere))
    assert.match(err, /warning: two machines use the identity of this device/)
    assert.ok((await codes()).includes('cloned'))
    assert.equal((await listed())?.state, 'at_risk')
    await fleet.collector.line(line => line.includes('"two machines use one identity"'))
    const { out } = need(await fleet.admin('devices', 'laptop'))
    assert.match(out, /two machines use this identity since .*\n +enroll one of them anew: backstay token/)
  })

  await t.test('both go on, and the newest snapshots of both restore', async () => {
    writeFileSync(`${home}/mine`, 'of home, changed')
    writeFileSync(`${elsewhere}/mine`, 'of elsewhere, changed')
    const first = await laptop.backup(home)
    const second = await copy.backup(elsewhere)
    assert.ok(second.sequence > first.sequence)
    for (const [sequence, path] of [
      [first.sequence, home],
      [second.sequence, elsewhere],
    ] as const) {
      const out = fleet.path(`out-${sequence}`)
      need(await fleet.admin('restore', laptop.id, path, '--to', out, '--at', `#${sequence}`))
      const name = path.slice(path.lastIndexOf('/') + 1)
      assert.equal(readFileSync(`${out}/mine`, 'utf8'), `of ${name}, changed`)
    }
  })

  await t.test('neither ends the session of the other', async () => {
    const agent = laptop.start('run')
    await agent.line(line => line.includes('"snapshot stored"'))
    const status = jsonOf<{ working: { alarms: string[] } }>(need(await laptop.run('status', '--json')))
    assert.ok(status.working.alarms.some(alarm => alarm.startsWith('two machines use the identity')))
    await copy.backup(elsewhere)
    assert.doesNotMatch(agent.err, /another session of this device/)
    need(await agent.end('SIGTERM'))
  })
})
