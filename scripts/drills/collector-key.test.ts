// The keys of the collector are replaced while one device works, one sleeps and one is left behind: announced, waited for, switched,
// killed in the moment of the switch. Nobody is without a way back, and whoever kept the old keys is no collector any more.
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeFleet, need } from './fleet.ts'
import { jsonOf, type Running, run, start } from './processes.ts'
import { until } from './until.ts'

interface Standing {
  readonly announced?: number
  readonly knowing: number
  readonly waiting: readonly { readonly name: string }[]
  readonly keys: readonly { readonly isUsed: boolean; readonly pins: readonly string[] }[]
}

const fleet = await makeFleet()
const kit = ['--kit', fleet.path('admin/recovery-kit.html'), '--yes'] as const
const identity = (...names: readonly string[]) => join(fleet.data, 'identity', ...names)
const [todays, nexts] = [identity('collector-keys.json'), identity('next-collector-keys.json')]
const home = fleet.path('home')
mkdirSync(home)
writeFileSync(join(home, 'thesis.txt'), 'all of it')
const awake = await fleet.enroll('awake', { roots: [home] })
const asleep = await fleet.enroll('asleep')
const behind = await fleet.enroll('behind')
for (const device of [awake, asleep, behind]) await device.backup(home)
const agents: Running[] = []
after(async () => {
  for (const agent of agents) await agent.end('SIGKILL')
  await fleet[Symbol.asyncDispose]()
})
const oldData = fleet.path('old-collector')

async function standing(): Promise<Standing> {
  return jsonOf<Standing>(need(await fleet.admin('collector-key', '--json')))
}

async function newKeys(): Promise<string> {
  return jsonOf<{ keys: string }>(need(await run('collector', ['next-keys', '--data', fleet.data, '--json'])))
    .keys
}

test('keys for later are made once, beside the collector that works, and announced', async () => {
  const agent = awake.start('run')
  agents.push(agent)
  await agent.line(line => line.includes('collector connected'))
  const keys = await newKeys()
  assert.equal(await newKeys(), keys)
  assert.doesNotMatch(keys, /PRIVATE/)
  writeFileSync(fleet.path('keys.txt'), keys)
  assert.match((await fleet.admin('collector-key', 'finish', ...kit)).err, /no other keys were announced/)
  need(await fleet.admin('collector-key', 'replace', fleet.path('keys.txt'), ...kit))
  const again = await fleet.admin('collector-key', 'replace', fleet.path('keys.txt'), ...kit)
  assert.match(again.err, /these keys are in Trust already/)
  const { announced, keys: named } = await standing()
  assert.equal(announced, 2)
  assert.deepEqual(
    named.map(({ isUsed }) => isUsed),
    [true, false],
  )
})

test('it is not finished while devices would be shut out', async () => {
  await asleep.backup(home)
  await asleep.backup(home)
  const { waiting } = await until(standing, ({ knowing }) => knowing === 2)
  assert.deepEqual(
    waiting.map(({ name }) => name),
    ['behind'],
  )
  const early = await fleet.admin('collector-key', 'finish', ...kit)
  assert.equal(early.code, 1)
  assert.match(early.err, /1 device\(s\) do not know the new keys yet.*"behind"/)
})

test('killed in the moment of the switch, the collector comes back with the new keys, and the old are gone', async () => {
  const before = readFileSync(todays, 'utf8')
  const made = readFileSync(nexts, 'utf8')
  cpSync(fleet.data, oldData, { recursive: true })
  const finish = start('admin', ['collector-key', 'finish', '--leave-behind', ...kit, ...fleet.adminOptions])
  await finish.line(line => line.startsWith('signed: version 3'))
  await fleet.collector.end('SIGKILL')
  assert.ok([before, made].includes(readFileSync(todays, 'utf8')), 'all of the one or all of the other')
  await fleet.startCollector()
  const { code, out, err } = await finish.ended
  assert.equal(code, 0, err)
  assert.match(err, /the collector runs with its new keys[\s\S]*1 device\(s\) were left behind/)
  const { line } = jsonOf<{ line: string }>(need(await fleet.admin('collector-key', 'line', '--json')))
  assert.equal(out.trim(), line)
  writeFileSync(fleet.path('line.txt'), line)
  assert.equal(readFileSync(todays, 'utf8'), made)
  assert.equal(existsSync(nexts), false)
  assert.notEqual(before, made)
  const { keys, announced } = await standing()
  assert.deepEqual([keys.length, keys[0]?.isUsed, announced], [1, true, undefined])
})

test('who knew the new keys goes on, who was left behind comes back with a line', async () => {
  writeFileSync(join(home, 'more.txt'), 'more')
  need(await asleep.run('backup', home), 0, 3)
  const waiting = await behind.run('backup', home)
  assert.equal(waiting.code, 1)
  assert.match(waiting.err, /has another TLS key than our collector[\s\S]*backstay collector-key line/)
  const damaged = fleet.path('damaged.txt')
  writeFileSync(damaged, readFileSync(fleet.path('line.txt'), 'utf8').slice(0, -40))
  assert.match((await behind.run('trust', damaged)).err, /this is no invitation to a fleet/)
  assert.match(need(await behind.run('trust', fleet.path('line.txt'))).out, /believes version 3 of Trust now/)
  await behind.backup(home)
  const again = need(await behind.run('trust', fleet.path('line.txt')))
  assert.match(again.out, /nothing is newer in it than version 3/)
  // The one that worked all the time backs up what changed, by itself.
  await until(
    async () => need(await fleet.admin('snapshots', awake.id, '--json')).out,
    shown => [...shown.matchAll(/"sequence":/g)].length > 1,
  )
})

test('a collector that runs is switched without being touched, twice', async () => {
  writeFileSync(fleet.path('keys.txt'), await newKeys())
  need(await fleet.admin('collector-key', 'replace', fleet.path('keys.txt'), ...kit))
  const lines = fleet.collector.lineCount
  need(await fleet.admin('collector-key', 'finish', '--leave-behind', ...kit))
  await fleet.collector.line(line => line.includes('"event":"started"'), lines)
  assert.equal((await standing()).keys.length, 1)
})

test('whoever kept the old keys is no collector of this fleet any more', async () => {
  await fleet.collector.end('SIGTERM')
  await fleet.startCollector({ data: oldData })
  const fooled = await asleep.run('backup', home)
  assert.equal(fooled.code, 1)
  assert.match(fooled.err, /has another TLS key than our collector/)
  assert.match((await fleet.admin('devices')).err, /has another TLS key than our collector/)
})
