import type { Terminal } from '@backstay/proto/command-line'
import type { Command } from 'commander'
import { ownArchive } from './archive.ts'
import { type ListOptions, printEntries } from './browse.ts'
import { type CommonOptions, withCommonOptions, withReadingSession } from './options.ts'
import { typedComponents } from './typed-path.ts'

export function addLs(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('ls'))
    .description('list a folder of a snapshot')
    .argument('[path]', 'a folder or a file (default: the volume)')
    .option('--at <time>', 'the newest snapshot up to this time, or "#12" (default: the newest)')
    .option('--recursive', 'all that is below')
    .option('--unread', 'only what the backup could not read, with the reason')
    .action((path: string | undefined, options: CommonOptions & ListOptions) =>
      withReadingSession(options, terminal.say, async (agent, { session }) => {
        const components = path === undefined ? undefined : typedComponents(path)
        await printEntries(await ownArchive(agent, session), terminal, components, options)
      }),
    )
}
