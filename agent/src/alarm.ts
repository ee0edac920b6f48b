/** What is wrong without stopping protection: a word for programs, a sentence for people. */
export interface Alarm {
  readonly code: AlarmCode
  readonly message: string
}

export type AlarmCode = 'older_policy' | 'policy_not_believed' | 'rolled_back' | 'memory_lost' | 'pages_lost'
