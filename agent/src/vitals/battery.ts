/** The battery of this machine as Linux tells it. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Battery {
  /** Of the emptiest. */
  readonly percent: number
  /** False while it gives power. */
  readonly charging: boolean
}

const suppliesFolder = '/sys/class/power_supply'

/** Undefined: there is none, or nothing can be told. */
export async function battery(folder = suppliesFolder): Promise<Battery | undefined> {
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
