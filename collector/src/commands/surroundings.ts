/** What a command needs of the process that runs it. */
import type { Command } from 'commander'
import type { Environment } from './settings.ts'

export interface Surroundings {
  /** Results, to standard output. */
  print(line: string): void
  /** Everything else, to standard error. */
  say(line: string): void
  readonly environment: Environment
  /** Aborts when somebody wants us to stop. */
  readonly signal: AbortSignal
}

export type MakeCommand = (around: Surroundings) => Command
