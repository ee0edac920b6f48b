/** The battery of this machine as Linux tells it. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Power } from './power.ts'

const suppliesFolder = '/sys/class/power_supply'

export async function linuxPower(folder = suppliesFolder): Promise<Power | undefined> {
  const idle: number[] = []
  const giving: number[] = []
  let onMains = false
  for (const supply of await readdir(folder).catch((): string[] => [])) {
    const read = async (name: string) =>
      (await readFile(join(folder, supply, name), 'utf8').catch(() => '')).trim()
    if ((await read('type')) === 'Mains' && (await read('online')) === '1') onMains = true
    // A mouse has a battery too.
    if ((await read('type')) !== 'Battery' || (await read('scope')) === 'Device') continue
    const percent = Number.parseInt(await read('capacity'), 10)
    if (!(percent >= 0 && percent <= 100)) continue
    const isGiving = (await read('status')) === 'Discharging'
    ;(isGiving ? giving : idle).push(percent)
  }
  if (giving.length > 0 && !onMains) return { percent: Math.min(...giving), charging: false }
  const all = [...giving, ...idle]
  return all.length === 0 ? undefined : { percent: Math.min(...all), charging: true }
}
