/** Runs a program and measures what it and, if there is one, its server took. Linux: everything is read from /proc. */
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

export interface Measured {
  readonly wallS: number
  /** User and system time of the program and its server together. */
  readonly cpuS: number
  readonly rssBytes: number
  readonly serverCpuS: number | undefined
  readonly serverRssBytes: number | undefined
  /** Standard output. */
  readonly output: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Process id of a server that works for the program. */
  readonly server?: number
  /** Run before, so that the program itself is in memory and only the data is cold. */
  readonly warmUp?: readonly string[]
  /** Exit codes that are no failure; default only 0. */
  readonly okCodes?: readonly number[]
}

const ticksPerSecond = 100
/** What a process used in its last moments is lost; this short, it does not show. */
const lookEveryMs = 15

/** Throws when the program fails. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Measured> {
  const [program, ...words] = command
  if (program === undefined) throw new Error('there is nothing to run')
  dropPageCache()
  const [warm, ...rest] = options.warmUp ?? []
  if (warm !== undefined) execFileSync(warm, rest, { stdio: 'ignore' })
  if (options.server !== undefined) forgetPeak(options.server)
  const serverBefore = options.server === undefined ? undefined : usage(options.server)
  const started = performance.now()
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
  })
  const output = collect(child.stdout)
  const said = collect(child.stderr)
  let last: Usage | undefined
  const look = () => {
    const now = child.pid === undefined ? undefined : usage(child.pid)
    if (now !== undefined) last = { cpuS: now.cpuS, rssBytes: Math.max(now.rssBytes, last?.rssBytes ?? 0) }
  }
  const timer = setInterval(look, lookEveryMs)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  }).finally(() => clearInterval(timer))
  const wallS = (performance.now() - started) / 1000
  if (!(options.okCodes ?? [0]).includes(code ?? -1)) {
    throw new Error(`"${command.slice(0, 3).join(' ')} …" ended with ${code}:\n${said().slice(-2000)}`)
  }
  const server = options.server === undefined ? undefined : usage(options.server)
  const serverCpuS = server && serverBefore ? server.cpuS - serverBefore.cpuS : undefined
  return {
    wallS,
    cpuS: (last?.cpuS ?? 0) + (serverCpuS ?? 0),
    rssBytes: last?.rssBytes ?? 0,
    serverCpuS,
    serverRssBytes: server?.rssBytes,
    output: output(),
  }
}

export interface Usage {
  readonly cpuS: number
  /** At its peak. */
  readonly rssBytes: number
}

/** Undefined when the process has ended. */
export function usage(pid: number): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in brackets may hold anything; proc(5): state is field 3, utime 14, stime 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    const cpuS = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
    return { cpuS, rssBytes: Number(peak?.[1] ?? 0) * 1024 }
  } catch {
    return undefined
  }
}

/** The peak of a server is counted for each step anew; proc(5), clear_refs. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
  } catch {
    // Not permitted: the peak is then that of all steps so far.
  }
}

/** Only root may; without it steps are measured with whatever is in memory. */
export function dropPageCache(): void {
  execFileSync('sync')
  if (process.geteuid?.() === 0) writeFileSync('/proc/sys/vm/drop_caches', '3')
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (part: string) => {
    if (text.length < 1_000_000) text += part
  })
  return () => text
}
