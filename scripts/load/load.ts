/**
 * npm run load: a collector and as many devices as you like, each with a session of its own, for some minutes.
 *
 *     npm run load -- --agents 1000 --minutes 5
 *     npm run load -- --agents 200 --minutes 2 --speed 10
 *
 * Each device sends a heartbeat a minute and a commit every 15 minutes, times `--speed`. Printed are the collector's memory
 * and processor time and how long commits took. All of it runs on one machine, so times tell little and memory much.
 */
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { makeFleet, need } from '../drills/fleet.ts'
import type { CrowdOptions, CrowdReport } from './crowd.ts'

export interface LoadOptions {
  readonly agents: number
  readonly processes: number
  readonly minutes: number
  readonly speed: number
  readonly commitBytes: number
  say(line: string): void
}

export interface LoadResult {
  readonly agents: number
  readonly connected: number
  readonly heartbeats: number
  readonly commits: number
  readonly failures: Readonly<Record<string, number>>
  readonly p50Ms: number
  readonly p99Ms: number
  /**
   * Of a policy for the whole fleet, signed when all had arrived: to how many devices it came, and when to half of them and to the
   * last, counted from the first.
   */
  readonly policy: { readonly devices: number; readonly medianMs: number; readonly lastMs: number }
  /** Before anyone came; when all were there; at the end; the most that was seen. MiB. */
  readonly rss: {
    readonly empty: number
    readonly arrived: number
    readonly end: number
    readonly most: number
  }
  readonly cpuSeconds: number
  /** Of one processor, after all had arrived. */
  readonly cpuPercent: number
}

const minuteMs = 60_000
/** A device arrives in about 30 ms of processor time on both sides together. */
const arriveMsEach = 40

export async function load(options: LoadOptions): Promise<LoadResult> {
  const { agents, processes, minutes, speed, commitBytes, say } = options
  await using fleet = await makeFleet()
  const { pid } = fleet.collector
  const token = await fleet.token('--uses', String(agents), '--label', 'load')
  const empty = rssMiB(pid)
  const crowds = Array.from({ length: processes }, (_, index) => {
    const devices = Math.floor((agents + index) / processes)
    return crowdOf({
      ...{ token, devices, name: `device-${index}`, commitBytes },
      ...{
        heartbeatMs: minuteMs / speed,
        commitMs: (15 * minuteMs) / speed,
        arriveMs: agents * arriveMsEach,
      },
    })
  })
  const all = {
    heartbeats: 0,
    commits: [] as number[],
    orders: [] as number[],
    failures: {} as Record<string, number>,
  }
  const lookMs = 10_000
  let connected = 0
  let arrived: { readonly ms: number; readonly rss: number; readonly cpu: number } | undefined
  let most = empty
  const begun = performance.now()
  say('  time  connected  heartbeats  commits  p50 ms  p99 ms  RSS MiB  CPU %')
  for (let cpu = cpuSeconds(pid), atMs = begun; ; ) {
    await new Promise(resolve => setTimeout(resolve, lookMs))
    const reports = crowds.map(one => one.take())
    connected = sum(reports.map(one => one.connected))
    const commits = reports.flatMap(one => one.commits)
    const heartbeats = sum(reports.map(one => one.heartbeats))
    all.heartbeats += heartbeats
    all.commits.push(...commits)
    all.orders.push(...reports.flatMap(one => one.orders))
    for (const { failures } of reports) {
      for (const [code, count] of Object.entries(failures))
        all.failures[code] = (all.failures[code] ?? 0) + count
    }
    const [now, rss, cpuNow] = [performance.now(), rssMiB(pid), cpuSeconds(pid)]
    most = Math.max(most, rss)
    const percent = ((cpuNow - cpu) * 100_000) / (now - atMs)
    const cells = [`${Math.round((now - begun) / 1000)} s`, connected, heartbeats, commits.length]
    say(
      [...cells, ...quantiles(commits), rss, percent.toFixed(0)]
        .map(cell => String(cell).padStart(8))
        .join(' '),
    )
    cpu = cpuNow
    atMs = now
    if (arrived === undefined && connected === agents) {
      arrived = { ms: now, rss, cpu: cpuNow }
      // What was signed before they came is not counted.
      all.orders = []
      need(await fleet.admin('policy', 'edit', '--set', 'schedule=every 20m', '--yes'))
    }
    if (arrived !== undefined && now - arrived.ms >= minutes * minuteMs) break
    // Those that cannot come are part of the result, not a reason to wait for ever.
    if (arrived === undefined && now - begun > agents * arriveMsEach * 10 + 5 * minuteMs) break
  }
  const [end, cpuEnd] = [rssMiB(pid), cpuSeconds(pid)]
  await Promise.all(crowds.map(one => one.end()))
  const [p50Ms, p99Ms] = quantiles(all.commits)
  const steadyS = arrived === undefined ? 0 : (performance.now() - arrived.ms) / 1000
  return {
    ...{ agents, connected, heartbeats: all.heartbeats, commits: all.commits.length, failures: all.failures },
    ...{ p50Ms, p99Ms, policy: comingOf(all.orders) },
    ...{ rss: { empty, arrived: arrived?.rss ?? 0, end, most }, cpuSeconds: cpuEnd },
    cpuPercent: steadyS === 0 ? 0 : Math.round(((cpuEnd - (arrived?.cpu ?? 0)) * 100) / steadyS),
  }
}

interface Crowd {
  /** What was reported since the last time. */
  take(): CrowdReport
  end(): Promise<void>
}

function crowdOf(options: CrowdOptions): Crowd {
  const child = fork(fileURLToPath(new URL('./crowd.ts', import.meta.url)), { stdio: 'inherit' })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  let reports: CrowdReport[] = []
  let connected = 0
  child.on('message', report => {
    reports.push(report as CrowdReport)
    connected = (report as CrowdReport).connected
  })
  child.send(options)
  return {
    take() {
      const failures: Record<string, number> = {}
      for (const [code, count] of reports.flatMap(one => Object.entries(one.failures))) {
        failures[code] = (failures[code] ?? 0) + count
      }
      const commits = reports.flatMap(one => one.commits)
      const orders = reports.flatMap(one => one.orders)
      const heartbeats = sum(reports.map(one => one.heartbeats))
      const taken = { connected, heartbeats, commits, orders, failures }
      reports = []
      return taken
    },
    async end() {
      child.disconnect()
      await ended
    },
  }
}

function quantiles(values: readonly number[]): [number, number] {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
  return [at(0.5), at(0.99)]
}

function comingOf(timesMs: readonly number[]): LoadResult['policy'] {
  const [first = 0] = timesMs.toSorted((a, b) => a - b)
  const [medianMs] = quantiles(timesMs.map(one => one - first))
  return { devices: timesMs.length, medianMs, lastMs: Math.max(0, ...timesMs.map(one => one - first)) }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** Linux: resident memory of a process. */
function rssMiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(line?.[1] ?? 0) / 1024)
}

/** User and system time; the kernel counts in hundredths of a second. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      agents: { type: 'string', default: '1000' },
      processes: { type: 'string', default: '4' },
      minutes: { type: 'string', default: '5' },
      speed: { type: 'string', default: '1' },
      'commit-kib': { type: 'string', default: '64' },
    },
  })
  const result = await load({
    ...{
      agents: Number(values.agents),
      processes: Number(values.processes),
      minutes: Number(values.minutes),
    },
    ...{ speed: Number(values.speed), commitBytes: Number(values['commit-kib']) * 1024 },
    say: line => process.stdout.write(`${line}\n`),
  })
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`)
}
