/** What the commands need from outside, so that a test can give them another terminal, clock or collector. */
import type { Clock } from '@backstay/proto/clock'
import type { Primitives } from '@backstay/proto/primitives'
import type { Connecting } from './connecting.ts'
import type { Terminal } from './terminal.ts'

export interface Surroundings {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly terminal: Terminal
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly connecting: Connecting
  /** Aborted when the person interrupts. */
  readonly signal: AbortSignal
  /** scrypt work factor of new key files, as a power of two; age's own when absent. Tests take less. */
  readonly scryptLogN?: number
}
