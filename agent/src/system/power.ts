/** The battery of this machine, as its system tells it. systeminformation starts three shells for it on Windows, and takes a battery that is low there for one that is charged. */
import { linuxPower } from './linux-power.ts'
import { macosPower } from './macos-power.ts'
import { windowsPower } from './windows-power.ts'

export interface Power {
  /** Of the emptiest battery that gives power. */
  readonly percent: number
  /** False while it gives power. */
  readonly charging: boolean
}

/** Undefined: there is no battery, or nothing can be told. */
export async function readPower(platform: string = process.platform): Promise<Power | undefined> {
  if (platform === 'linux') return linuxPower()
  if (platform === 'darwin') return macosPower()
  return platform === 'win32' ? windowsPower() : undefined
}
