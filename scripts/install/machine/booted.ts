/** A clean root with its own init running: systemd as process 1 of a container, with a loopback network and no other. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type CleanRoot, cleanRoot, insideEnvironment, type Ran } from './clean-root.ts'

export interface Booted extends AsyncDisposable {
  /** Of its root, on this machine. */
  readonly path: string
  run(...words: readonly string[]): Ran
  /** As `run`; throws what it said when it ends with another status than 0. Returns what it said, trimmed. */
  must(...words: readonly string[]): string
  start(...words: readonly string[]): ChildProcess
}

const bootMs = 60_000
const endMs = 30_000

export async function boot(): Promise<Booted> {
  const root = cleanRoot()
  const words = [`--directory=${root.path}`, '--boot', '--register=no', '--keep-unit', '--private-network']
  const container = spawn('systemd-nspawn', [...words, '--console=pipe', '--quiet'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let console = ''
  for (const stream of [container.stdout, container.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      console = (console + text).slice(-10_000)
    })
  }
  try {
    const into = await enteringIts(container, () => console)
    const run = (...words: readonly string[]): Ran => {
      const done = spawnSync('nsenter', [...into, ...words], { env: insideEnvironment, timeout: 120_000 })
      return { status: done.status ?? 1, said: `${done.stdout}${done.stderr}`.trim() }
    }
    return {
      path: root.path,
      run,
      must(...words) {
        const { status, said } = run(...words)
        if (status !== 0) throw new Error(`"${words.join(' ')}" ended with ${status}: ${said}`)
        return said
      },
      start: (...words) => spawn('nsenter', [...into, ...words], { env: insideEnvironment, stdio: 'ignore' }),
      [Symbol.asyncDispose]: () => end(container, root),
    }
  } catch (error) {
    await end(container, root)
    throw error
  }
}

/** The words of nsenter that lead into it, once its systemd says that it is up. */
async function enteringIts(container: ChildProcess, console: () => string): Promise<readonly string[]> {
  const deadline = Date.now() + bootMs
  while (Date.now() < deadline && container.exitCode === null) {
    const leader = childOf(container.pid ?? 0)
    const into = ['--target', String(leader), '--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd']
    if (leader !== undefined) {
      const asked = spawnSync('nsenter', [...into, 'systemctl', 'is-system-running', '--wait'])
      if (/^(running|degraded)/.test(asked.stdout.toString())) return into
    }
    await pause(100)
  }
  throw new Error(`no systemd came up in the container: ${console()}`)
}

function childOf(parent: number): number | undefined {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      // pid (name) state parent …; the name of a process has no parenthesis here.
      const [, above] = /^\d+ \([^)]*\) \S (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'latin1')) ?? []
      if (Number(above) === parent) return Number(name)
    } catch {
      // It ended meanwhile.
    }
  }
  return undefined
}

/** In order, as at a shutdown; then at once. */
async function end(container: ChildProcess, root: CleanRoot): Promise<void> {
  if (container.exitCode === null && container.signalCode === null) {
    const ended = new Promise(done => container.once('exit', done))
    container.kill('SIGTERM')
    await Promise.race([ended, pause(endMs, undefined, { ref: false })])
    container.kill('SIGKILL')
    await ended
  }
  root[Symbol.dispose]()
}
