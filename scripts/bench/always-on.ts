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
import { agent, end, openFleet } from './backstay-tool.ts'
import { forgetPeak, run, usage } from './measure.ts'

export interface AlwaysOnOptions {
  readonly folder: string
  /** For collector and state. */
  readonly place: string
  readonly saves: number
  readonly idleS: number
}

export interface AlwaysOn {
  readonly tool: string
  /** Until it watched everything. */
  readonly readyS: number
  readonly idleRssBytes: number
  /** In `idleS` seconds. */
  readonly idleCpuS: number
}

export interface Latency {
  /** From the end of a write to the collector's acknowledgement, in order. */
  readonly savesMs: readonly number[]
  /** Everything looked at again, unchanged. */
  readonly reconcileS: number
}

/** Buffers of the work before are given back by then (agent/src/service/backup-part.ts). */
const settleMs = 35_000
const pauseMs = 400

export async function measureAgent(options: AlwaysOnOptions): Promise<AlwaysOn & Latency> {
  const { folder, place, saves, idleS } = options
  const fleet = await openFleet(place, folder)
  const started = performance.now()
  const running = start(agent, ['run', ...fleet.state.filter(word => word !== '--json')])
  const next = (text: string) => running.line(line => line.includes(text), running.lineCount)
  try {
    const watched = next('"folders watched"').then(() => (performance.now() - started) / 1000)
    await next('"snapshot stored"')
    const readyS = await watched
    // What was seen while it began is looked at once more.
    await delay(settleMs)
    const idle = await idleUse(running.pid, idleS)
    const savesMs = await saveAgainAndAgain(folder, saves, () => next('"snapshot stored"'))
    const asked = next('"why":"asked"')
    await run([...agent, 'backup', ...fleet.state])
    const { ms } = JSON.parse(await asked) as { readonly ms: number }
    return { tool: 'backstay', readyS, ...idle, savesMs, reconcileS: ms / 1000 }
  } finally {
    await running.end('SIGTERM')
    await fleet.close()
  }
}

/** Only watches; takes no part in anything else. */
export async function measureChokidar({ folder, idleS }: AlwaysOnOptions): Promise<AlwaysOn> {
  const watch = `import('chokidar').then(({ watch }) => watch(process.argv[1], { ignoreInitial: true, followSymlinks: false })
    .on('ready', () => console.log('ready')))`
  const started = performance.now()
  const child = spawn(process.execPath, ['-e', watch, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await once(child.stdout, 'data')
    const readyS = (performance.now() - started) / 1000
    await delay(settleMs)
    return { tool: 'chokidar', readyS, ...(await idleUse(child.pid ?? 0, idleS)) }
  } finally {
    await end(child)
  }
}

async function idleUse(pid: number, idleS: number) {
  const before = usage(pid)
  await delay(idleS * 1000)
  forgetPeak(pid)
  const after = usage(pid)
  if (before === undefined || after === undefined) throw new Error('it ended while it was idle')
  return { idleRssBytes: after.rssBytes, idleCpuS: after.cpuS - before.cpuS }
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
