/**
 * What it costs to be there all the time, and how soon a save is safe: the agent that runs watches a folder, does nothing,
 * and then files are saved in it one after another. Beside it chokidar, which watches the same folder and does no more.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
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
const waitMsMax = 600_000

export async function measureAgent(options: AlwaysOnOptions): Promise<AlwaysOn & Latency> {
  const { folder, place, saves, idleS } = options
  const fleet = await openFleet(place, folder)
  const started = performance.now()
  const child = start([...agent, 'run', ...fleet.state.filter(word => word !== '--json')])
  try {
    const lines = linesOf(child)
    const watched = lines.next('"folders watched"').then(() => (performance.now() - started) / 1000)
    await lines.next('"snapshot stored"')
    const readyS = await watched
    // What was seen while it began is looked at once more.
    await delay(settleMs)
    const idle = await idleUse(child, idleS)
    const savesMs = await saveAgainAndAgain(folder, saves, () => lines.next('"snapshot stored"'))
    const asked = lines.next('"why":"asked"')
    await run([...agent, 'backup', ...fleet.state])
    const { ms } = JSON.parse(await asked) as { readonly ms: number }
    return { tool: 'backstay', readyS, ...idle, savesMs, reconcileS: ms / 1000 }
  } finally {
    await end(child)
    await fleet.close()
  }
}

/** Only watches; takes no part in anything else. */
export async function measureChokidar({ folder, idleS }: AlwaysOnOptions): Promise<AlwaysOn> {
  const watch = `import('chokidar').then(({ watch }) => watch(process.argv[1], { ignoreInitial: true, followSymlinks: false })
    .on('ready', () => console.log('ready')))`
  const started = performance.now()
  const child = start([process.execPath, '-e', watch, folder])
  try {
    await linesOf(child).next('ready')
    const readyS = (performance.now() - started) / 1000
    await delay(settleMs)
    return { tool: 'chokidar', readyS, ...(await idleUse(child, idleS)) }
  } finally {
    await end(child)
  }
}

async function idleUse({ pid = 0 }: ChildProcess, idleS: number) {
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

function start([program = '', ...words]: readonly string[]): ChildProcess {
  return spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
}

interface Lines {
  /** The next line, from now on, with this text in it. */
  next(text: string): Promise<string>
}

function linesOf(child: ChildProcess): Lines {
  const waiting = new Set<{ readonly text: string; readonly found: (line: string) => void }>()
  let rest = ''
  let said = ''
  const hear = (part: Buffer) => {
    const lines = (rest + part.toString()).split('\n')
    rest = lines.pop() ?? ''
    said = (said + lines.join('\n')).slice(-5000)
    for (const line of lines) {
      for (const one of waiting) {
        if (!line.includes(one.text)) continue
        waiting.delete(one)
        one.found(line)
      }
    }
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  return {
    next(text) {
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`no line with ${text}; it said:\n${said}`)), waitMsMax)
        const found = (line: string) => {
          clearTimeout(late)
          resolve(line)
        }
        waiting.add({ text, found })
      })
    },
  }
}
