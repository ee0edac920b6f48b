/** Reads the command line of backstay-collector and says in one sentence what went wrong. */

import { isFailure, nextStep } from '@backstay/proto/failure'
import { productVersion } from '@backstay/proto/product-version'
import { Command, CommanderError } from 'commander'
import { commandsFor } from './commands.ts'
import type { Surroundings } from './surroundings.ts'

/** 0 done, 1 failed, 2 misused. Returns the exit code. */
export async function run(words: readonly string[], around: Surroundings): Promise<number> {
  const program = new Command('backstay-collector')
    .description('stores the backups of a fleet, which only its admins and devices can open')
    .version(productVersion)
  for (const make of await commandsFor(words[0])) program.addCommand(make(around))
  prepare(program, around)
  try {
    await program.parseAsync([...words], { from: 'user' })
    return 0
  } catch (error) {
    const known = program.commands.find(command => command.name() === words[0])
    return explain(error, known === undefined ? program.name() : `${program.name()} ${known.name()}`, around)
  }
}

function prepare(command: Command, around: Surroundings): void {
  command.exitOverride().showHelpAfterError('hint: add --help')
  command.configureOutput({
    writeOut: text => around.print(text.trimEnd()),
    writeErr: text => around.say(text.trimEnd()),
  })
  for (const below of command.commands) prepare(below, around)
}

function explain(error: unknown, command: string, { say, environment }: Surroundings): number {
  // Commander has printed its own message; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (isFailure(error)) {
    say(`error: ${error.message}`)
    say(`hint: ${nextStep(error, command)}`)
    return error.code === 'bad_settings' ? 2 : 1
  }
  say(`error: unexpected: ${error instanceof Error ? error.message : String(error)}`)
  say('hint: this is a mistake in Backstay; run again with BACKSTAY_DEBUG=1 and report what it says')
  if (environment.BACKSTAY_DEBUG !== undefined && error instanceof Error) say(error.stack ?? '')
  return 1
}
