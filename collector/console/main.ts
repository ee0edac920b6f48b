/** The composition root of `backstay`, the admin's side. Which commands there are: commands.ts. */
import { runProgram } from '@backstay/agent/commands/program'
import { wsTransport } from '@backstay/agent/link/ws-transport'
import { nodePrimitives } from '@backstay/proto/node'
import { systemClock } from '@backstay/proto/system-clock'
import { Command } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { commands } from './commands.ts'
import { linkConnecting } from './link-connecting.ts'
import { processTerminal } from './terminal.ts'

const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())

const parts = {
  primitives: nodePrimitives,
  clock: systemClock,
  transport: wsTransport({ clock: systemClock }),
  software: `backstay ${manifest.version}`,
}
using terminal = processTerminal({ input: process.stdin, output: process.stdout, errors: process.stderr })
const around = {
  primitives: nodePrimitives,
  clock: systemClock,
  terminal,
  environment: process.env,
  connecting: linkConnecting(parts),
  signal: interrupted.signal,
}
const program = new Command('backstay')
  .description("the admin's side of Backstay: found a fleet, add devices, look after them, restore")
  .version(manifest.version)
for (const command of commands) program.addCommand(command(around))
process.exitCode = await runProgram(program, process.argv.slice(2), around)
