/** Runs a command line and says in one sentence what went wrong. Exit codes: 0 done, 1 failed, 2 misused. */

import { commandOf, ExitCode } from '@backstay/agent/commands/program'
import { isFailure, nextStep } from '@backstay/proto/failure'
import { type Command, CommanderError } from 'commander'
import type { Surroundings } from './surroundings.ts'
import type { Terminal } from './terminal.ts'

/** Returns the exit code. */
export async function runProgram(
  program: Command,
  words: readonly string[],
  around: Pick<Surroundings, 'terminal' | 'environment'>,
): Promise<number> {
  prepare(program, around.terminal)
  try {
    await program.parseAsync([...words], { from: 'user' })
    return 0
  } catch (error) {
    const debug = around.environment.BACKSTAY_DEBUG !== undefined
    return explain(error, commandOf(program, words), around.terminal, debug)
  }
}

function prepare(command: Command, terminal: Terminal): void {
  command.exitOverride().showHelpAfterError('hint: add --help')
  command.configureOutput({
    writeOut: text => terminal.print(text.trimEnd()),
    writeErr: text => terminal.say(text.trimEnd()),
  })
  for (const below of command.commands) prepare(below, terminal)
}

function explain(error: unknown, command: string, terminal: Terminal, debug: boolean): number {
  if (error instanceof ExitCode) return error.code
  // Commander has printed its own message; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (isFailure(error)) {
    terminal.say(`error: ${error.message}`)
    terminal.say(`hint: ${nextStep(error, command)}`)
    return 1
  }
  const what = error instanceof Error ? error.message : String(error)
  terminal.say(`error: unexpected: ${what}`)
  terminal.say('hint: this is a mistake in Backstay; run again with BACKSTAY_DEBUG=1 and report what it says')
  if (debug && error instanceof Error) terminal.say(error.stack ?? '')
  return 1
}
