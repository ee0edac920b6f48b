/** Battery and link of this machine, asked only when something is due. What cannot be told does not hold up a backup. */
import { execFile } from 'node:child_process'
import type { Manners } from '@backstay/proto/policy/schedule'
import { readPower } from '../system/power.ts'
import type { Conditions } from './scheduler.ts'

export type MachineConditions = (
  manners: Pick<Manners, 'batteryPercentMin' | 'onMetered'>,
) => Promise<Pick<Conditions, 'batteryPercent' | 'isMetered'>>

export const nothingKnown = { batteryPercent: undefined, isMetered: false } as const

/** Nothing is asked that the manners do not want to know. */
export const machineConditions: MachineConditions = async ({ batteryPercentMin, onMetered }) => ({
  batteryPercent: batteryPercentMin > 0 ? await batteryPercent() : undefined,
  isMetered: onMetered ? false : await isMetered(),
})

const askMs = 2000

/** Undefined on mains, or when it is not known. */
async function batteryPercent(): Promise<number | undefined> {
  const power = await readPower()
  return power === undefined || power.charging ? undefined : power.percent
}

/**
 * NetworkManager's word. Windows and macOS know it too, and tell it through interfaces that no plain call reaches: there no
 * network is metered for this agent (operations.md §14).
 */
function isMetered(): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(false)
  const service = 'org.freedesktop.NetworkManager'
  const words = ['--system', 'get-property', service, '/org/freedesktop/NetworkManager', service, 'Metered']
  return new Promise(resolve => {
    execFile('busctl', words, { timeout: askMs }, (error, out) => {
      resolve(error === null && saysMetered(out))
    })
  })
}

/** As `busctl` prints it: 1 is yes, 2 no, 3 "I guess yes", 4 "I guess no", 0 unknown. */
export function saysMetered(out: string): boolean {
  return /^u [13]\b/.test(out)
}
