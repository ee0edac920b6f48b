/** `backstay snapshots`: the snapshots of a device, opened with its escrow. */
import { printSnapshots } from '@backstay/agent/commands/browse'
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { openArchive } from '../device-archive.ts'
import { type CommonOptions, type KitOption, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'

export function snapshotsCommand(around: Surroundings): Command {
  const command = new Command('snapshots')
    .description('list the snapshots of a device, newest first')
    .argument('<device>', 'its name or id')
  command.option('--kit <file>', 'unlock with the recovery kit instead of your own key')
  return withCommonOptions(command).action(async (device: string, options: CommonOptions & KitOption) => {
    await using session = await openAdminSession(around, options)
    await printSnapshots(
      await openArchive(session, device, options.kit),
      around.terminal,
      options.json ?? false,
    )
  })
}
