/** Where the agent keeps its state: root's agent is the machine's, anyone else's their own. */
import { accessSync, constants } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { posix, win32 } from 'node:path'

export interface StatePlace {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** Of POSIX systems: the user is root. */
  readonly isRoot: boolean
  /** Of Windows: its service account. */
  readonly isSystem: boolean
  mayUse(folder: string): boolean
}

/** LocalSystem, as its processes are told. */
export const isServiceOfWindows = (): boolean =>
  process.platform === 'win32' && userInfo().username.toUpperCase() === 'SYSTEM'

const thisPlace = (): StatePlace => ({
  platform: process.platform,
  environment: process.env,
  home: homedir(),
  isRoot: process.geteuid?.() === 0,
  isSystem: isServiceOfWindows(),
  mayUse,
})

export function stateFolder(place: StatePlace = thisPlace()): string {
  const { platform, environment, home, isRoot } = place
  if (platform === 'win32') return windowsFolder(place)
  if (platform === 'darwin')
    return posix.join(isRoot ? '/' : home, 'Library/Application Support/Backstay/agent')
  return isRoot ? '/var/lib/backstay-agent' : posix.join(home, '.local/state/backstay-agent')

  /** The machine's where it is installed and closed to others, so that administrators ask its service and nobody else's. */
  function windowsFolder({ isSystem, mayUse }: StatePlace): string {
    const machines = win32.join(environment.ProgramData || 'C:\\ProgramData', 'Backstay', 'agent')
    if (isSystem || mayUse(machines)) return machines
    const own = environment.LOCALAPPDATA || win32.join(home, 'AppData', 'Local')
    return win32.join(own, 'Backstay', 'agent')
  }
}

function mayUse(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
