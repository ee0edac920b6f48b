import { Failure } from '@backstay/proto/failure'
import type { Command } from 'commander'
import { ownArchive } from './archive.ts'
import { type RestoreCommandOptions, restoreInto } from './browse.ts'
import { type CommonOptions, typedComponents, withCommonOptions, withReadingSession } from './options.ts'
import type { Terminal } from './program.ts'

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
        requireMayRestore(obedience.policy.values.mayRestore)
        const components = path === undefined ? undefined : typedComponents(path)
        const archive = await ownArchive(agent, session)
        await restoreInto(archive, agent.system, terminal, components, { ...options, signal })
      }),
    )
}

/** A courtesy between people: whoever owns the state folder holds the keys too. */
function requireMayRestore(mayRestore: boolean): void {
  if (mayRestore) return
  throw new Failure('not_allowed', 'the policy of this device leaves restores to your admin', {
    hint: 'ask an admin: backstay restore DEVICE PATH',
  })
}
