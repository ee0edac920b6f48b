// A collector that lies about what happened, against real links (facts: log-rewrite, split-view, put back from a copy).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LogWitness, logWitness } from '@backstay/agent/link/log-witness'
import type { Session } from '@backstay/agent/link/session'
import type { WitnessedLog } from '@backstay/proto/log/witness'
import { nodePrimitives as p } from '@backstay/proto/node'
import { calmHeartbeat } from '@backstay/proto/trust/testing/heartbeat'
import { type CollectorLog, openCollectorLog } from '../src/audit/collector-log.ts'
import { openCatalog } from '../src/catalog/catalog.ts'
import { openSqlite } from '../src/catalog/sqlite.ts'
import { type SampleGateway, sampleGateway } from '../src/link/testing/sample-gateway.ts'
import { silentLog } from '../src/log.ts'
import { laptop, sampleFleet, server } from '../src/testing/sample-vault.ts'
import { compareLogs, logForkSentence } from './log-views.ts'

const { trust } = sampleFleet

/** Another history under the same key: what somebody makes who holds the collector. */
async function another(world: SampleGateway, actions: readonly string[]): Promise<CollectorLog> {
  const sql = openSqlite(':memory:')
  await openCatalog(sql)
  const { clock } = world
  const log = openCollectorLog({
    ...{ p, sql, clock, key: sampleFleet.collector, fleet: () => trust.fleet, log: silentLog },
  })
  for (const action of actions) await log.note({ actor: 'person:mallory', action })
  return log
}

/** A device or an admin with a memory of its own. */
class Witness {
  held: WitnessedLog | undefined

  async see(world: SampleGateway, session: Session): Promise<LogWitness> {
    return logWitness({
      ...{ primitives: p, clock: world.clock, fleet: trust.fleet, session, held: this.held },
      remember: async log => {
        this.held = log
      },
    })
  }

  async connect(world: SampleGateway, who = laptop): Promise<LogWitness> {
    await using session = await world.device(who, { witness: { checkpoint: this.held?.checkpoint } })
    return await this.see(world, session)
  }
}

/** A gateway whose log can be exchanged under its witnesses. */
async function lyingWorld() {
  let shown: CollectorLog | undefined
  const told = () => shown ?? world.auditLog
  const world: SampleGateway = await sampleGateway({
    auditLog: {
      shown: held => told().shown(held),
      checkpoint: () => told().checkpoint(),
      consistency: (from, to) => told().consistency(from, to),
      note: entry => world.auditLog.note(entry),
    },
  })
  await (await world.enroll(laptop)).close()
  await (await world.enroll(server)).close()
  await world.auditLog.follow()
  return {
    world,
    async show(log: CollectorLog | undefined) {
      shown = log
      await world.clock.advance(60_000)
    },
  }
}

const codesOf = ({ alarms }: LogWitness) => alarms.map(({ code }) => code)
const heard = (name: string, device: typeof laptop, { held }: Witness) => ({
  certificate: { ...device.certificate, name },
  heartbeat: { ...calmHeartbeat(sampleFleet, device), checkpoint: held?.checkpoint },
})

async function compare(world: SampleGateway, witness: Witness, devices: Parameters<typeof compareLogs>[1]) {
  await using link = await world.admin(undefined, undefined, { checkpoint: witness.held?.checkpoint })
  const { witnessed } = await witness.see(world, link)
  return await compareLogs({ primitives: p, link, trust, history: [trust], witnessed }, devices)
}

test('test 23, log-rewrite: a device sees that the first entry was changed, says so, and its session goes on', async () => {
  const { world, show } = await lyingWorld()
  await using _world = world
  const device = new Witness()
  assert.deepEqual(codesOf(await device.connect(world)), [])
  await world.auditLog.note({ actor: 'person:a', action: 'job' })
  assert.deepEqual(codesOf(await device.connect(world)), [])
  const seen = device.held?.checkpoint
  await show(await another(world, ['changed', ...Array.from({ length: 30 }, (_, n) => `entry-${n}`)]))
  await using session = await world.device(laptop, { witness: { checkpoint: seen } })
  const now = await device.see(world, session)
  assert.deepEqual(codesOf(now), ['log_rewritten'])
  assert.match(now.alarms[0]?.message ?? '', /backups go on/)
  assert.deepEqual(device.held?.fork?.before, seen)
  assert.equal((await session.missing(['00'.repeat(32) as never])).size, 1)
})

