/** The battery as kernel32 tells it: GetSystemPowerStatus, which asks no service and costs microseconds. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Power } from './power.ts'

type GetSystemPowerStatus = (status: Bytes) => number

/** SYSTEM_POWER_STATUS: ACLineStatus, BatteryFlag, BatteryLifePercent, SystemStatusFlag, and two times of 4 bytes. */
const statusBytes = 12
const offline = 0
const noBattery = 0x80
const unknown = 0xff

let asked: Promise<GetSystemPowerStatus | undefined> | undefined

export async function windowsPower(): Promise<Power | undefined> {
  asked ??= load().catch(() => undefined)
  const ask = await asked
  const status = new Uint8Array(statusBytes)
  return ask === undefined || ask(status) === 0 ? undefined : powerOf(status)
}

export function powerOf([line = unknown, flag = unknown, percent = unknown]: Bytes): Power | undefined {
  if (flag === unknown || (flag & noBattery) !== 0 || percent > 100) return undefined
  // Where it does not know what feeds it, nothing is held up.
  return { percent, charging: line !== offline }
}

async function load(): Promise<GetSystemPowerStatus> {
  const { default: koffi } = await import('koffi')
  return koffi
    .load('kernel32.dll')
    .func('int32 GetSystemPowerStatus(void *)') as unknown as GetSystemPowerStatus
}
