/** A session bus of our own with gnome-keyring on it, as on the desktop of somebody who has signed in. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { until } from './until.ts'

export interface Keyring extends AsyncDisposable {
  /** For programs that are to find it. */
  readonly environment: Readonly<Record<string, string>>
  /** As after signing in. */
  unlock(): Promise<void>
  /** Nobody answers on the bus any more. */
  end(): Promise<void>
}

/** Starts nothing by itself, so that a keyring that was ended stays so. */
const quietBus = (
  folder: string,
) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=${join(folder, 'bus')}</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
`

/** Undefined where it is not installed. `home`: where its keyrings lie; a short path. */
export async function openKeyring(home: string): Promise<Keyring | undefined> {
  const isThere = (name: string) => spawnSync('which', [name]).status === 0
  if (!['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon'].every(isThere)) return undefined
  const runtime = join(home, 'run')
  for (const folder of [home, runtime]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(home, 'bus.conf'), quietBus(runtime))
  const alone = { PATH: process.env.PATH ?? '', HOME: home, XDG_RUNTIME_DIR: runtime, LANG: 'C' }
  const words = ['--config-file', join(home, 'bus.conf'), '--nofork', '--nopidfile', '--print-address']
  const bus = spawn('dbus-daemon', words, { stdio: ['ignore', 'pipe', 'ignore'], env: alone })
  const [address] = (await once(createInterface({ input: bus.stdout }), 'line')) as [string]
  const environment = { ...alone, DBUS_SESSION_BUS_ADDRESS: address }
  let daemon: ChildProcess | undefined
  const answers = () =>
    spawnSync('dbus-send', [...askOwner, 'string:org.freedesktop.secrets'], {
      env: environment,
      encoding: 'utf8',
    }).stdout.includes('boolean true')
  return {
    environment,
    async unlock() {
      daemon = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
        stdio: ['pipe', 'ignore', 'ignore'],
        env: environment,
      })
      daemon.stdin?.end('a password')
      // It does not say when it is there.
      await until(answers, isThere => isThere)
    },
    async end() {
      await endOf(daemon)
      daemon = undefined
    },
    async [Symbol.asyncDispose]() {
      await endOf(daemon)
      await endOf(bus)
    },
  }
}

const askOwner = [
  ...['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus'],
  'org.freedesktop.DBus.NameHasOwner',
]

async function endOf(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
