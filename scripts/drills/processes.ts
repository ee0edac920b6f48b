/** The three programs as real processes: awaited by what they print, never by the clock, and ended by their own pid. */
import { type ChildProcess, spawn } from 'node:child_process'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { frugalEnvironment } from '../pinned-node.mjs'
import { programNamed } from '../release/programs.ts'

export type Program = keyof typeof programFiles

export interface Ran {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly pid: number
  readonly ended: Promise<Ran>
  /** What came so far. */
  readonly out: string
  readonly err: string
  isAlive(): boolean
  /** How many lines came so far, of both outputs. */
  readonly lineCount: number
  /** The first line behind the first `from` that is wanted, whether it has come already or comes later. */
  line(wanted: (line: string) => boolean, from?: number): Promise<string>
  /** Ends it and waits until it is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ran>
}

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** Runs it as this user and group; only root can. */
  readonly user?: number
  readonly folder?: string
  /** Closed at once when it is not given. */
  readonly input?: string
}

const top = join(import.meta.dirname, '../..')
/** What starts each of them. */
export const programFiles = {
  collector: join(top, 'collector/bin/backstay-collector.mjs'),
  admin: join(top, 'scripts/drills/quick-admin.mjs'),
  agent: join(top, 'agent/bin/backstay-agent.mjs'),
} as const

/** Where `npm test` has put them as one file each (bundled.ts). */
const bundled = process.env.BACKSTAY_DRILL_PROGRAMS

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  // A test that failed or ran out of time leaves nothing behind.
  for (const child of alive) child.kill('SIGKILL')
})

/** `program`: of this tree, or the words with which another one is started. */
export function start(
  program: Program | readonly [string, ...string[]],
  words: readonly string[],
  options: StartOptions = {},
): Running {
  const { environment, user, folder, input } = options
  const [file, ...first] = typeof program === 'string' ? wordsOf(program) : program
  const child = spawn(file ?? '', [...first, ...words], {
    stdio: 'pipe',
    env: { ...cleanEnvironment(), ...(program === 'agent' && frugalEnvironment), ...environment },
    ...(user !== undefined && { uid: user, gid: user }),
    ...(folder !== undefined && { cwd: folder }),
  })
  alive.add(child)
  child.stdin.on('error', () => undefined)
  child.stdin.end(input ?? '')
  const texts = { stdout: '', stderr: '' }
  const lines: string[] = []
  const watchers = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
    createInterface({ input: child[name] }).on('line', line => {
      lines.push(line)
      for (const look of watchers) look()
    })
  }
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => {
      alive.delete(child)
      for (const look of watchers) look()
      resolve({ code, out: texts.stdout, err: texts.stderr })
    })
  })
  const isAlive = () => child.exitCode === null && child.signalCode === null
  return {
    pid: child.pid ?? 0,
    ended,
    isAlive,
    get out() {
      return texts.stdout
    },
    get err() {
      return texts.stderr
    },
    get lineCount() {
      return lines.length
    },
    async line(wanted, from = 0) {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const look = () => {
        const found = lines.slice(from).find(wanted)
        if (found !== undefined) resolve(found)
        else if (!alive.has(child)) reject(new Error(`${program} ended before it said so: ${texts.stderr}`))
      }
      watchers.add(look)
      look()
      return promise.finally(() => watchers.delete(look))
    },
    async end(signal) {
      if (isAlive()) child.kill(signal)
      return ended
    },
  }
}

/** The words with which it is started. With what its starter would start it anew for (as `frugalEnvironment` is for the agent), 45 ms each time. */
export function wordsOf(program: Program): [string, ...string[]] {
  const file = programFiles[program]
  const options = program === 'collector' ? programNamed('backstay-collector').nodeOptions : []
  return [process.execPath, ...options, bundled === undefined ? file : join(bundled, basename(file))]
}

export function run(program: Program, words: readonly string[], options?: StartOptions): Promise<Ran> {
  return start(program, words, options).ended
}

/** The last line of the output as JSON; throws with all that was said when there is none. */
export function jsonOf<T>({ code, out, err }: Ran): T {
  const line = out.trim().split('\n').at(-1) ?? ''
  try {
    return JSON.parse(line) as T
  } catch {
    throw new Error(`exit code ${code}, and no JSON: ${out}${err}`)
  }
}

/** What the reader of these tests has set must not change what they test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('BACKSTAY_') && !name.startsWith('NODE_TEST'),
  )
  return Object.fromEntries(kept)
}
