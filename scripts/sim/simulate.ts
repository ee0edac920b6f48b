/**
 * A small fleet lives for some days, in one process and on simulated time: agents and a collector are the real code, their
 * disks, packs, catalog, links and clocks fail as the seed says. Two phases: *safety*, while things fail (nothing that
 * was acknowledged is lost, nothing that stays is collected), and *liveness*, when they do no longer (all heals, by itself,
 * within days). The same seed gives the same events, to the last one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAdmin } from '@backstay/agent/link/connect'
import { listSnapshots } from '@backstay/collector/catalog/snapshots'
import { type Bytes, hex, utf8 } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { type HealthState, usualRules } from '@backstay/proto/health/health'
import { nodePrimitives } from '@backstay/proto/node'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { testFleet, testNowMs } from '@backstay/proto/trust/testing/fleet'
import type { Body } from '@backstay/proto/wire/frame'
import { type Random, seededRandom } from '../testing/random.ts'
import { clockView } from './clock-view.ts'
import { simulatedCollector } from './collector.ts'
import { falselyWell, noticedMs } from './collector-states.ts'
import { wrongWithJobs } from './job-ends.ts'
import { type SignedJob, simulatedJobs } from './jobs.ts'
import { type Laptop, laptop } from './laptop.ts'
import { network } from './network.ts'
import { simulatedOrders } from './orders.ts'
import { documents } from './user-files.ts'
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
  /** Begun on laptops. */
  readonly jobs: number
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
/** Of a clock, on either side. */
const jumpsMs = [5 * minuteMs, 400 * dayMs, 3650 * dayMs].flatMap(ms => [ms, -ms])
export const healingDaysUsual = 4
/** A look at everything is due after six hours, whatever nobody hinted; a link is tried again within ten minutes. */
const patienceHours = 12
/** A window of a day that has just begun, and the next. */
const windowPatienceHours = 36

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
  const orders = await simulatedOrders(p, fleet, random, documents)
  const jobs = await simulatedJobs(p, fleet, random)
  const collector = simulatedCollector({ p, fleet, clock, random, weather: () => weather })
  const cables = network({
    ...{ clock: base, random, weather: () => weather, channelBinding: () => random.bytes(32) },
    accept: () => collector.accept,
    rogue: () => rogueFrame(random, orders.rogue, jobs.rogue),
  })
  const wrong: string[] = []
  const all: Laptop[] = []
  const brought: SignedJob[] = []
  const shown = new Map<Laptop, string>()
  const heardMs = new Map<Laptop, number>()
  let crashes = 0
  let lostMs = Number.NEGATIVE_INFINITY
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
        const ms = random.pick(jumpsMs)
        clock.jump(ms)
        say('collector', `its clock jumps by ${ms / hourMs} h`)
      }
      const mayCrash = weather.collectorCrashDays > 0 && random.below(weather.collectorCrashDays * 24) === 0
      if (mayCrash) {
        await base.sleep(random.below(hourMs))
        crashes++
        cables.cutAll()
        const catalog = await collector.crash()
        if (catalog !== 'kept') lostMs = base.monotonic()
        say('collector', `crashed, catalog ${catalog}`)
        await base.sleep(minuteMs + random.below(2 * hourMs))
        await startCollector()
      }
      say('collector', await collector.upkeep(hour % 24 === 0))
      await lookAtStates()
    }
  }

  async function adminLife(): Promise<void> {
    while (!isOver) {
      await base.sleep(hourMs)
      const { newPolicy, newJob } = weather
      if (newPolicy > 0 && random.below(newPolicy) === 0) await signPolicy()
      if (newJob > 0 && random.below(newJob) === 0) await signJob(random.pick(all))
    }
  }

  async function signPolicy(): Promise<void> {
    if (await bring(await orders.next(base.now())))
      say('admin', `signed policy ${orders.newest}, ${orders.schedule.kind}`)
  }

  async function signJob(one: Laptop): Promise<void> {
    const job = await jobs.next(one, base.now())
    if (!(await bring(job.envelope))) return
    brought.push(job)
    say('admin', `signed a ${job.kind} for ${one.name}`)
  }

  /** Until the collector has it; false when the simulation is over before. */
  async function bring(envelope: Bytes): Promise<boolean> {
    for (let tries = 1; !isOver; tries++) {
      try {
        const { admin, trust } = fleet
        const session = await connectAdmin({
          ...{ urls: ['wss://collector.test:7443'], signingKey: admin, primitives: p, trust },
          ...{ transport: cables.transport, clock: base },
        })
        try {
          await session.putRecord(envelope)
        } finally {
          await session.close()
        }
        return true
      } catch (error) {
        if (!isFailure(error)) throw error
        await base.sleep(tries * minuteMs)
      }
    }
    return false
  }

  /** What the collector shows of everyone, as often as the story of it changes. */
  async function lookAtStates(): Promise<void> {
    const states = await collector.states()
    for (const one of all) {
      const viewed = states?.get(one.device)
      if (viewed === undefined) continue
      const { state } = viewed.health
      if (shown.get(one) !== state) say('collector', `${one.name} is ${state}`)
      shown.set(one, state)
      const nowMs = base.monotonic()
      if (one.onSinceMs !== undefined && nowMs - one.onSinceMs >= noticedMs) heardMs.set(one, nowMs)
      // What a device said last may be lost with the catalog: then nothing is known until it is heard again.
      const what = (heardMs.get(one) ?? 0) < lostMs ? undefined : falselyWell(viewed, one)
      if (what !== undefined) wrong.push(what)
    }
  }

  async function laptopLife(one: Laptop, jumps: { jump(ms: number): void }): Promise<void> {
    await one.start()
    while (!isOver) {
      const isLong = weather.longSleep > 0 && random.below(weather.longSleep) === 0
      if (isLong) await one.stop()
      await base.sleep((isLong ? 1 + random.below(72) : 1 + random.below(8)) * hourMs)
      await one.start()
      if (weather.clockJump > 0 && random.below(weather.clockJump * 4) === 0) jumps.jump(random.pick(jumpsMs))
      one.change()
      if (weather.pause > 0 && random.below(weather.pause) === 0) one.pause(random.below(20) * hourMs)
      one.place(weather.poorPlace > 0 && random.below(weather.poorPlace) === 0)
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
    one.place(false)
    const patience = patienceNow()
    for (let hours = 0; !one.isProtected() && hours < patience; hours++) await base.sleep(hourMs)
    if (!one.isProtected()) wrong.push(`${one.name} did not back up what changed last in ${patience} h`)
    if (one.wholeMs > (patience + 1) * hourMs) wrong.push(`${one.name} did not look at everything in time`)
    if (one.obeyed.newest !== orders.newest)
      wrong.push(`${one.name} obeys #${one.obeyed.newest}, and #${orders.newest} was signed`)
    wrong.push(...(await one.differences()))
    await requireShown(one, 'protected', patience)
  }

  const patienceNow = () => (orders.schedule.kind === 'windows' ? windowPatienceHours : patienceHours)

  async function requireShown(one: Laptop, state: HealthState, hoursMax: number): Promise<void> {
    for (let hours = 0; ; hours++) {
      const health = (await collector.states())?.get(one.device)?.health
      // Behind a start or a doubt all is to be looked at once more: until then something may wait.
      const isWaiting = health?.reasons.some(({ code }) => code === 'changes_wait')
      if (health?.state === state && (state !== 'protected' || isWaiting === false)) return
      if (hours === hoursMax) {
        const why = health?.reasons.map(({ code, what }) => `${code} ${what}`.trim()).join(', ')
        wrong.push(`${one.name} is shown as ${health?.state} (${why}) and not as ${state}`)
        return
      }
      await base.sleep(hourMs)
    }
  }

  /** Nobody tells the collector of it. */
  async function requireSilenceNoticed(one: Laptop): Promise<void> {
    // Hours went by with the others: a look at everything may be due again, and nobody can say that nothing waits.
    await requireShown(one, 'protected', patienceNow())
    await one.cut()
    await base.sleep(dayMs)
    await requireShown(one, 'offline_complete', 0)
    await base.sleep(usualRules.silentAtRiskMs)
    await requireShown(one, 'at_risk', 0)
  }

  async function requireJobsEnded(one: Laptop): Promise<void> {
    const known = (await collector.running?.fleet.jobs.of(one.device)) ?? []
    const own = brought.filter(({ name }) => name === one.name)
    wrong.push(...(await wrongWithJobs(p, one, own, known, base.now())))
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
    await passing(signPolicy())
    const lives: Promise<void>[] = []
    for (let index = 0; index < count; index++) {
      const own = clockView(base)
      const name = `laptop-${index}`
      const made = laptop({
        ...{ name, p, fleet, clock: own, random, collector, orders, jobs, state: join(folder, name) },
        say: what => say(name, what),
        ...{ passedMs: () => base.monotonic(), weather: () => weather, transport: cables.transport },
      })
      const one = await passing(made)
      all.push(one)
      lives.push(laptopLife(one, own))
    }
    lives.push(collectorLife(), adminLife())
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
    // Of a rogue collector nobody hears after the next connection.
    cables.cutAll()
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
      await passing(requireJobsEnded(one))
    }
    await passing(Promise.all(all.map(requireSilenceNoticed)))
    for (const one of all) wrong.push(...one.wrong)
    await passing(collector.stop())
    const damaged = await collector.scrub()
    if (damaged > 0) wrong.push(`${damaged} objects are damaged after all`)
    say('end', `${wrong.length} wrong`)
    return {
      ...{ hash: hex(events.digest()), events: eventCount, weather: storm, forgotten, crashes, wrong },
      acknowledged: all.reduce((sum, one) => sum + one.acknowledged.length, 0),
      jobs: all.reduce((sum, one) => sum + one.obeyed.begun.size, 0),
      powerCuts: all.reduce((sum, one) => sum + one.cuts, 0),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function rogueFrame(
  random: Random,
  order: () => Bytes | undefined,
  job: () => Bytes | undefined,
): Body | undefined {
  const kind = random.pick(['orders', 'jobs'] as const)
  const envelope = kind === 'orders' ? order() : job()
  return envelope && { kind, envelopes: [envelope] }
}
