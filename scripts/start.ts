/**
 * `npm start`: a fleet of one laptop on this machine, for real. A collector and an agent run as processes of their own, a
 * folder of real files is protected over TLS, one of its folders is lost, and IT gets it back without the laptop.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { makeFolders } from '@backstay/agent/system/make-folders'
import { needPinnedNode } from './needs.ts'
import { compareTrees } from './testing/compare-trees.ts'

needPinnedNode()
const top = join(import.meta.dirname, '..')
const usage =
  'npm start [-- [--exit] [--dir DIR]]: --exit ends after the proof, --dir names the folder of the demo'
const values = readOptions()
const dir = resolve(values.dir ?? join(top, 'demo'))
const place = (name: string) => join(dir, name)
const shown = (path: string) => relative(process.cwd(), path) || '.'
const passphrase = 'demo passphrase, never use it elsewhere'

const collectorProgram = join(top, 'collector/bin/backstay-collector.mjs')
const adminProgram = join(top, 'collector/bin/backstay.mjs')
const agentProgram = join(top, 'agent/bin/backstay-agent.mjs')

if (values.help) {
  say(usage)
} else {
  say('Backstay: a small fleet on this machine', '')
  await makeFolder()
  const collector = await startCollector()
  try {
    const device = await protect(collector.setup)
    await loseAndRestore(device)
    if (!values.exit) await stayRunning(collector, device)
  } finally {
    await stop(collector.process)
  }
}

function readOptions() {
  try {
    return parseArgs({
      options: { dir: { type: 'string' }, exit: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), usage, 2)
  }
}

function refuse(message: string, hint: string, code = 1): never {
  console.error(`error: ${message}\nhint: ${hint}`)
  process.exit(code)
}

async function makeFolder(): Promise<void> {
  if (!isOurs())
    refuse(`"${dir}" is there and is no earlier demo`, 'name another folder: npm start -- --dir DIR')
  rmSync(dir, { recursive: true, force: true })
  try {
    makeFolders(place('laptop'), 0o777)
  } catch (error) {
    refuse(
      `"${dir}" cannot be made (${(error as NodeJS.ErrnoException).code})`,
      'name another folder: npm start -- --dir DIR',
    )
  }
  writeFileSync(place('passphrase'), `${passphrase}\n`, { mode: 0o600 })
  // Real files: the documents and sources of this repository.
  for (const name of ['docs', 'agent/src', 'collector/src', 'proto/src']) {
    if (existsSync(join(top, name))) cpSync(join(top, name), join(place('laptop'), name), { recursive: true })
  }
  say(`1. A laptop with real files: ${shown(place('laptop'))}`)
}

/** Whether it may be removed: not there, empty, or with the passphrase of a demo. */
function isOurs(): boolean {
  const found = statSync(dir, { throwIfNoEntry: false })
  if (found === undefined) return true
  if (!found.isDirectory()) return false
  if (readdirSync(dir).length === 0) return true
  return existsSync(place('passphrase')) && readFileSync(place('passphrase'), 'utf8') === `${passphrase}\n`
}

interface RunningCollector {
  readonly process: ChildProcess
  readonly setup: string
  readonly url: string
}

async function startCollector(): Promise<RunningCollector> {
  const words = ['serve', '--data', place('collector'), '--listen', '127.0.0.1:0', '--json']
  const child = spawn(process.execPath, [collectorProgram, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000)
  })
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) {
    const started = JSON.parse(line) as { event: string; setup: string; urls: string[] }
    if (started.event !== 'started') continue
    say(
      `2. A collector, process ${child.pid}, at ${started.urls[0]}; it stores in ${shown(place('collector'))}`,
    )
    return { process: child, setup: started.setup, url: started.urls[0] ?? '' }
  }
  throw new Error(`the collector did not start: ${log}`)
}

async function protect(setup: string): Promise<string> {
  const admin = ['--admin', place('admin'), '--passphrase-file', place('passphrase')]
  const root = place('laptop')
  run(adminProgram, ['init', '--setup', setup, '--fleet', 'demo', '--unattended', '--root', root, ...admin])
  say(`3. A fleet, founded by you as its admin: key and recovery kit in ${shown(place('admin'))}`)
  const { token } = json<{ token: string }>(adminProgram, ['token', '--json', ...admin])
  const { device } = json<{ device: string }>(agentProgram, [
    'enroll',
    token,
    '--name',
    'laptop',
    '--json',
    ...state(),
  ])
  say(`4. An agent, enrolled as "laptop" (${device.slice(0, 8)}…), with its keys in ${shown(place('agent'))}`)
  const made = json<{ entries: number; bytes: number; sentBytes: number }>(agentProgram, [
    'backup',
    '--json',
    ...state(),
  ])
  say(
    `5. A backup, encrypted before it left the agent: ${made.entries} entries, ${kib(made.bytes)} read, ${kib(made.sentBytes)} stored`,
  )
  return device
}

