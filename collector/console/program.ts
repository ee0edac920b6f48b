/** The composition root of `backstay`, the admin's side. Which commands there are: commands.ts. */
import { called } from '@backstay/agent/commands/called'
import { wsTransport } from '@backstay/agent/link/ws-transport'
import { runProgram } from '@backstay/proto/command-line'
import { nodePrimitives } from '@backstay/proto/node'
import { productVersion } from '@backstay/proto/product-version'
import { systemClock } from '@backstay/proto/system-clock'
import { Command } from 'commander'
import { commands } from './commands.ts'
import { linkConnecting } from './link-connecting.ts'
import type { Surroundings } from './surroundings.ts'

/** Returns the exit code. */
export async function runAdminCommand(
  words: readonly string[],
  given: Pick<Surroundings, 'terminal' | 'environment' | 'signal' | 'scryptLogN'>,
): Promise<number> {
  const parts = {
    primitives: nodePrimitives,
    clock: systemClock,
    transport: wsTransport({ clock: systemClock }),
    software: `backstay ${productVersion}`,
  }
  const around = {
    ...given,
    primitives: nodePrimitives,
    clock: systemClock,
    connecting: linkConnecting(parts),
  }
  const program = new Command('backstay')
    .description("the admin's side of Backstay: found a fleet, add devices, look after them, restore")
    .version(productVersion)
  for (const make of await called(commands, words)) program.addCommand(make(around))
  return runProgram(program, words, around)
}
