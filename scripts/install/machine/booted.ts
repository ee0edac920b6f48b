/**
 * A clean root with services running, with a loopback network and no other: systemd is process 1 of a container there. Where
 * no container can be made, units are started by their command lines.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type CleanRoot, cleanRoot, insideEnvironment, type Ran } from './clean-root.ts'
import { hasSystemd } from './has-systemd.ts'

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

/** `bySystemd`: else units are started by their command lines. */
export async function boot(bySystemd = hasSystemd()): Promise<Booted> {
  const root = cleanRoot()
  const container = bySystemd ? containerOf(root) : unitsOf(root)
  const isUp = (into: readonly string[]) => {
    const words = bySystemd ? ['systemctl', 'is-system-running', '--wait'] : ['cat', upFile]
    return /^(running|degraded)/.test(spawnSync('nsenter', [...into, ...words]).stdout.toString())
  }
  // Without a systemd there is no order to end in: with process 1 all are gone.
  const end = () => endOf(container, root, bySystemd ? 'SIGTERM' : 'SIGKILL')
  let console = ''
  for (const stream of [container.stdout, container.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      console = (console + text).slice(-10_000)
    })
  }
  try {
    const into = await enteringIts(container, isUp, () => console)
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
      [Symbol.asyncDispose]: end,
    }
  } catch (error) {
    await end()
    throw error
  }
}

function containerOf({ path }: CleanRoot) {
  const words = [`--directory=${path}`, '--boot', '--register=no', '--keep-unit', '--private-network']
  return spawn('systemd-nspawn', [...words, '--console=pipe', '--quiet'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** No init, but a process 1 that buries the dead; `systemctl` starts what units say by itself. */
function unitsOf({ path }: CleanRoot) {
  const put = (script: string, as: string) => {
    if (existsSync(join(path, as))) renameSync(join(path, as), join(path, `${as}.offline`))
    copyFileSync(join(import.meta.dirname, script), join(path, as))
    chmodSync(join(path, as), 0o755)
  }
  put('units.sh', '/usr/bin/systemctl')
  put('journal.sh', '/usr/bin/journalctl')
  // By this folder packages know that a systemd runs.
  mkdirSync(join(path, '/run/systemd/system'), { recursive: true })
  const spaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--kill-child', '--mount-proc']
  return spawn('unshare', [...spaces, `--root=${path}`, 'perl', '-e', first], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Only in there: who enters a process too early finds another root. */
const upFile = '/run/backstay-story-is-up'

/** Gives the machine its own name and brings the loopback network up: SIOCSIFFLAGS (0x8914) with IFF_UP and IFF_RUNNING. */
const first = `my $up = pack('a16 s x22', 'lo', 0x41); socket(my $any, 2, 2, 0) or die; ioctl($any, 0x8914, $up) or die;
  system('hostname', '--file', '/etc/hostname'); open(my $up_file, '>', '${upFile}'); print $up_file 'running'; close $up_file;
  $SIG{CHLD} = 'IGNORE'; $SIG{TERM} = sub { exit }; sleep 1 while 1`

/** The words of nsenter that lead into it, once its systemd says that it is up. */
async function enteringIts(
  container: ChildProcess,
  isUp: (into: readonly string[]) => boolean,
  console: () => string,
): Promise<readonly string[]> {
  const deadline = Date.now() + bootMs
  while (Date.now() < deadline && container.exitCode === null) {
    const leader = childOf(container.pid ?? 0)
    const into = ['--target', String(leader), '--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd']
    if (leader !== undefined && isUp(into)) return into
    await pause(100)
  }
  throw new Error(`nothing came up in the container: ${console()}`)
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
async function endOf(container: ChildProcess, root: CleanRoot, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (container.exitCode === null && container.signalCode === null) {
    const ended = new Promise(done => container.once('exit', done))
    container.kill(signal)
    await Promise.race([ended, pause(endMs, undefined, { ref: false })])
    container.kill('SIGKILL')
    await ended
  }
  root[Symbol.dispose]()
}
