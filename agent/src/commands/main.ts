/** The command `backstay-agent`. */
import { productVersion } from '@backstay/proto/product-version'
import { Command } from 'commander'
import { called } from './called.ts'
import { commands } from './commands.ts'
import { runProgram, terminal } from './program.ts'

const words = process.argv.slice(2)
const program = new Command('backstay-agent')
  .description('backs up this device, sealed before it leaves')
  .version(productVersion)
for (const add of await called(commands, words)) add(program, terminal)
process.exitCode = await runProgram(program, words)
