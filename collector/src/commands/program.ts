/** The command `backstay-collector`. */
import { runProgram } from '@backstay/proto/command-line'
import { productVersion } from '@backstay/proto/product-version'
import { Command } from 'commander'
import { commandsFor } from './commands.ts'
import type { Surroundings } from './surroundings.ts'

/** Returns the exit code. */
export async function run(words: readonly string[], around: Surroundings): Promise<number> {
  const program = new Command('backstay-collector')
    .description('stores the backups of a fleet, which only its admins and devices can open')
    .version(productVersion)
  for (const make of await commandsFor(words[0])) program.addCommand(make(around))
  return runProgram(program, words, { terminal: around, environment: around.environment })
}
