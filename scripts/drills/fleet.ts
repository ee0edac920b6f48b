/**
 * A small fleet for a test: a real collector process, an admin and agents in a temporary folder, speaking real TLS over
 * loopback. What was started is ended, and what was made is removed, when the fleet is disposed of.
 *
 *     await using fleet = await makeFleet()
 *     const laptop = await fleet.enroll('laptop')
 *     await laptop.backup('/some/folder')
 *     await fleet.admin('restore', laptop.id, '/some/folder', '--to', fleet.path('out'))
 */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSystem } from '@backstay/agent/system/load'
import { removeTree } from '@backstay/agent/system/remove-tree'
import { fromRoot } from '@backstay/agent/system/system'
import { utf8 } from '@backstay/proto/bytes'
import { runHere } from './here.ts'
import { jsonOf, type Ran, type Running, run, type StartOptions, start } from './processes.ts'

export interface Fleet extends AsyncDisposable {
  /** All of it lies here. */
  readonly folder: string
  path(...names: readonly string[]): string
  /** The collector's data folder. */
  readonly data: string
  /** Admin folder and passphrase, as options of `backstay`. */
  readonly adminOptions: readonly string[]
  readonly passphrase: string
  /** What each collector logged so far, in the order they were started. */
  readonly logs: readonly string[]
  /** The collector that runs now or ran last. */
  readonly collector: Collector
  /** After it was ended: on the same data folder and address, unless others are given. */
  startCollector(options?: Partial<CollectorOptions>): Promise<Collector>
  /** `backstay …` with this fleet's admin. */
  admin(...words: readonly string[]): Promise<Ran>
  token(...words: readonly string[]): Promise<string>
  enroll(name: string, options?: EnrollOptions): Promise<Device>
}

export interface CollectorOptions {
  readonly data: string
  /** `host:port` */
  readonly listen: string
  readonly logLevel: string
  /** A file: the public key of who makes releases. */
  readonly releaseKey?: string
}

export interface Collector extends Running {
  /** `host:port` as it got it. */
  readonly address: string
  /** Undefined when it serves a fleet. */
  readonly setup: string | undefined
}

export interface Device {
  readonly name: string
  readonly id: string
  readonly state: string
  /** `backstay-agent …` with this device's state folder. */
  run(...words: readonly string[]): Promise<Ran>
  start(...words: readonly string[]): Running
  /** Exit code 0 or 3; anything else throws. */
  backup(...words: readonly string[]): Promise<BackupResult>
}

/** What `backup --json` prints. */
export interface BackupResult {
  readonly sequence: number
  readonly commit: string
  readonly entries: number
  readonly bytes: number
  readonly changed: number
  readonly readBytes: number
  readonly sentObjects: number
  readonly sentBytes: number
  readonly unread: Readonly<Record<string, number>>
  readonly alarms: readonly string[]
}

/** What `restore --json` prints. */
export interface RestoreResult {
  readonly sequence: number
  readonly written: number
  readonly leftOut: number
  readonly counts: Readonly<Record<string, number>>
  readonly damagedCount: number
  readonly damaged: readonly { readonly path: string; readonly code: string }[]
  readonly lost: readonly { readonly from: string; readonly entries?: number; readonly code: string }[]
  readonly issues: readonly { readonly what: string; readonly path: string; readonly detail: string }[]
}

export interface EnrollOptions {
  /** Whose agent it is; only root can choose. */
  readonly user?: number
  readonly state?: string
  /** What its policy names; without it, that of the fleet. */
  readonly roots?: readonly string[]
}

/** What may be seen in no log and no file, see secrets.test.ts. */
const passphrase = 'marker-passphrase correct horse battery staple'

export interface FleetOptions {
  /** The collector's data folder, when it is to lie elsewhere; the caller removes it. */
  readonly data?: string
  readonly logLevel?: string
  readonly releaseKey?: string
  /** Where the collector listens; else an address of its own on loopback. */
  readonly host?: string
}

