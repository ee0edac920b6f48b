/** All commands of `backstay`, in the order in which --help lists them. */
import type { Command } from 'commander'
import { devicesCommand } from './commands/devices.ts'
import { initCommand } from './commands/init.ts'
import { proveCommand } from './commands/prove.ts'
import { tokenCommand } from './commands/token.ts'
import type { Surroundings } from './surroundings.ts'

export const commands: readonly ((around: Surroundings) => Command)[] = [
  initCommand,
  tokenCommand,
  devicesCommand,
  proveCommand,
]
