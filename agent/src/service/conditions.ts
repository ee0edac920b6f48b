/** Battery and link of this machine, asked only when something is due. What cannot be told does not hold up a backup. */
import { execFile } from 'node:child_process'
import { battery } from '../vitals/battery.ts'

const askMs = 2000

/** Undefined on mains, or when it is not known. */
export async function batteryPercent(folder?: string): Promise<number | undefined> {
  const power = await battery(folder)
  return power === undefined || power.charging ? undefined : power.percent
}

/** NetworkManager's word: 1 is yes, 3 is "I guess yes". */
export function isMetered(): Promise<boolean> {
  const service = 'org.freedesktop.NetworkManager'
  const words = ['--system', 'get-property', service, '/org/freedesktop/NetworkManager', service, 'Metered']
  return new Promise(resolve => {
    execFile('busctl', words, { timeout: askMs }, (error, out) => {
      resolve(error === null && /^u [13]\b/.test(out))
    })
  })
}