async function loseAndRestore(device: string): Promise<void> {
  const lost = join(place('laptop'), 'proto/src')
  const truth = place('what-was-lost')
  cpSync(lost, truth, { recursive: true, preserveTimestamps: true })
  rmSync(lost, { recursive: true })
  say(`6. The folder ${shown(lost)} is deleted`)
  const admin = ['--admin', place('admin'), '--passphrase-file', place('passphrase')]
  const to = place('restored')
  const result = json<{ written: number }>(adminProgram, [
    'restore',
    device,
    lost,
    '--to',
    to,
    '--json',
    ...admin,
  ])
  say(
    `7. IT restored ${result.written} entries to ${shown(to)}, without the laptop: its keys came from the escrow`,
  )
  const differences = await compareTrees(truth, to, { ignore: ['time', 'owner'], top: false })
  if (differences.length > 0)
    throw new Error(`the restored folder differs: ${JSON.stringify(differences.slice(0, 5))}`)
  cpSync(to, lost, { recursive: true, preserveTimestamps: true })
  rmSync(truth, { recursive: true })
  const verified = json<{ files: number; damaged: unknown[] }>(agentProgram, ['verify', '--json', ...state()])
  if (verified.damaged.length > 0) throw new Error('the snapshot has damaged files')
  say(
    `8. Compared byte by byte: equal. And all ${verified.files} files of the snapshot were read back and are whole`,
  )
}

async function stayRunning(collector: RunningCollector, device: string): Promise<void> {
  const shell = (program: string, words: string) => `   node ${shown(program)} ${words}`
  const admin = `--admin ${shown(place('admin'))} --passphrase-file ${shown(place('passphrase'))}`
  const { buildConsole } = await import('./build-console.ts')
  await buildConsole(join(top, 'collector/console/web/dist'))
  const local = spawn(process.execPath, [adminProgram, 'console', '--json', '--admin', place('admin')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const address = await firstLine(local)
  say(
    '',
    'The console, on this machine and with your key. Open this address in a browser; it is good for one visit:',
    '',
    `   ${(JSON.parse(address) as { url: string }).url}`,
    '',
    `Its passphrase is: ${passphrase}`,
    '',
    'The collector keeps running. Change something in the laptop folder and try, in another terminal:',
    '',
    shell(agentProgram, `backup --state ${shown(place('agent'))}`),
    shell(agentProgram, `snapshots --state ${shown(place('agent'))}`),
    shell(adminProgram, `devices ${admin}`),
    shell(adminProgram, `ls laptop ${place('laptop')} ${admin}`),
    shell(adminProgram, `restore ${device.slice(0, 8)} ${place('laptop')} --to /tmp/everything ${admin}`),
    shell(adminProgram, `prove --kit ${shown(place('admin/recovery-kit.html'))} ${admin}`),
    '',
    `Everything lies in ${shown(dir)}; delete it when you are done. Ctrl-C stops all of it.`,
  )
  const ended = new Promise(done => collector.process.once('exit', done))
  const interrupted = new Promise(done => {
    process.once('SIGINT', done)
    process.once('SIGTERM', done)
  })
  await Promise.race([ended, interrupted])
  await stop(local)
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('assertion failed: its output is read')
  for await (const line of createInterface({ input: child.stdout })) return line
  throw new Error('the console did not start')
}

function state(): string[] {
  return ['--state', place('agent')]
}

function json<T>(program: string, words: readonly string[]): T {
  return JSON.parse(run(program, words)) as T
}

/** Runs a command to its end and returns what it printed; what it says on the way is shown only when it fails. */
function run(program: string, words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status === 0) return stdout
  throw new Error(`${program} ${words[0]} ended with exit code ${status}: ${stderr}`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(done => child.once('exit', done))
  child.kill('SIGTERM')
  await ended
}

function kib(bytes: number): string {
  return bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}

function say(...lines: readonly string[]): void {
  for (const line of lines) console.log(line)
}
