// A laptop is set up anew and enrols by itself. It is a device of its own; an admin is asked whether it is the old one's
// replacement, and says so, or says that these are two.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeFleet, need } from './fleet.ts'
import { run } from './processes.ts'
import { until } from './until.ts'

const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())
const home = fleet.path('home')
mkdirSync(home)
writeFileSync(join(home, 'file'), 'content')

test('a machine that was set up anew is a candidate for replacing what it was, and nothing more by itself', async t => {
  const old = await fleet.enroll('laptop', { roots: [home] })
  await old.backup()
  // The state is gone with the disk; the machine is the same.
  rmSync(old.state, { recursive: true })
  const anew = await fleet.enroll('laptop-anew', { roots: [home] })
  const listed = need(await fleet.admin('devices'))
  if (!listed.err.includes('looks like')) {
    console.log('not tested: nothing tells this machine from another (no product UUID, no machine id)')
    return t.skip('this machine has no marks')
  }
  assert.match(listed.err, /laptop-anew looks like a new installation of laptop, seen /)
  assert.match(listed.err, new RegExp(`if it is: backstay retire ${old.id} --reason`))

  // Somebody says that these are two, and is not asked again.
  // The collector looks at who is new within a second or two.
  const notSame = () => fleet.admin('devices', 'laptop-anew', '--not-same', 'laptop')
  need(await until(notSame, ({ err }) => !/is not known here/.test(err)))
  assert.doesNotMatch(need(await fleet.admin('devices')).err, /looks like/)

  // A third time it is the one before it that is meant, until that is retired.
  rmSync(anew.state, { recursive: true })
  const third = await fleet.enroll('laptop-third', { roots: [home] })
  assert.match(
    need(await fleet.admin('devices', 'laptop-third')).err,
    /looks like a new installation of laptop-anew/,
  )
  need(await fleet.admin('retire', anew.id, '--reason', `replaced by ${third.id}`, '--yes'))
  assert.match(
    need(await fleet.admin('devices', 'laptop-third')).err,
    /looks like a new installation of laptop,/,
  )
  need(await fleet.admin('retire', old.id, '--yes'))
  assert.doesNotMatch(need(await fleet.admin('devices')).err, /looks like/)

  // What the old one had comes back onto the replacement.
  const out = fleet.path('out')
  need(await fleet.admin('restore', 'laptop', home, '--to', out))
  need(await third.run('status'))
  assert.equal((await run('agent', ['backup', '--state', anew.state])).code, 1)
})
