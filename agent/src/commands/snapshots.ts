import type { Terminal } from '@backstay/proto/command-line'
import type { Command } from 'commander'
import { ownArchive } from './archive.ts'
import { printSnapshots } from './browse.ts'
import { type CommonOptions, withCommonOptions, withReadingSession } from './options.ts'

export function addSnapshots(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('snapshots'))
    .description('list the snapshots of this device, newest first')
    .action((options: CommonOptions) =>
      withReadingSession(options, terminal.say, async (agent, { session }) =>
        printSnapshots(await ownArchive(agent, session), terminal, options.json ?? false),
      ),
    )
}
