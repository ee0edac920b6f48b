/** The composition root of `backstay`, the admin's side. Which commands there are: commands.ts. */

import { called } from '@backstay/agent/commands/called'
import { runProgram } from '@backstay/agent/commands/program'
import { wsTransport } from '@backstay/agent/link/ws-transport'
import { nodePrimitives } from '@backstay/proto/node'
import { productVersion } from '@backstay/proto/product-version'
import { systemClock } from '@backstay/proto/system-clock'
import { Command } from 'commander'
import { commands } from './commands.ts'
import { linkConnecting } from './link-connecting.ts'
import type { Surroundings } from './surroundings.ts'
import { processTerminal } from './terminal.ts'

/** `more`: what tests that start it as a process have otherwise. */
export async function runBackstay(more: Pick<Surroundings, 'scryptLogN'> = {}): Promise<void> {
  const words = process.argv.slice(2)
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())

  const parts = {
    primitives: nodePrimitives,
    clock: systemClock,
    transport: wsTransport({ clock: systemClock }),
    software: `backstay ${productVersion}`,
  }
  using terminal = processTerminal({ input: process.stdin, output: process.stdout, errors: process.stderr })
  const around = {
    primitives: nodePrimitives,
    clock: systemClock,
    terminal,
    environment: process.env,
    connecting: linkConnecting(parts),
    signal: interrupted.signal,
    ...more,
  }
  const program = new Command('backstay')
    .description("the admin's side of Backstay: found a fleet, add devices, look after them, restore")
    .version(productVersion)
  for (const make of await called(commands, words)) program.addCommand(make(around))
  process.exitCode = await runProgram(program, words, around)
}
