/** The agent as its package installs it, in a Windows of its own. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packagedAgent, type Version } from './built-agent.ts'
import { onZ, type Wine, type WineRan } from './wine.ts'

export interface Installed {
  /** On the drive C:, as Linux names it. */
  on(...names: readonly string[]): string
  readonly programs: string
  readonly state: string
  readonly settings: string
  install(version: Version, ...words: readonly string[]): Promise<WineRan>
  remove(version: Version, ...words: readonly string[]): Promise<WineRan>
  /** What Windows Installer wrote about the last of them. */
  told(): string
  agent(...words: readonly string[]): Promise<WineRan>
  /** Does a deed and waits until the agent's log says something once more than before. */
  logs(text: string, deed: () => Promise<unknown> | unknown): Promise<void>
  /** Whether there is one, and what it does. */
  service(): Promise<string | undefined>
  /** Everything that lies in the folder of programs, and the service. */
  everything(): Promise<readonly [files: readonly (readonly [string, string])[], service: string | undefined]>
}

const patienceMs = 60_000

export function installedIn(wine: Wine): Installed {
  const on = (...names: readonly string[]) => join(wine.drive, ...names)
  const programs = on('Program Files/Backstay')
  const state = on('ProgramData/Backstay/agent')
  const log = join(state, 'agent.log')
  const installer = (...words: readonly string[]) =>
    wine.run('msiexec', [...words, '/qn', '/l*v', 'C:\\install.log'])
  const service = async () => /STATE +: \d/.exec((await wine.run('sc', ['query', 'BackstayAgent'])).out)?.[0]
  return {
    ...{ service, on, programs, state, settings: on('ProgramData/Backstay/etc') },
    install: (version, ...words) => installer('/i', onZ(packagedAgent(version)), ...words),
    remove: (version, ...words) => installer('/x', onZ(packagedAgent(version)), ...words),
    // What it names first is what it was built with, and no news.
    told: () => readFileSync(on('install.log'), 'utf8').replace(/^(Action|Property|File).*\n/gm, ''),
    agent: (...words) => wine.run('C:\\Program Files\\Backstay\\backstay-agent.exe', words),
    async logs(text, deed) {
      const readLog = () => (existsSync(log) ? readFileSync(log, 'utf8') : '')
      const count = () => readLog().split(text).length - 1
      const before = count()
      await deed()
      for (const until = Date.now() + patienceMs; count() === before; await sleep(100))
        assert.ok(Date.now() < until, `the log did not say "${text}": ${readLog().slice(-1500)}`)
    },
    async everything() {
      const names = existsSync(programs) ? readdirSync(programs).sort() : []
      const files = names.map(name => [name, hash('sha256', readFileSync(join(programs, name)))] as const)
      return [files, await service()]
    },
  }
}

export function done(ran: WineRan): WineRan {
  assert.equal(ran.code, 0, `${ran.out}${ran.err}`)
  return ran
}
