/** Whose homes there are, as far as this agent may back them up: root's agent is the machine's, anyone else's their own. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import type { Machine } from '@backstay/proto/policy/expanded-roots'
import type { OperatingSystem } from '@backstay/proto/policy/places'
import { type PathCalls, pathCalls } from '../system/path-calls.ts'

const systems: Readonly<Partial<Record<NodeJS.Platform, OperatingSystem>>> = {
  darwin: 'macos',
  win32: 'windows',
}
/** Where people's ids begin; below are services. 65534 is nobody. */
const firstPerson = process.platform === 'darwin' ? 501 : 1000
const nobody = 65_534

export function thisMachine(
  { foldersIn }: Pick<PathCalls, 'foldersIn'> = pathCalls,
  platform: NodeJS.Platform = process.platform,
): Machine {
  const homesIn = (folder: string, others: readonly string[]) =>
    foldersIn(folder)
      .filter(name => !others.includes(name) && name !== 'lost+found')
      .map(name => `${folder}/${name}`)
  const system = systems[platform] ?? 'linux'
  const isRoot = platform === 'win32' || process.geteuid?.() === 0
  if (!isRoot) return { system, homes: [homedir()] }
  if (system === 'macos') return { system, homes: homesIn('/Users', ['Shared', 'Guest']) }
  if (system === 'windows') {
    const others = ['Public', 'Default', 'Default User', 'All Users']
    return { system, homes: homesIn('C:/Users', others) }
  }
  // People of a directory service are in no passwd, but their homes lie beside the others.
  return { system, homes: [...new Set([...passwdHomes(passwdText()).keys(), ...homesIn('/home', [])])] }
}

/** Of root and of people, as /etc/passwd names them, each with the ids of those whose home it is. */
export function passwdHomes(passwd: string): ReadonlyMap<string, readonly number[]> {
  const homes = new Map<string, number[]>()
  for (const line of passwd.split('\n')) {
    const [, , id, , , place = ''] = line.split(':')
    const home = place.replace(/\/+$/, '')
    if (home.startsWith('/') && isPerson(Number(id)))
      homes.set(home, [...(homes.get(home) ?? []), Number(id)])
  }
  return homes
}

/** Whether a home that belongs to `uid` belongs to whom it should: to whom passwd says, else to some person. */
export function isOwnHome(home: string, uid: number, passwd = passwdText()): boolean {
  // Windows has no numbers for people: whoever may make a home in C:\Users is an administrator.
  if (process.platform === 'win32') return true
  if (process.geteuid?.() !== 0) return uid === process.geteuid?.()
  const named = passwdHomes(passwd).get(home)
  return named === undefined ? uid !== 0 && isPerson(uid) : named.includes(uid)
}

const isPerson = (uid: number): boolean => uid === 0 || isHuman(uid)
/** A person's number, not that of root or of a service. */
export const isHuman = (uid: number): boolean => uid >= firstPerson && uid !== nobody
const passwdText = (): string => readText('/etc/passwd')

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
