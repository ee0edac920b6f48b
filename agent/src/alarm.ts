import type { ForkKind } from '@backstay/proto/log/witness'

/** What is wrong without stopping protection: a word for programs, a sentence for people. */
export interface Alarm {
  readonly code: AlarmCode
  readonly message: string
}

export type AlarmCode =
  | ('order_refused' | 'policy_stale' | 'policy_newer' | 'coverage_dropped' | 'hook_failed' | 'vss_failed')
  | ForkKind
  /** Of a single backup, for whoever started it; a heartbeat names the roots themselves. */
  | 'root_flagged'
  | ('cloned' | 'escrow_waits' | 'rolled_back' | 'memory_lost' | 'pages_lost')
