/** Battery and link of this machine, asked only when something is due. What cannot be told does not hold up a backup. */
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const suppliesFolder = '/sys/class/power_supply'
const askMs = 2000

/** Undefined on mains, or when it is not known. */
export async function batteryPercent(folder = suppliesFolder): Promise<number | undefined> {
  const supplies = await readdir(folder).catch((): string[] => [])
  let lowest: number | undefined
  for (const supply of supplies) {
    const read = async (name: string) =>
      (await readFile(join(folder, supply, name), 'utf8').catch(() => '')).trim()
    if ((await read('type')) === 'Mains' && (await read('online')) === '1') return undefined
    // A mouse has a battery too.
    if ((await read('type')) !== 'Battery' || (await read('scope')) === 'Device') continue
    const capacity = Number.parseInt(await read('capacity'), 10)
    if ((await read('status')) !== 'Discharging' || Number.isNaN(capacity)) continue
    lowest = Math.min(lowest ?? 100, capacity)
  }
  return lowest
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
