/** Where whoever sets up this machine puts what the agent is to find: a token, hooks. State lies elsewhere (agent.ts). */
import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'

export interface SettingsPlace {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Root's agent is the machine's; anyone else's is their own. Windows has no such number: there it is the machine's. */
  readonly isRoot: boolean
  readonly home: string
}

export const thisPlace = (): SettingsPlace => ({
  platform: process.platform,
  environment: process.env,
  isRoot: (process.geteuid?.() ?? 0) === 0,
  home: homedir(),
})

export function settingsFolder({ platform, environment, isRoot, home }: SettingsPlace = thisPlace()): string {
  if (environment.BACKSTAY_SETTINGS) return environment.BACKSTAY_SETTINGS
  if (platform === 'win32') {
    return win32.join(environment.ProgramData || 'C:\\ProgramData', 'Backstay', 'etc')
  }
  if (platform === 'darwin') {
    return posix.join(isRoot ? '/' : home, 'Library/Application Support/Backstay/etc')
  }
  return isRoot
    ? '/etc/backstay'
    : posix.join(environment.XDG_CONFIG_HOME || posix.join(home, '.config'), 'backstay')
}
