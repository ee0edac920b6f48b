// The recovery kit is replaced while one device works and another sleeps: cut off between the steps, gone on with, and proved. The old
// kit opens what was there before and signs nothing more; the new one opens what devices sealed since.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Device, makeFleet, need } from './fleet.ts'
import { jsonOf, type Running, run, start } from './processes.ts'
import { until } from './until.ts'

interface Standing {
  readonly since: number
  readonly sealed: number
  readonly waiting: readonly { readonly name: string; readonly isRetired: boolean }[]
}

const fleet = await makeFleet()
const oldKit = fleet.path('old-kit.html')
const newKit = fleet.path('admin/new-recovery-kit.html')
cpSync(fleet.path('admin/recovery-kit.html'), oldKit)
const home = fleet.path('home')
mkdirSync(home)
writeFileSync(join(home, 'thesis.txt'), 'all of it')
const awake = await fleet.enroll('awake', { roots: [home] })
const asleep = await fleet.enroll('asleep')
const lost = await fleet.enroll('lost')
for (const device of [awake, asleep, lost]) await device.backup(home)
need(await fleet.admin('retire', lost.id, '--reason', 'lost', '--yes'))
const agents: Running[] = []
after(async () => {
  for (const agent of agents) await agent.end('SIGKILL')
  await fleet[Symbol.asyncDispose]()
})

function startAgent(device: Device): void {
  agents.push(device.start('run'))
}

const replace = ['kit', 'replace', '--kit', oldKit, '--yes'] as const

async function standing(): Promise<Standing> {
  return jsonOf<Standing>(need(await fleet.admin('kit', '--json')))
}

/** Waits until nobody but these is waited for. */
async function waitingFor(...names: readonly string[]): Promise<Standing> {
  const wanted = [...names].sort().join()
  return until(
    standing,
    ({ waiting }) =>
      wanted ===
      waiting
        .map(({ name }) => name)
        .sort()
        .join(),
  )
}

test('killed after the page was made, nothing is signed, and the same kit goes on', async () => {
  const cut = start('admin', [...replace, ...fleet.adminOptions])
  await cut.line(line => line.startsWith('recovery kit: "'))
  await cut.end('SIGKILL')
  assert.equal((await standing()).since, 1)
  const page = readFileSync(newKit, 'utf8')
  startAgent(awake)
  const done = need(await fleet.admin(...replace, '--unattended', '--json'))
  assert.equal(jsonOf<Standing>(done).since, 2)
  assert.equal(readFileSync(newKit, 'utf8'), page)
  // Again, as after an answer that was lost: it is done already.
  assert.equal(jsonOf<Standing>(need(await fleet.admin(...replace, '--json'))).since, 2)
})

test('who works comes under it at once, who sleeps when it wakes, and who is lost never', async () => {
  const now = await waitingFor('asleep', 'lost')
  assert.deepEqual(
    now.waiting.map(({ isRetired }) => isRetired),
    now.waiting.map(({ name }) => name === 'lost'),
  )
  const proved = need(await fleet.admin('prove', '--kit', newKit))
  assert.match(proved.out, /^awake: recoverable \(desk, kit\)$/m)
  assert.match(proved.out, /^asleep: recoverable \(desk\)\n {2}not under the new kit yet/m)
  // A month later.
  await asleep.backup(home)
  await waitingFor('lost')
  assert.match(need(await fleet.admin('prove', '--kit', newKit)).out, /^asleep: recoverable \(desk, kit\)$/m)
})

test('the old kit signs nothing more, and opens what was sealed for it', async () => {
  const refused = await fleet.admin('admins', 'rotate', '--kit', oldKit, '--yes')
  assert.match(refused.err, /this kit was replaced: its key is no owner any more/)
  assert.match(
    need(await fleet.admin('prove', '--kit', oldKit)).out,
    /^lost: recoverable \(desk, kit of before\)$/m,
  )
})

test('from packs alone the new kit gives back who is under it, the old kit all', async () => {
  for (const agent of agents) await agent.end('SIGTERM')
  await fleet.collector.end('SIGKILL')
  const recovered = async (kit: string, to: string) => {
    const words = ['--packs', join(fleet.data, 'packs'), '--kit', kit, '--to', fleet.path(to), '--json']
    return run('admin', ['recover', ...words])
  }
  const withNew = await recovered(newKit, 'new')
  assert.equal(withNew.code, 3, withNew.err)
  assert.match(withNew.err, /lost/)
  const withOld = need(await recovered(oldKit, 'old'))
  for (const { out } of [withNew, withOld]) {
    assert.equal(jsonOf<{ damagedCount: number }>({ ...withOld, out }).damagedCount, 0)
  }
})
