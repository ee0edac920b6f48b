/** `backstay snapshots`: the snapshots of a device, opened with its escrow. */
import { printSnapshots } from '@backstay/agent/commands/browse'
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { openArchive } from '../device-archive.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'

export function snapshotsCommand(around: Surroundings): Command {
  const command = new Command('snapshots')
    .description('list the snapshots of a device, newest first')
    .argument('<device>', 'its name or id')
  return withCommonOptions(command).action(async (device: string, options: CommonOptions) => {
    await using session = await openAdminSession(around, options)
    await printSnapshots(await openArchive(session, device), around.terminal, options.json ?? false)
  })
}
