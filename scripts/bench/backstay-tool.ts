/** Backstay as it is used: a collector in a process of its own, an agent for each command, TLS between them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { productVersion } from '@backstay/proto/product-version'
import { buildConsole } from '../build-console.ts'
import { frugalEnvironment } from '../pinned-node.mjs'
import { bundle } from '../release/bundle.ts'
import { makeExecutable } from '../release/executable.ts'
import { programs, targets } from '../release/programs.ts'
import { bytesBelow } from './corpora.ts'
import { run } from './measure.ts'
import type { OpenTool, Tool } from './tools.ts'

const built = fileURLToPath(new URL('../../.cache/bench', import.meta.url))
/** As the units of the packages start the agent: large buffers go back to the system. */
const manners = Object.entries(frugalEnvironment).map(([name, value]) => `${name}=${value}`)
const program = (name: string): readonly [string, ...string[]] => [
  '/usr/bin/env',
  ...(name === 'backstay-agent' ? manners : []),
  join(built, name, name),
]
const collector = program('backstay-collector')
const console = program('backstay')
export const agent = program('backstay-agent')
let making: Promise<void> | undefined

/** As people run it: executables as `npm run build` makes them, of this tree. Once a run. */
async function makePrograms(): Promise<void> {
  const target = targets.find(({ name }) => name === `${process.platform}-${process.arch}`)
  if (target === undefined) throw new Error(`there is no build for ${process.platform} ${process.arch}`)
  const pages = fileURLToPath(new URL('../../collector/console/web/dist', import.meta.url))
  if (!existsSync(pages)) await buildConsole(pages)
  for (const one of programs)
    makeExecutable(one, target, await bundle(one, productVersion), join(built, one.name))
}

const startMsMax = 20_000

export const backstay: Tool = {
  name: 'backstay',
  version: () => 'this tree',
  async open(place): Promise<OpenTool> {
    const { data, state, server, close } = await openFleet(place, '/')
    const warmUp = [...agent, '--version']
    const restoreTo = (to: string, ...path: readonly string[]) =>
      run([...agent, 'restore', ...path, '--to', to, '--as-root', ...state], { server, warmUp })
    return {
      backup: root => run([...agent, 'backup', root, ...state], { server, warmUp }),
      restore: to => restoreTo(to),
      async restoreFolder(folder, to) {
        return { measured: await restoreTo(to, folder), at: to }
      },
      storedBytes: () => bytesBelow(data),
      close,
    }
  },
}

export interface OpenFleet {
  readonly data: string
  /** Words for every command of the enrolled agent. */
  readonly state: readonly string[]
  /** Process id of the collector. */
  readonly server: number
  close(): Promise<void>
}

/** A collector and an enrolled agent whose policy names one folder. */
export async function openFleet(place: string, root: string): Promise<OpenFleet> {
  making ??= makePrograms()
  await making
  mkdirSync(place, { recursive: true })
  const data = join(place, 'data')
  const serving = await serve(data)
  const state = ['--state', join(place, 'state'), '--json']
  try {
    await enroll(place, serving.setup, state, root)
  } catch (error) {
    await end(serving.process)
    throw error
  }
  return { data, state, server: serving.process.pid ?? 0, close: () => end(serving.process) }
}

async function enroll(place: string, setup: string, state: readonly string[], root: string): Promise<void> {
  const passphrase = join(place, 'passphrase')
  writeFileSync(passphrase, 'of the bench only\n', { mode: 0o600 })
  const admin = ['--admin', join(place, 'admin'), '--passphrase-file', passphrase]
  await run([...console, 'init', '--setup', setup, '--unattended', '--root', root, ...admin])
  const { output } = await run([...console, 'token', ...admin, '--json'])
  const { token } = JSON.parse(output) as { readonly token: string }
  await run([...agent, 'enroll', token, ...state])
}

/** Starts a collector and waits for the line with which a fleet is founded. */
async function serve(data: string): Promise<{ readonly process: ChildProcess; readonly setup: string }> {
  const listen = `127.0.0.1:${await freePort()}`
  const [file = '', ...words] = collector
  const child = spawn(
    file,
    [
      ...words,
      'serve',
      '--data',
      data,
      '--listen',
      listen,
      '--url',
      `wss://${listen}`,
      '--log-level',
      'warn',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  const setup = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the collector does not start:\n${said}`)), startMsMax)
    const hear = (part: Buffer) => {
      said = (said + part.toString()).slice(-100_000)
      const found = /backstay-setup:\S+(?=\s)/.exec(said)
      if (found === null) return
      clearTimeout(late)
      resolve(found[0])
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('exit', code => reject(new Error(`the collector ended with ${code}:\n${said}`)))
  }).catch(async error => {
    await end(child)
    throw error
  })
  return { process: child, setup }
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(late)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
