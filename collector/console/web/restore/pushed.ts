/** A restore that devices do themselves goes on whether or not somebody looks: a page that is opened again finds it here. */
import type { WishedPlace } from '@backstay/proto/trust/restore-wish'
import type { Amount } from './speed.ts'

export interface Pushed {
  readonly jobs: readonly string[]
  readonly place: WishedPlace
  /** The device that gives it back: the one that was looked at, or its replacement. */
  readonly onto: string
  readonly amount: Amount | undefined
}

/** In this browser, while the tab is open: no names, and ids that the collector knows as well. */
export function rememberPushed(device: string, pushed: Pushed | undefined): void {
  if (pushed === undefined) sessionStorage.removeItem(placeOf(device))
  else sessionStorage.setItem(placeOf(device), JSON.stringify(pushed))
}

export function rememberedPushed(device: string): Pushed | undefined {
  const found = sessionStorage.getItem(placeOf(device))
  try {
    return found === null ? undefined : (JSON.parse(found) as Pushed)
  } catch {
    return undefined
  }
}

const placeOf = (device: string) => `pushed ${device}`
