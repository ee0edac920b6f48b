/**
 * What it costs to be there all the time, and how soon a save is safe: the agent that runs watches a folder, does nothing,
 * and then files are saved in it one after another. Beside it chokidar, which watches the same folder and does no more.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { start } from '../drills/processes.ts'
import { load } from '../load/load.ts'
import { agent, end, openFleet } from './backstay-tool.ts'
import { forgetPeak, run, usage } from './measure.ts'
import { type Row, rounded } from './rows.ts'
import { restic } from './tools.ts'

export interface AlwaysOnOptions {
  readonly folder: string
  /** For collector and state. */
  readonly place: string
  readonly saves: number
  readonly idleS: number
  /** Before it counts as idle. */
  readonly settleMs: number
}

const pauseMs = 400

/** `watch`: until everything was watched; `idle`; `save_median`, `save_p95`, `save_most`: from the end of a write to the collector's word that it is committed; `reconcile`: everything looked at again, unchanged. */
export async function measureAgent(options: AlwaysOnOptions): Promise<Row[]> {
  const { folder, place, saves, idleS, settleMs } = options
  const fleet = await openFleet(place, folder)
  const started = performance.now()
  const running = start(agent, ['run', ...fleet.state.filter(word => word !== '--json')])
  const next = (text: string) => running.line(line => line.includes(text), running.lineCount)
  const row = rowBy('backstay')
  try {
    const watched = next('"folders watched"').then(() => (performance.now() - started) / 1000)
    await next('"snapshot stored"')
    const readyS = await watched
    // What was seen while it began is looked at once more.
    await delay(settleMs)
    const idle = await idleUse(running.pid, idleS)
    const savesMs = await saveAgainAndAgain(folder, saves, () => next('"snapshot stored"'))
    const asked = next('"why":"asked"')
    forgetPeak(running.pid)
    await run([...agent, 'backup', ...fleet.state])
    const { ms } = JSON.parse(await asked) as { readonly ms: number }
    const peak = usage(running.pid)
    const saved = (share: number) => ({
      wall_s: rounded((savesMs[Math.ceil(savesMs.length * share) - 1] ?? 0) / 1000),
    })
    return [
      row('watch', { wall_s: rounded(readyS) }),
      row('idle', idle),
      ...[row('save_median', saved(0.5)), row('save_p95', saved(0.95)), row('save_most', saved(1))],
      row('reconcile', { wall_s: rounded(ms / 1000), ...(peak && { rss_bytes: peak.rssBytes }) }),
    ]
  } finally {
    await running.end('SIGTERM')
    await fleet.close()
  }
}

/** Only watches; takes no part in anything else. */
export async function measureChokidar({ folder, idleS, settleMs }: AlwaysOnOptions): Promise<Row[]> {
  const watch = `import('chokidar').then(({ watch }) => watch(process.argv[1], { ignoreInitial: true, followSymlinks: false })
    .on('ready', () => console.log('ready')))`
  const started = performance.now()
  const child = spawn(process.execPath, ['-e', watch, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const row = rowBy('chokidar')
  try {
    await once(child.stdout, 'data')
    const readyS = (performance.now() - started) / 1000
    await delay(settleMs)
    return [row('watch', { wall_s: rounded(readyS) }), row('idle', await idleUse(child.pid ?? 0, idleS))]
  } finally {
    await end(child)
  }
}

/** What restic takes for a tree that did not change; both begin with a cold cache when we are root. */
export async function measureRestic({ folder, place }: AlwaysOnOptions): Promise<Row[]> {
  const open = await restic.open(place)
  try {
    await open.backup(folder)
    const { wallS, cpuS, rssBytes } = await open.backup(folder)
    return [
      rowBy('restic')('reconcile', { wall_s: rounded(wallS), cpu_s: rounded(cpuS), rss_bytes: rssBytes }),
    ]
  } finally {
    await open.close()
  }
}

/** What the collector's process grows by for each device that is connected, sends heartbeats and commits. */
export async function measureDevices(agents: number, minutes: number): Promise<Row[]> {
  const { rss, cpuPercent } = await load({
    ...{ agents, processes: 2, minutes, speed: 10, commitBytes: 64 * 1024 },
    say: () => undefined,
  })
  const each = Math.round(((rss.end - rss.empty) * 2 ** 20) / agents)
  const cpu_s = rounded((cpuPercent / 100) * 60 * minutes)
  return [rowBy('backstay')(`each_of_${agents}_devices`, { rss_bytes: each, cpu_s })]
}

const rowBy =
  (tool: string) =>
  (work: string, measured: Partial<Row>): Row => ({ corpus: 'always-on', work, tool, ...measured, runs: 1 })

async function idleUse(pid: number, idleS: number) {
  const before = usage(pid)
  await delay(idleS * 1000)
  forgetPeak(pid)
  const after = usage(pid)
  if (before === undefined || after === undefined) throw new Error('it ended while it was idle')
  return { wall_s: idleS, cpu_s: rounded(after.cpuS - before.cpuS), rss_bytes: after.rssBytes }
}

/** In the folder with the most files of all at its top. */
async function saveAgainAndAgain(
  folder: string,
  saves: number,
  stored: () => Promise<unknown>,
): Promise<number[]> {
  const at = deepest(folder)
  const { atime, mtime } = statSync(at)
  const took: number[] = []
  try {
    for (let save = 0; save < saves; save++) {
      await delay(pauseMs)
      const seen = stored()
      writeFileSync(join(at, 'saved by the bench'), `save ${save}\n`.repeat(200))
      const savedMs = performance.now()
      await seen
      took.push(performance.now() - savedMs)
    }
  } finally {
    rmSync(join(at, 'saved by the bench'), { force: true })
    utimesSync(at, atime, mtime)
  }
  return took.sort((a, b) => a - b)
}

function deepest(folder: string): string {
  const [below] = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory())
  return below === undefined ? folder : deepest(join(folder, below.name))
}
