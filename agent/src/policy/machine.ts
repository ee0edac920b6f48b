/** Whose homes there are, as far as this agent may back them up: root's agent is the machine's, anyone else's their own. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import type { OperatingSystem } from '@backstay/proto/policy/places'

export interface Machine {
  readonly system: OperatingSystem
  /** Absolute, each once. */
  readonly homes: readonly string[]
}

const systems: Readonly<Partial<Record<NodeJS.Platform, OperatingSystem>>> = {
  darwin: 'macos',
  win32: 'windows',
}
/** Where people's ids begin; below are services. 65534 is nobody. */
const firstPerson = 1000
const nobody = 65_534

export function thisMachine(platform: NodeJS.Platform = process.platform): Machine {
  const system = systems[platform] ?? 'linux'
  const isRoot = platform === 'win32' || process.geteuid?.() === 0
  if (!isRoot) return { system, homes: [homedir()] }
  if (system === 'macos') return { system, homes: foldersIn('/Users', ['Shared', 'Guest']) }
  if (system === 'windows') {
    const others = ['Public', 'Default', 'Default User', 'All Users']
    return { system, homes: foldersIn('C:/Users', others) }
  }
  return { system, homes: [...new Set([...passwdHomes(readText('/etc/passwd')), ...foldersIn('/home', [])])] }
}

/** Of root and of people, as /etc/passwd names them. */
export function passwdHomes(passwd: string): string[] {
  return passwd.split('\n').flatMap(line => {
    const [, , id, , , home = ''] = line.split(':')
    const number = Number(id)
    const isPerson = number === 0 || (number >= firstPerson && number !== nobody)
    return isPerson && home.startsWith('/') && home !== '/' ? [home.replace(/\/+$/, '')] : []
  })
}

/** People of a directory service are in no passwd, but their homes lie beside the others. */
function foldersIn(folder: string, others: readonly string[]): string[] {
  try {
    return readdirSync(folder)
      .filter(name => !others.includes(name) && name !== 'lost+found')
      .map(name => `${folder}/${name}`)
      .filter(path => lstatSync(path).isDirectory())
  } catch {
    return []
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