export async function makeFleet(options: FleetOptions = {}): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'backstay-drill-'))
  // Agents of other users reach their own folders below it.
  chmodSync(folder, 0o755)
  const path = (...names: readonly string[]) => join(folder, ...names)
  writeFileSync(path('passphrase'), `${passphrase}\n`, { mode: 0o600 })
  const adminOptions = ['--admin', path('admin'), '--passphrase-file', path('passphrase')]
  const usual: CollectorOptions = {
    data: options.data ?? path('collector'),
    listen: `${options.host ?? ownHost()}:0`,
    logLevel: options.logLevel ?? 'info',
    ...(options.releaseKey !== undefined && { releaseKey: options.releaseKey }),
  }
  let collector = await startCollector(usual)
  const collectors = [collector]
  const { address, setup = '' } = collector
  const admin = (...words: readonly string[]) => runHere('admin', [...words, ...adminOptions])
  const fleet: Fleet = {
    ...{ folder, path, data: usual.data, adminOptions, passphrase, admin },
    get logs() {
      return collectors.map(({ err }) => err)
    },
    get collector() {
      return collector
    },
    async startCollector(changes) {
      collector = await startCollector({ ...usual, listen: address, ...changes })
      collectors.push(collector)
      return collector
    },
    async token(...words) {
      return jsonOf<{ token: string }>(need(await admin('token', '--json', ...words))).token
    },
    async enroll(name, { user, state = path(name), roots = [] } = {}) {
      const token = await fleet.token(...roots.flatMap(root => ['--root', root]))
      if (user !== undefined) {
        mkdirSync(state)
        chownSync(state, user, user)
      }
      const as = user === undefined ? {} : { user }
      const made = await runAgent(['enroll', token, '--name', name, '--state', state, '--json'], as)
      return openDevice(name, jsonOf<{ device: string }>(need(made)).device, state, as)
    },
    async [Symbol.asyncDispose]() {
      await collector.end('SIGKILL')
      removeTree(await loadSystem(), fromRoot, utf8(folder))
    },
  }
  try {
    need(await admin('init', '--setup', setup, '--fleet', 'drill', '--name', 'drill admin', '--unattended'))
  } catch (error) {
    await fleet[Symbol.asyncDispose]()
    throw error
  }
  return fleet
}

export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { data, listen, logLevel, releaseKey } = options
  // Here all speakers share an address, and those who are killed in their handshake count as failed.
  const patience = ['--handshakes-per-minute', '0']
  const words = ['serve', '--json', '--data', data, '--listen', listen, '--log-level', logLevel, ...patience]
  if (releaseKey !== undefined) words.push('--release-key', releaseKey)
  const running = start('collector', words)
  const line = await running.line(line => line.includes('"event":"started"'))
  const { host, port, setup } = JSON.parse(line) as { host: string; port: number; setup?: string }
  return Object.defineProperties({} as Collector, {
    ...Object.getOwnPropertyDescriptors(running),
    address: { value: `${host}:${port}` },
    setup: { value: setup },
  })
}

export function openDevice(name: string, id: string, state: string, as: StartOptions = {}): Device {
  const device: Device = {
    ...{ name, id, state },
    run: (...words) => runAgent([...words, '--state', state], as),
    start: (...words) => start('agent', [...words, '--state', state], as),
    async backup(...words) {
      return jsonOf<BackupResult>(need(await device.run('backup', '--json', ...words), 0, 3))
    },
  }
  return device
}

/** Who is another user is another process. */
function runAgent(words: readonly string[], as: StartOptions): Promise<Ran> {
  return Object.keys(as).length > 0 ? run('agent', words, as) : runHere('agent', words)
}

/** Throws with all that was said unless the exit code is one of these. */
export function need(ran: Ran, ...codes: readonly number[]): Ran {
  const good = codes.length === 0 ? [0] : codes
  if (ran.code !== null && good.includes(ran.code)) return ran
  throw new Error(`exit code ${ran.code}, wanted ${good.join(' or ')}: ${ran.out}${ran.err}`)
}

/** An address of our own on loopback: while the collector is down, nobody else takes its port. */
function ownHost(): string {
  const part = () => 1 + Math.floor(Math.random() * 250)
  return process.platform === 'linux' ? `127.${part()}.${part()}.${part()}` : '127.0.0.1'
}
