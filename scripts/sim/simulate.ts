/**
 * A small fleet lives for some days, in one process and on simulated time: agents and a collector are the real code, their
 * disks, packs, catalog, links and clocks fail as the seed says. Two phases: *safety*, while things fail (nothing that
 * was acknowledged is lost, nothing that stays is collected), and *liveness*, when they do no longer (all heals, by itself,
 * within days). The same seed gives the same events, to the last one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listSnapshots } from '@backstay/collector/catalog/snapshots'
import { shortRetention } from '@backstay/collector/testing/collecting'
import { hex, utf8 } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives } from '@backstay/proto/node'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { testFleet, testLayer, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { seededRandom } from '../testing/random.ts'
import { clockView } from './clock-view.ts'
import { simulatedCollector } from './collector.ts'
import { home, type Laptop, laptop } from './laptop.ts'
import { network } from './network.ts'
import { fairWeather, type Weather, weatherOf } from './weather.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly days: number
  readonly laptops?: number
  /** Of fair weather afterwards. */
  readonly healingDays?: number
  readonly onEvent?: (line: string) => void
}

export interface Simulated {
  /** SHA-256 of all events. */
  readonly hash: string
  readonly events: number
  readonly weather: Weather
  readonly acknowledged: number
  readonly forgotten: number
  /** Of the collector, and of laptops. */
  readonly crashes: number
  readonly powerCuts: number
  /** What was wrong; empty, or a defect was found. */
  readonly wrong: readonly string[]
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** Before this age nothing may go, less what a clock may make up for in a year (upkeep/retention-clock.ts). */
const safeMs = 30 * dayMs - 8 * dayMs
const healingDaysUsual = 4
/** A look at everything is due after six hours, whatever nobody hinted; a link is tried again within ten minutes. */
const patienceHours = 12

export async function simulate({
  seed,
  days,
  laptops: count = 2,
  healingDays = healingDaysUsual,
  onEvent,
}: SimulationOptions): Promise<Simulated> {
  const random = seededRandom(seed)
  const choice = seededRandom(seed + 1)
  const p = { ...nodePrimitives, random: (length: number) => random.bytes(length) }
  const base = simulatedClock(testNowMs)
  const folder = mkdtempSync(join(tmpdir(), 'backstay-sim-'))
  const events = nodePrimitives.hasher()
  let eventCount = 0
  const say = (who: string, what: string) => {
    const line = `${(base.monotonic() / hourMs).toFixed(4)} ${who}: ${what}`
    events.update(utf8(`${line}\n`))
    eventCount++
    onEvent?.(line)
  }
  const storm = weatherOf(choice)
  let weather = fairWeather
  const fleet = await testFleet(p)
  const clock = clockView(base)
  const collector = simulatedCollector({ p, fleet, clock, random, weather: () => weather })
  const cables = network({
    ...{ clock: base, random, weather: () => weather, channelBinding: () => random.bytes(32) },
    accept: () => collector.accept,
  })
  const wrong: string[] = []
  let crashes = 0
  let isOver = false

  /** Lets time pass until it is done; a day is longer than anything may take. */
  async function passing<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const end = () => {
      isDone = true
    }
    work.then(end, end)
    for (let passed = 0; !isDone; passed += minuteMs) {
      if (passed > 20 * dayMs) throw new Error('it hangs')
      await base.advance(minuteMs)
    }
    return work
  }

