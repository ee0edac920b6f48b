/** The states of a device: icon, word and colour each; in the order of a list, the worst first. */
import type { HealthState } from '@backstay/proto/health/health'

export type { HealthState }

export interface StateLook {
  readonly word: string
  /** Of tokens.css. */
  readonly tone: 'good' | 'warn' | 'bad' | 'rest' | 'gone'
  readonly outline: boolean
}

export const stateLooks: Readonly<Record<HealthState, StateLook>> = {
  unprotected: { word: 'Unprotected', tone: 'bad', outline: false },
  never_backed_up: { word: 'Never backed up', tone: 'bad', outline: true },
  at_risk: { word: 'At risk', tone: 'warn', outline: false },
  protected: { word: 'Protected', tone: 'good', outline: false },
  offline_complete: { word: 'Offline, complete', tone: 'rest', outline: true },
  paused: { word: 'Paused', tone: 'rest', outline: false },
  retired: { word: 'Retired', tone: 'gone', outline: false },
}

export const statesInOrder = Object.keys(stateLooks) as readonly HealthState[]
