/**
 * Who works on this machine, for people who look for "Ada's laptop": the account of a user's own agent; of root's agent
 * whoever sits at the screen, else the owner of the home that was used last. A hint, of no weight for anything.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '@backstay/proto/bytes'
import { printable } from '@backstay/proto/trust/fields'
import { userBytesMax } from '@backstay/proto/trust/heartbeat'
import { isHuman, thisMachine } from '../policy/machine.ts'
import { isFarPath } from '../system/mounts.ts'
import { type PathCalls, pathCalls } from '../system/path-calls.ts'

export interface PersonPlaces {
  readonly platform: NodeJS.Platform
  /** Undefined for the machine's agent. */
  readonly own: string | undefined
  /** Where systemd-logind says who has signed in. */
  readonly sessions: string
  /** Belongs to who sits at a Mac. */
  readonly console: string
  readonly passwd: string
  readonly homes: () => readonly string[]
}

export const hereIsWho = (paths: PathCalls = pathCalls): PersonPlaces => ({
  platform: process.platform,
  own: process.platform === 'win32' || process.geteuid?.() === 0 ? undefined : userInfo().username,
  sessions: '/run/systemd/sessions',
  console: '/dev/console',
  passwd: '/etc/passwd',
  // One on a server is looked at by nobody: it may hold up whoever does.
  homes: () => thisMachine(paths).homes.filter(home => home !== homedir() && !isFarPath(home)),
})

/** Empty when nobody can be told. Never rejects. */
export async function personAt(places: PersonPlaces = hereIsWho()): Promise<string> {
  const name = places.own ?? (await atScreen(places)) ?? (await ofNewestHome(places)) ?? ''
  const told = printable(name)
  return utf8(told).length <= userBytesMax ? told : ''
}

async function atScreen({ platform, sessions, console, homes }: PersonPlaces): Promise<string | undefined> {
  if (platform === 'darwin') {
    const { uid } = await stat(console).catch(() => ({ uid: 0 }))
    // People of a Mac are in no passwd; their homes have their names.
    const owners = await Promise.all(
      homes().map(async home => [home, await stat(home).catch(() => undefined)] as const),
    )
    return uid === 0 ? undefined : lastOf(owners.find(([, facts]) => facts?.uid === uid)?.[0])
  }
  for (const name of (await readdir(sessions).catch(() => [])).sort()) {
    const facts = new Map((await textOf(join(sessions, name))).split('\n').map(pair))
    if (facts.get('ACTIVE') !== '1' || facts.get('CLASS') !== 'user') continue
    if (isHuman(Number(facts.get('UID'))) && facts.get('USER')) return facts.get('USER')
  }
  return undefined
}

async function ofNewestHome({ platform, passwd, homes }: PersonPlaces): Promise<string | undefined> {
  let newest: { readonly atMs: number; readonly name: string | undefined } = { atMs: 0, name: undefined }
  const names = await textOf(passwd)
  for (const home of homes()) {
    const facts = await stat(home).catch(() => undefined)
    if (facts === undefined || facts.mtimeMs <= newest.atMs) continue
    const name = platform === 'linux' ? nameOf(facts.uid, names) : lastOf(home)
    if (name !== undefined) newest = { atMs: facts.mtimeMs, name }
  }
  return newest.name
}

/** Of people alone: services and root own homes, too. */
function nameOf(uid: number, passwd: string): string | undefined {
  const lines = passwd.split('\n').map(line => line.split(':'))
  const found = lines.find(([, , id]) => id === String(uid))?.[0]
  return isHuman(uid) ? found : undefined
}

const lastOf = (home: string | undefined): string | undefined => home?.split(/[/\\]/).at(-1)

const pair = (line: string): readonly [string, string] => {
  const at = line.indexOf('=')
  return [line.slice(0, Math.max(at, 0)), line.slice(at + 1)]
}

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