  async function startCollector(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await collector.start()
        return say('collector', 'started')
      } catch (error) {
        if (!isFailure(error)) throw error
        say('collector', `did not start: ${error.code}`)
        await base.sleep(tries * minuteMs)
      }
    }
  }

  async function collectorLife(): Promise<void> {
    for (let hour = 1; !isOver; hour++) {
      await base.sleep(hourMs)
      if (weather.clockJump > 0 && random.below(weather.clockJump * 24) === 0) {
        const ms = random.pick([
          5 * minuteMs,
          -5 * minuteMs,
          400 * dayMs,
          -400 * dayMs,
          3650 * dayMs,
          -3650 * dayMs,
        ])
        clock.jump(ms)
        say('collector', `its clock jumps by ${ms / hourMs} h`)
      }
      const mayCrash = weather.collectorCrashDays > 0 && random.below(weather.collectorCrashDays * 24) === 0
      if (mayCrash) {
        await base.sleep(random.below(hourMs))
        crashes++
        cables.cutAll()
        say('collector', `crashed, catalog ${await collector.crash()}`)
        await base.sleep(minuteMs + random.below(2 * hourMs))
        await startCollector()
      }
      say('collector', await collector.upkeep(hour % 24 === 0))
    }
  }

  async function laptopLife(one: Laptop, jumps: { jump(ms: number): void }): Promise<void> {
    await one.start()
    while (!isOver) {
      const isLong = weather.longSleep > 0 && random.below(weather.longSleep) === 0
      if (isLong) await one.stop()
      await base.sleep((isLong ? 1 + random.below(72) : 1 + random.below(8)) * hourMs)
      await one.start()
      if (weather.clockJump > 0 && random.below(weather.clockJump * 4) === 0)
        jumps.jump((random.below(800) - 400) * dayMs)
      one.change()
      if (random.below(20) === 0) {
        const code = await one.forge()
        say(one.name, `forged a policy: ${code}`)
        if (code === 'accepted') wrong.push(`${one.name} had a policy accepted that no admin signed`)
      }
      const { agentCrash, changeUnderBackup } = weather
      await base.sleep(random.below(30_000))
      if (changeUnderBackup > 0 && random.below(changeUnderBackup) === 0) one.change()
      await base.sleep(random.below(10_000))
      if (agentCrash > 0 && random.below(agentCrash) === 0) {
        await one.cut()
        await base.sleep(random.below(hourMs))
      }
      await one.start()
    }
  }

  /** Nothing changes any more and nothing fails: the scheduler comes to it by itself. */
  async function requireProtected(one: Laptop): Promise<void> {
    for (let hours = 0; !one.isProtected() && hours < patienceHours; hours++) await base.sleep(hourMs)
    if (!one.isProtected()) wrong.push(`${one.name} did not back up what changed last in ${patienceHours} h`)
    wrong.push(...(await one.differences()))
  }

  /** Every acknowledged snapshot is there whole, unless it is old enough to go. */
  async function requireSafe(all: readonly Laptop[]): Promise<number> {
    let forgotten = 0
    for (const one of all) {
      const rows = await listSnapshots(collector.sql, fleet.trust.fleet, one.device, {
        limit: 100_000,
      })
      const listed = new Set(rows.map(row => row.id))
      const gone = one.acknowledged.filter(({ id }) => !listed.has(id))
      for (const { sequence, untilMs } of gone) {
        if (base.monotonic() - untilMs < safeMs)
          wrong.push(`${one.name} #${sequence} was acknowledged and is not there`)
      }
      forgotten += gone.length
      wrong.push(...(await passing(one.wrongWith(one.acknowledged.filter(({ id }) => listed.has(id))))))
    }
    say('check', `${wrong.length} wrong`)
    return forgotten
  }

  try {
    await passing(startCollector())
    const setting = { kind: 'retention', value: shortRetention, locked: false } as const
    const files = { name: 'home', roots: [utf8(home)], excludes: [], presets: [], shareSegments: true }
    const set = { kind: 'backupSet', value: files, locked: false } as const
    const layer = await testLayer(p, fleet, [setting, set], { sequence: 1 })
    await passing(Promise.resolve(collector.running?.vault.ingest.putRecord('fleet', layer)))
    const all: Laptop[] = []
    const lives: Promise<void>[] = []
    for (let index = 0; index < count; index++) {
      const own = clockView(base)
      const name = `laptop-${index}`
      const made = laptop({
        ...{ name, p, fleet, clock: own, random, collector, state: join(folder, name) },
        say: what => say(name, what),
        ...{ passedMs: () => base.monotonic(), weather: () => weather, transport: cables.transport },
      })
      const one = await passing(made)
      all.push(one)
      lives.push(laptopLife(one, own))
    }
    lives.push(collectorLife())
    const failed = Promise.all(lives).then(
      () => undefined,
      error => error as unknown,
    )

    weather = storm
    for (let day = 0; day < days; day++) {
      await Promise.race([
        base.advance(dayMs),
        failed.then(error => {
          if (error !== undefined) throw error
        }),
      ])
    }
    weather = fairWeather
    say('weather', 'fair')
    for (let day = 0; day < healingDays; day++) await base.advance(dayMs)
    isOver = true
    await passing(
      failed.then(error => {
        if (error !== undefined) throw error
      }),
    )

    const forgotten = await requireSafe(all)
    for (const one of all) {
      await passing(requireProtected(one))
      await passing(one.stop())
      wrong.push(...one.wrong)
    }
    await passing(collector.stop())
    const damaged = await collector.scrub()
    if (damaged > 0) wrong.push(`${damaged} objects are damaged after all`)
    say('end', `${wrong.length} wrong`)
    return {
      ...{ hash: hex(events.digest()), events: eventCount, weather: storm, forgotten, crashes, wrong },
      acknowledged: all.reduce((sum, one) => sum + one.acknowledged.length, 0),
      powerCuts: all.reduce((sum, one) => sum + one.cuts, 0),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
