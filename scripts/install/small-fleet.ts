/** A collector, an admin and a device on one machine that packages were installed on: how a story speaks to them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Booted } from './machine/booted.ts'

export interface SmallFleet {
  /** A path on the machine, as this one names it. */
  at(path: string): string
  /** What `backstay-agent status` says. */
  status(): string
  admin(...words: readonly string[]): string
  /** Starts the collector, and founds a fleet with what its journal shows. */
  found(): Promise<void>
  /** A token that lets a device in. */
  token(...words: readonly string[]): string
  layToken(token: string): void
  /** The id of the device. */
  device(): string
}

export function smallFleet({ path, run, must }: Pick<Booted, 'path' | 'run' | 'must'>): SmallFleet {
  const passphrase = '/root/passphrase'
  const fleet: SmallFleet = {
    at: inside => join(path, inside),
    status: () => run('backstay-agent', 'status').said,
    admin: (...words) => must('backstay', ...words, '--passphrase-file', passphrase),
    async found() {
      const settings = fleet.at('/etc/backstay-collector/collector.env')
      writeFileSync(settings, `${readFileSync(settings, 'utf8')}BACKSTAY_URL=wss://127.0.0.1:7443\n`)
      must('systemctl', 'enable', '--now', '--quiet', 'backstay-collector')
      const journal = () => run('journalctl', '--unit=backstay-collector', '--output=cat').said
      await until(() => /^backstay-setup:\S+$/m.test(journal()), journal)
      const [setup] = /^backstay-setup:\S+$/m.exec(journal()) ?? ['']
      fleet.admin('init', '--setup', setup, '--fleet', 'story', '--unattended', '--root', '/home')
    },
    token: (...words) => (JSON.parse(fleet.admin('token', '--json', ...words)) as { token: string }).token,
    layToken(token) {
      writeFileSync(fleet.at('/etc/backstay/token'), `${token}\n`, { mode: 0o600 })
      // Whoever asks how it is makes it look at once, and not within the minute.
      fleet.status()
    },
    device: () => (JSON.parse(must('backstay-agent', 'status', '--json')) as { device: string }).device,
  }
  writeFileSync(fleet.at(passphrase), 'a passphrase of this story\n', { mode: 0o600 })
  return fleet
}

const patienceMs = 60_000

export async function until(isSo: () => boolean, tell: () => string, everyMs = 300): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (Date.now() < deadline) {
    if (isSo()) return
    await pause(everyMs)
  }
  throw new Error(`waited for a minute, and still: ${tell()}`)
}
