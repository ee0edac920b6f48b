import type { Terminal } from '@backstay/proto/command-line'
import type { Command } from 'commander'
import { requireMayRestore } from '../policy/may-restore.ts'
import { ownArchive } from './archive.ts'
import { type RestoreCommandOptions, restoreInto } from './browse.ts'
import { type CommonOptions, withCommonOptions, withReadingSession } from './options.ts'
import { typedComponents } from './typed-path.ts'

export function addRestore(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('restore'))
    .description(
      'restore a file or folder of this device into a folder; nothing that is there is overwritten',
    )
    .argument('[path]', 'what to restore (default: everything)')
    .requiredOption('--to <dir>', 'the folder to restore into; made when it is not there')
    .option('--at <time>', 'the newest snapshot up to this time, or "#12" (default: the newest)')
    .option('--as-root', 'give back owners, set-id bits, device nodes and capabilities too')
    .action((path: string | undefined, options: CommonOptions & RestoreCommandOptions) =>
      withReadingSession(options, terminal.say, async (agent, { session, obedience }, signal) => {
        requireMayRestore(obedience.policy.values)
        const components = path === undefined ? undefined : typedComponents(path)
        const archive = await ownArchive(agent, session)
        await restoreInto(archive, agent.system, terminal, components, { ...options, signal })
      }),
    )
}
