/** `backstay-agent trust`: the way back for a device that slept while the keys of its collector were replaced. */
import type { Terminal } from '@backstay/proto/command-line'
import { Failure } from '@backstay/proto/failure'
import { readInvitation } from '@backstay/proto/trust/invitation'
import type { Command } from 'commander'
import { openAgent } from '../agent.ts'
import { adoptTrust } from '../link/adopt-trust.ts'
import { readGiven } from './named-file.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'

export function addTrust(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('trust'))
    .description(
      'believe the Trust of this fleet as an admin hands it over, where the collector cannot be reached with the old one',
    )
    .argument('<file>', 'with the line of `backstay collector-key line`; - for standard input')
    .action(async (file: string, options: CommonOptions) => {
      const { fleet, chain } = readInvitation(await readGiven(file))
      await using agent = await openAgent(stateOf(options))
      if (fleet !== agent.identity.fleet)
        throw new Failure('wrong_fleet', 'this line is of another fleet than this device')
      const before = agent.trust.document.version
      // Signatures decide, as they do when a collector shows it: who handed it over does not matter.
      const { document } = await adoptTrust(agent, agent.trust, chain.slice(before))
      if (options.json) return terminal.print(JSON.stringify({ before, version: document.version }))
      terminal.print(
        document.version === before
          ? `nothing is newer in it than version ${before} of Trust, which this device believes`
          : `this device believes version ${document.version} of Trust now; start the agent`,
      )
    })
}