test('a collector that was put back is explained to both sides, and a device of a week later still tells', async () => {
  const { world, show } = await lyingWorld()
  await using _world = world
  const old = await another(world, ['one', 'two'])
  const device = new Witness()
  const lost = await another(world, ['one', 'two', 'three', 'four'])
  await show(lost)
  await device.connect(world)
  await show(old)
  assert.deepEqual(codesOf(await device.connect(world)), ['log_rolled_back'])
  assert.equal(old.fork?.kind, 'log_rolled_back')
  await world.clock.advance(7 * 86_400_000)
  await old.note({ actor: 'person:a', action: 'five' })
  assert.deepEqual(codesOf(await device.connect(world)), ['log_rolled_back'])
})

test('test 24, split-view: two devices that were shown two logs are told apart by the console', async () => {
  const { world, show } = await lyingWorld()
  await using _world = world
  const [laptopSees, serverSees, admin] = [new Witness(), new Witness(), new Witness()]
  await laptopSees.connect(world)
  await show(
    await another(
      world,
      Array.from({ length: 20 }, (_, n) => `other-${n}`),
    ),
  )
  assert.deepEqual(codesOf(await serverSees.connect(world, server)), [])
  const views = await compare(world, admin, [
    heard('laptop', laptop, laptopSees),
    heard('server', server, serverSees),
  ])
  assert.equal(views.forks.length, 1)
  assert.match(
    logForkSentence(views.forks[0] ?? assert.fail()),
    /to laptop \(\d+ entries\) and to server, this folder.* \(20 entries\)/,
  )
})

test('devices that saw one log at different times are in agreement', async () => {
  const { world } = await lyingWorld()
  await using _world = world
  const [laptopSees, serverSees, admin] = [new Witness(), new Witness(), new Witness()]
  await laptopSees.connect(world)
  for (let n = 0; n < 9; n++) await world.auditLog.note({ actor: 'person:a', action: 'sign-in' })
  await world.clock.advance(60_000)
  await serverSees.connect(world, server)
  await world.auditLog.note({ actor: 'person:a', action: 'sign-out' })
  await world.clock.advance(60_000)
  const views = await compare(world, admin, [
    heard('laptop', laptop, laptopSees),
    heard('server', server, serverSees),
  ])
  assert.deepEqual(views.forks, [])
  assert.equal(views.compared, 3)
})

test('what no collector of the fleet signed counts for nothing', async () => {
  const { world } = await lyingWorld()
  await using _world = world
  const admin = new Witness()
  const noise = new Witness()
  noise.held = { checkpoint: new Uint8Array(90).fill(65), fork: undefined }
  const views = await compare(world, admin, [heard('laptop', laptop, noise)])
  assert.deepEqual(views.forks, [])
})

test('a long session looks again, and a log that shrank meanwhile is told at the next connection', async () => {
  const { world, show } = await lyingWorld()
  await using _world = world
  const device = new Witness()
  await using session = await world.device(laptop, { witness: { checkpoint: undefined } })
  const eyes = await device.see(world, session)
  const first = eyes.witnessed?.checkpoint
  await world.auditLog.note({ actor: 'person:a', action: 'job' })
  await world.clock.advance(60_000)
  await eyes.look()
  assert.notDeepEqual(eyes.witnessed?.checkpoint, first)
  assert.deepEqual(codesOf(eyes), [])
  await show(await another(world, ['short']))
  await eyes.look()
  assert.deepEqual(codesOf(await device.connect(world)), ['log_rolled_back'])
})
