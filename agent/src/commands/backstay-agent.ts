/** The command `backstay-agent`, wherever it runs. */
import { type ProgramSurroundings, runProgram } from '@backstay/proto/command-line'
import { productVersion } from '@backstay/proto/product-version'
import { Command } from 'commander'
import { called } from './called.ts'
import { commands } from './commands.ts'

/** Returns the exit code. */
export async function runAgentCommand(
  words: readonly string[],
  around: ProgramSurroundings,
): Promise<number> {
  const program = new Command('backstay-agent')
    .description('backs up this device, sealed before it leaves')
    .version(productVersion)
  for (const add of await called(commands, words)) add(program, around.terminal)
  return runProgram(program, words, around)
}
