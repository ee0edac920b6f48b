import { hostname, platform, release } from 'node:os'
import type { Command } from 'commander'
import { agentVersion, surroundings } from '../agent.ts'
import { enroll } from '../keys/enroll.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'
import type { Terminal } from './program.ts'

interface Options extends CommonOptions {
  readonly name?: string
}

export function addEnroll(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('enroll'))
    .description('make this device a member of a fleet')
    .argument('<token>', 'what `backstay token` printed')
    .option('--name <name>', 'what the fleet calls this device (default: its host name)')
    .action(async (token: string, options: Options) => {
      const name = options.name ?? hostname()
      const identity = await enroll({
        ...surroundings(stateOf(options)),
        ...{
          token,
          name,
          platform: `${platform()} ${release()}`,
          software: `backstay-agent ${agentVersion}`,
        },
      })
      const { device, fleet } = identity
      if (options.json) terminal.print(JSON.stringify({ device, fleet, name, state: stateOf(options) }))
      else terminal.print(`enrolled "${name}" as device ${device}\nnext: backstay-agent backup`)
    })
}
